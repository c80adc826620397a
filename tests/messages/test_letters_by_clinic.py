"""The two mails of what the clinic did to an appointment, word for word."""

import pytest
from bs4 import BeautifulSoup
from icalendar import Calendar

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import MailText
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.bookings import booking_for_link
from flask_logivet_rdv.services.by_clinic import Placement, cancel_by_clinic, move_by_clinic
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION
from tests.messages.test_letters import INPUTS, LINK, said, shown
from tests.support.clinics import at

TEN = at("2026-03-25", "10:00")
HALF_PAST_ONE = at("2026-03-25", "13:30")
HALF_HOUR = 1800
MAILS = ["cancelled_by_clinic", "moved_by_clinic"]


@pytest.fixture
def act(clinic):
    """Have the clinic cancel a booking, or move it to a time and resource."""

    def write(verb):
        with clinic.app.app_context():
            transact(jobs.desk(), clinic.account_id, verb)

    def act(kind, booking_id, start=HALF_PAST_ONE, reason="Dr Dolittle est absent", told=True):
        to = Placement(clinic.logivet["resource:Dr Gregory House"], Range(start, start + HALF_HOUR))
        if kind == "cancelled_by_clinic":
            write(lambda tx: cancel_by_clinic(tx, booking_id, reason, notify_client=told))
        else:
            write(lambda tx: move_by_clinic(tx, booking_id, to, notify_client=told))

    return act


@pytest.fixture
def mail(clinic, post, act):
    """Return the mail of what the clinic does to a new booking."""

    def make(kind, reason="Dr Dolittle est absent", **changed):
        booking_id = clinic.book(TEN, **changed)
        act(kind, booking_id, reason=reason)
        return post(booking_id, kind)

    return make


def widget(clinic, lang):
    return (
        "https://widget.exemple.ca/services/online-appointment"
        f"?widgetId={clinic.account_id}&lang={lang}"
    )


def test_the_clinics_cancellation_in_french(clinic, mail):
    told = mail("cancelled_by_clinic")
    assert told.subject == "Votre rendez-vous pour Tom est annulé par la clinique"
    assert said(told.body) == [
        "Bonjour Solutions Vet,",
        "La clinique a dû annuler le rendez-vous prévu pour Tom, le 25 mars 2026 à 10:00.",
        "Raison : Dr Dolittle est absent",
        f"Pour prendre un autre rendez-vous : {widget(clinic, 'fr')} ou 514 555-0134",
        "Merci de votre compréhension,",
        "L'équipe de Clinique P&C",
    ]


def test_the_clinics_cancellation_in_english(clinic, mail):
    told = mail("cancelled_by_clinic", language="en")
    assert told.subject == "The clinic has cancelled your appointment for Tom"
    assert said(told.body) == [
        "Hello Solutions Vet,",
        "The clinic had to cancel the appointment for Tom on March 25, 2026 at 10:00.",
        "Reason: Dr Dolittle est absent",
        f"To book another appointment: {widget(clinic, 'en')} or 514-555-0134",
        "Thank you for your understanding,",
        "The team at P&C Clinic",
    ]


def test_a_move_in_french(mail):
    told = mail("moved_by_clinic")
    assert told.subject == (
        "Votre rendez-vous pour Tom est déplacé au mercredi 25 mars à 13\xa0h\xa030"
    )
    assert said(told.body) == [
        "Bonjour Solutions Vet,",
        "La clinique a déplacé votre rendez-vous pour Tom.",
        "Nouvelle date : mercredi 25 mars 2026, 13 h 30 à 14 h (heure de l'Est)",
        "Ancienne date : mercredi 25 mars 2026, 10 h à 10 h 30 (heure de l'Est)",
        "Rendez-vous : Examen, 30 minutes",
        "Ressource : Dr Gregory House",
        "Lieu : Clinique P&C, 1250, rue Fleury Est, Montréal, 514 555-0134",
        "Pour une annulation utilisez le lien ci-dessous :",
        "ANNULER CE RENDEZ-VOUS",
        "LINK",
        "Note importante : il n'est pas possible d'annuler un rendez-vous moins de 24 heures"
        " à l'avance via ce lien.",
        "Merci de votre confiance,",
        "L'équipe de Clinique P&C",
    ]


def test_a_move_in_english(mail):
    told = mail("moved_by_clinic", language="en")
    assert told.subject == (
        "Your appointment for Tom has been moved to Wednesday, March 25 at 1:30\xa0p.m."
    )
    assert said(told.body)[:4] == [
        "Hello Solutions Vet,",
        "The clinic has moved your appointment for Tom.",
        "New date: Wednesday, March 25, 2026, 1:30 p.m. to 2:00 p.m. (Eastern)",
        "Former date: Wednesday, March 25, 2026, 10:00 a.m. to 10:30 a.m. (Eastern)",
    ]


def test_without_a_reason_a_cancellation_gives_none(mail):
    assert "Raison" not in mail("cancelled_by_clinic", reason="").body


@pytest.mark.parametrize(
    ("phone", "subscribed", "line"),
    [
        ("514 555-0134", False, "Pour prendre un autre rendez-vous : 514 555-0134"),
        (None, True, "Pour prendre un autre rendez-vous : https://"),
        (None, False, None),
    ],
)
def test_a_cancellation_names_only_ways_that_are_open(
    clinic, post, act, clinic_is, portal, phone, subscribed, line
):
    clinic_is(phone=phone)
    booking_id = clinic.book(TEN)
    with portal.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: set_subscription(tx, subscribed))
    act("cancelled_by_clinic", booking_id)
    told = post(booking_id, "cancelled_by_clinic")
    lines = [text for text in said(told.body) if text.startswith("Pour prendre")]
    assert len(lines) == bool(line)
    assert not lines or lines[0].startswith(line)
    assert ("<a " in told.html) is subscribed


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_html_of_a_move_says_what_the_text_says(mail, language):
    told = mail("moved_by_clinic", language=language)
    text = " ".join(BeautifulSoup(told.html, "html.parser").body.get_text(" ").split())
    for line in told.body.splitlines():
        assert LINK.fullmatch(line) or " ".join(line.split()) in text


@pytest.mark.parametrize(("language", "phone"), [("fr", "514 555-0134"), ("en", "514-555-0134")])
def test_the_html_of_a_cancellation_says_what_the_text_says(clinic, mail, language, phone):
    told = mail("cancelled_by_clinic", language=language)
    page = BeautifulSoup(told.html, "html.parser")
    text = " ".join(page.body.get_text(" ").split())
    for line in told.body.splitlines():
        assert "https://" in line or " ".join(line.split()) in text
    assert [a["href"] for a in page.find_all("a")] == [widget(clinic, language)]
    assert phone in text


def test_a_move_carries_a_fresh_link_and_the_older_one_still_works(clinic, session, post, act):
    booking_id = clinic.book(TEN)
    first = LINK.search(post(booking_id).body)[1]
    act("moved_by_clinic", booking_id)
    fresh = LINK.search(post(booking_id, "moved_by_clinic").body)[1]
    assert first != fresh
    for token in (first, fresh):
        assert booking_for_link(session, token).starts_at == HALF_PAST_ONE


@pytest.mark.parametrize(
    ("kind", "method", "status"),
    [("cancelled_by_clinic", "CANCEL", "CANCELLED"), ("moved_by_clinic", "PUBLISH", "CONFIRMED")],
)
def test_the_calendar_entry_follows(clinic, post, act, kind, method, status):
    booking_id = clinic.book(TEN)
    act(kind, booking_id)
    (attached,) = post(booking_id, kind).attachments
    assert attached.content_type == f"text/calendar; charset=utf-8; method={method}"
    (entry,) = Calendar.from_ical(attached.data).events
    assert (entry["uid"], entry["sequence"]) == (f"{booking_id}@widget.exemple.ca", 1)
    assert entry["status"] == status
    moved = HALF_PAST_ONE if kind == "moved_by_clinic" else TEN
    assert entry.start.timestamp() == moved


def test_a_confirmation_that_waited_tells_the_new_time(clinic, post, act):
    booking_id = clinic.book(TEN)
    act("moved_by_clinic", booking_id)
    told = post(booking_id)
    assert "mercredi 25 mars 2026, 13\xa0h\xa030 à 14\xa0h" in told.body
    (entry,) = Calendar.from_ical(told.attachments[0].data).events
    assert entry["sequence"] == 1


@pytest.mark.parametrize("kind", MAILS)
def test_once_the_visit_is_past_nothing_is_told(clinic, clock, post, act, kind):
    booking_id = clinic.book(TEN)
    act(kind, booking_id)
    clock.advance(days=10)
    assert post(booking_id, kind) is None


def test_a_move_of_what_was_cancelled_since_is_not_told(clinic, post, act):
    booking_id = clinic.book(TEN)
    act("moved_by_clinic", booking_id)
    act("cancelled_by_clinic", booking_id, told=False)
    assert post(booking_id, "moved_by_clinic") is None


def test_a_silent_move_after_one_that_is_told_changes_its_time(clinic, post, act):
    booking_id = clinic.book(TEN)
    act("moved_by_clinic", booking_id)
    act("moved_by_clinic", booking_id, HALF_PAST_ONE + HALF_HOUR, told=False)
    lines = said(post(booking_id, "moved_by_clinic").body)
    assert lines[2].endswith("14 h à 14 h 30 (heure de l'Est)")
    assert lines[3].endswith("10 h à 10 h 30 (heure de l'Est)")


@pytest.mark.parametrize("kind", MAILS)
@pytest.mark.parametrize("typed", INPUTS)
def test_what_was_typed_is_shown_and_never_obeyed(mail, kind, typed):
    told = mail(kind, reason=typed, name=typed, pet_name=typed)
    seen = typed.replace("\u202e", "")
    for text in (told.subject, told.body, shown(told)):
        assert seen in text
    assert "<img" not in told.html


@pytest.mark.parametrize("kind", MAILS)
def test_the_clinics_own_text_is_asked_for_by_its_kind(portal, mail, monkeypatch, kind):
    own = MailText(subject="{pet}", text="{former_date}|{former_time}|{widget_url}")
    monkeypatch.setattr(
        portal.extensions[EXTENSION].host, "mail_text", lambda _, kind_, __: kind_ == kind and own
    )
    date, time, url = mail(kind).body.split("|")
    moved = ("mercredi 25 mars 2026", "10\xa0h") if kind == "moved_by_clinic" else ("", "")
    assert (date, time) == moved
    assert url.startswith("https://widget.exemple.ca/")
