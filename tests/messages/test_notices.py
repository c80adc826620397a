"""What LogiVet's agenda and message centre say (S88, S98-S100)."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.messages import notices
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.services.events import FeedEvent
from tests.support.clinics import at

CLINIC = ClinicFacts("Clinique P&C", "P&C Clinic")
BOOKED = at("2026-03-16", "09:59")
BOOKING = BookingFacts(
    account_id=uuid.uuid4(),
    id=uuid.uuid4(),
    version=1,
    status="confirmed",
    resource_id=uuid.uuid4(),
    species_id=uuid.uuid4(),
    category_id=uuid.uuid4(),
    resource_ref="5",
    category_ref="12",
    species_ref="c",
    starts_at=at("2026-03-18", "13:30"),
    ends_at=at("2026-03-18", "14:00"),
    time_zone="America/Toronto",
    language="fr",
    labels={
        "category": {"fr": "Examen", "en": "Exam"},
        "species": {"fr": "Canin", "en": "Canine"},
        "resource": {"fr": "Dr John Dolittle", "en": "Dr John Dolittle"},
    },
    client_name="Solutions Vet",
    email="solutions@exemple.ca",
    phone="+15145550134",
    pet_name="Tom",
    reason="Vaccin",
    booked_at=datetime(2026, 3, 16, 13, 59, tzinfo=UTC),
    consent_at=datetime(2026, 3, 16, 13, 59, tzinfo=UTC),
    consent_version="2026-01",
    consent_locale="fr",
    cancelled_at=None,
    cancelled_by=None,
    cancel_reason=None,
)
CANCELLED = replace(BOOKING, version=2, status="cancelled", cancel_reason="Il va mieux")
BLANKED = replace(
    CANCELLED,
    client_name=None, email=None, phone=None, pet_name=None, reason=None, cancel_reason=None,
)  # fmt: skip
TYPES = [
    ("booking.created", {}),
    ("booking.cancelled", {}),
    ("booking.conflict", {"busy_id": "A-9913"}),
    ("notice", {"about": "undelivered", "mail": "confirmation"}),
    ("notice", {"about": "undelivered", "mail": "cancellation"}),
    ("notice", {"about": "undelivered", "mail": "cancelled_by_clinic"}),
    ("notice", {"about": "undelivered", "mail": "moved_by_clinic"}),
]


def event(kind="booking.created", booking=BOOKING, **facts):
    return FeedEvent(1, uuid.uuid4(), kind, BOOKED, facts, booking)


def plain(text):
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "fr",
            notices.AgendaText(
                "Confirmé",
                "confirmed",
                "Rendez-vous en ligne, réservé le 16 mars 2026 à 9 h 59. Animal : Tom (Canin)."
                " Raison : Vaccin. Téléphone : 514 555-0134. Courriel : solutions@exemple.ca.",
            ),
        ),
        (
            "en",
            notices.AgendaText(
                "Confirmed",
                "confirmed",
                "Online appointment, booked on March 16, 2026 at 9:59 a.m. Pet: Tom (Canine)."
                " Reason: Vaccin. Phone: 514-555-0134. Email: solutions@exemple.ca.",
            ),
        ),
    ],
)
def test_a_booking_enters_the_agenda(lang, told):
    text = notices.agenda(event(), CLINIC, lang)
    assert replace(text, description=plain(text.description)) == told


@pytest.mark.parametrize(
    ("lang", "status", "line"),
    [
        (
            "fr",
            "Annulé",
            "Rendez-vous annulé en ligne par le client le 16 mars 2026 à 9 h 59."
            " Raison : Il va mieux",
        ),
        (
            "en",
            "Cancelled",
            "Appointment cancelled online by the client on March 16, 2026 at 9:59 a.m."
            " Reason: Il va mieux",
        ),
    ],
)
def test_a_cancellation_is_mentioned_in_the_agenda(lang, status, line):
    text = notices.agenda(event("booking.cancelled", CANCELLED), CLINIC, lang)
    assert (text.status, text.status_code, plain(text.description)) == (status, "cancelled", line)


def test_a_booking_that_was_cancelled_before_it_was_read_enters_as_cancelled():
    text = notices.agenda(event("booking.created", CANCELLED), CLINIC, "fr")
    assert (text.status, text.status_code) == ("Annulé", "cancelled")
    assert text.description.startswith("Rendez-vous en ligne, réservé le")


@pytest.mark.parametrize(("kind", "facts"), TYPES[2:])
def test_what_concerns_no_entry_leaves_the_agenda_alone(kind, facts):
    assert notices.agenda(event(kind, **facts), CLINIC, "fr") is None


@pytest.mark.parametrize(
    ("lang", "subject", "body"),
    [
        (
            "fr",
            "Nouveau rendez-vous en ligne",
            "Solutions Vet a réservé pour Tom (Canin) : Examen, le mercredi 18 mars 2026,"
            " de 13 h 30 à 14 h, avec Dr John Dolittle. Téléphone : 514 555-0134."
            " Courriel : solutions@exemple.ca. Raison : Vaccin",
        ),
        (
            "en",
            "New online appointment",
            "Solutions Vet booked for Tom (Canine): Exam, Wednesday, March 18, 2026,"
            " 1:30 p.m. to 2:00 p.m., with Dr John Dolittle. Phone: 514-555-0134."
            " Email: solutions@exemple.ca. Reason: Vaccin",
        ),
    ],
)
def test_the_message_of_a_booking(lang, subject, body):
    message = notices.message(event(), CLINIC, lang)
    assert (message.language, message.subject, plain(message.body)) == (lang, subject, body)


@pytest.mark.parametrize(
    ("lang", "subject", "body"),
    [
        (
            "fr",
            "Rendez-vous en ligne annulé",
            "Solutions Vet a annulé le rendez-vous de Tom prévu le mercredi 18 mars 2026 à 13 h 30"
            " avec Dr John Dolittle. Raison de l'annulation : Il va mieux",
        ),
        (
            "en",
            "Online appointment cancelled",
            "Solutions Vet cancelled Tom's appointment of Wednesday, March 18, 2026 at 1:30 p.m."
            " with Dr John Dolittle. Reason for cancellation: Il va mieux",
        ),
    ],
)
def test_the_message_of_a_cancellation(lang, subject, body):
    message = notices.message(event("booking.cancelled", CANCELLED), CLINIC, lang)
    assert (message.subject, plain(message.body)) == (subject, body)


def test_the_message_of_a_conflict_says_that_the_booking_is_kept_and_whom_to_call():
    body = plain(notices.message(event("booking.conflict", busy_id="A-1"), CLINIC, "fr").body)
    assert "Le rendez-vous est conservé." in body
    assert "Téléphone : 514 555-0134." in body


@pytest.mark.parametrize(
    ("mail", "words"), [("confirmation", "de confirmation"), ("cancellation", "d'annulation")]
)
def test_the_message_of_an_undelivered_mail_says_which_one_and_to_whom(mail, words):
    told = notices.message(event("notice", about="undelivered", mail=mail), CLINIC, "fr")
    assert told.subject == "Courriel non livré"
    assert told.body.startswith(
        f"Le courriel {words} n'a pas pu être livré à solutions@exemple.ca\xa0: "
    )


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(("kind", "facts"), TYPES)
def test_an_event_whose_owner_was_forgotten_still_says_what_it_can(kind, facts, lang):
    told = event(kind, BLANKED, **facts)
    text, message = notices.agenda(told, CLINIC, lang), notices.message(told, CLINIC, lang)
    assert "Dr John Dolittle" in message.body
    for said in (message.body, text.description if text else ""):
        assert "None" not in said
        assert "{" not in said


@pytest.mark.parametrize(("kind", "facts"), TYPES)
def test_an_event_without_a_booking_is_a_message_only(kind, facts):
    told = event(kind, None, **facts)
    assert notices.agenda(told, CLINIC, "fr") is None
    message = notices.message(told, CLINIC, "fr")
    assert message.body == "Les renseignements de ce rendez-vous ont été effacés."


def test_times_are_those_of_the_bookings_zone():
    text = notices.agenda(event(booking=replace(BOOKING, time_zone="Canada/Pacific")), CLINIC, "fr")
    assert "réservé le 16 mars 2026 à 6\xa0h\xa059." in text.description


def test_typed_text_is_one_plain_line_and_its_braces_mean_nothing():
    typed = replace(
        BOOKING, client_name="{pet}\r\nX", reason="Vomit\n\x00ou {email}.", pet_name="T" * 600
    )
    text = notices.agenda(event(booking=typed), CLINIC, "fr").description
    body = notices.message(event(booking=typed), CLINIC, "fr").body
    assert "Raison\xa0: Vomit / ou {email}. Téléphone" in text
    assert body.startswith("{pet} / X a réservé pour TTT")
    assert "T" * 499 + "…" in body
    assert len((text + body).splitlines()) == 1
