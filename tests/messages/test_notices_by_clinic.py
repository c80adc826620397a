"""What LogiVet's message centre says of the clinic's own acts, and the other notices."""

from dataclasses import replace
from uuid import uuid4

import pytest

from flask_logivet_rdv.messages import notices
from flask_logivet_rdv.services.events import FeedEvent
from tests.messages.test_notices import BLANKED, BOOKED, BOOKING, CANCELLED, CLINIC, event, plain
from tests.support.clinics import at

WAS = [at("2026-03-17", "10:00"), at("2026-03-17", "10:30")]
OURS = replace(CANCELLED, cancelled_by="clinic", cancel_reason="Dr Dolittle est absent")
MIRROR = {"busy_id": "A-1", "start": WAS[0], "end": WAS[1], "resource": None}


def body(told, lang="fr"):
    return plain(notices.message(told, CLINIC, lang).body)


def gone(kind, *listed, count=None):
    facts = {
        "about": "gone",
        "of": kind,
        "row": str(getattr(BOOKING, f"{kind}_id")),
        "bookings": [str(booking.id) for booking in listed],
        "count": count or len(listed),
    }
    return FeedEvent(1, uuid4(), "notice", BOOKED, facts, None, listed)


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        (
            "fr",
            "Rendez-vous annulé par la clinique le 16 mars 2026 à 9 h 59."
            " Raison : Dr Dolittle est absent",
        ),
        (
            "en",
            "Appointment cancelled by the clinic on March 16, 2026 at 9:59 a.m."
            " Reason: Dr Dolittle est absent",
        ),
    ],
)
def test_the_agenda_says_that_the_clinic_cancelled(lang, line):
    text = notices.agenda(event("booking.cancelled", OURS, by="clinic"), CLINIC, lang)
    assert (text.status_code, plain(text.description)) == ("cancelled", line)


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        (
            "fr",
            "Rendez-vous déplacé par la clinique le 16 mars 2026 à 9 h 59. Ancienne date :"
            " le mardi 17 mars 2026, de 10 h à 10 h 30.",
        ),
        (
            "en",
            "Appointment moved by the clinic on March 16, 2026 at 9:59 a.m. Former date:"
            " Tuesday, March 17, 2026, 10:00 a.m. to 10:30 a.m.",
        ),
    ],
)
def test_the_agenda_says_that_the_clinic_moved(lang, line):
    told = event("booking.moved", version=2, was=WAS, told=True)
    text = notices.agenda(told, CLINIC, lang)
    assert (text.status_code, plain(text.description)) == ("confirmed", line)


@pytest.mark.parametrize(
    ("reason", "end"),
    [("Absence", "Raison de l'annulation : Absence"), ("", "Téléphone : 514 555-0134.")],
)
def test_the_message_of_the_clinics_cancellation(reason, end):
    told = event("booking.cancelled", replace(OURS, cancel_reason=reason), by="clinic")
    message = notices.message(told, CLINIC, "fr")
    assert message.subject == "Rendez-vous en ligne annulé par la clinique"
    assert plain(message.body).startswith(
        "La clinique a annulé le rendez-vous de Solutions Vet pour Tom, prévu le mercredi 18 mars"
        " 2026 à 13 h 30 avec Dr John Dolittle."
    )
    assert plain(message.body).endswith(end)


def test_the_message_of_a_move_has_both_times():
    assert body(event("booking.moved", version=2, was=WAS, told=True)) == (
        "La clinique a déplacé le rendez-vous de Solutions Vet pour Tom : le mercredi 18 mars 2026,"
        " de 13 h 30 à 14 h, avec Dr John Dolittle (ancienne date : le mardi 17 mars 2026, de 10 h"
        " à 10 h 30)."
    )


def test_a_mirror_elsewhere_has_both_places_and_what_to_do():
    said = body(event("notice", about="misplaced", **MIRROR))
    assert "de Solutions Vet pour Tom a été modifiée (le mardi 17 mars 2026, de 10 h à" in said
    assert "reste prévu le mercredi 18 mars 2026, de 13 h 30 à 14 h, avec Dr John Dolittle" in said
    assert said.endswith("Déplacez le rendez-vous ou remettez l'entrée en place.")


def test_a_mirror_of_no_booking_says_when_it_is():
    said = body(event("notice", None, about="unknown", **MIRROR))
    assert said.startswith("Une entrée du carnet (le mardi 17 mars 2026, de 10 h à 10 h 30)")


@pytest.mark.parametrize(
    ("skew_s", "words"),
    [
        (425, "avance d'environ 7 minutes"),
        (-7200, "retarde d'environ 2 heures"),
        (-86_400 * 2, "retarde d'environ 2 jours"),
    ],
)
def test_a_clock_that_is_off(skew_s, words):
    assert words in body(event("notice", None, about="clock", skew_s=skew_s))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("category", "La catégorie Examen"),
        ("species", "L'espèce Canin"),
        ("resource", "La ressource Dr John Dolittle"),
    ],
)
def test_what_is_gone_names_its_visits_to_come(kind, words):
    said = body(gone(kind, BOOKING, replace(BLANKED, status="confirmed")))
    assert said == (
        f"{words} a été supprimée ou désactivée dans LogiVet et n'est plus offerte en ligne."
        " Les rendez-vous sont conservés : le mercredi 18 mars 2026 à 13 h 30 (Tom, Solutions"
        " Vet); le mercredi 18 mars 2026 à 13 h 30."
    )


def test_what_is_gone_leaves_out_what_no_longer_depends_on_it():
    moved = replace(BOOKING, resource_id=uuid4(), pet_name="Rex")
    said = body(gone("resource", BOOKING, CANCELLED, moved))
    assert said.count("18 mars 2026") == 1
    assert body(gone("resource", CANCELLED, moved)) == "Il ne reste rien à faire."


def test_a_long_list_says_that_it_is_cut():
    assert body(gone("category", BOOKING, count=21)).endswith("; ….")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("booking.flown", {}),
        ("notice", {}),
        ("notice", {"about": "the moon"}),
        ("notice", {"about": "undelivered", "mail": "pigeon"}),
    ],
)
def test_an_event_of_another_version_has_a_message_too(kind, facts, lang):
    told = event(kind, **facts)
    message = notices.message(told, CLINIC, lang)
    assert message.subject == {"fr": "Rendez-vous en ligne", "en": "Online appointments"}[lang]
    assert message.body
    assert notices.agenda(told, CLINIC, lang) is None


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("booking", [BLANKED, None], ids=["forgotten", "deleted"])
@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("booking.cancelled", {"by": "clinic"}),
        ("booking.moved", {"version": 2, "was": WAS, "told": True}),
        ("notice", {"about": "misplaced"} | MIRROR),
    ],
)
def test_an_event_without_its_owner_says_what_it_can(kind, facts, booking, lang):
    told = event(kind, booking, **facts)
    text = notices.agenda(told, CLINIC, lang)
    for said in (notices.message(told, CLINIC, lang).body, text.description if text else "…"):
        assert said
        assert "None" not in said
        assert "{" not in said
