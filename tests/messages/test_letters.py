"""The two mails that an owner receives, word for word (S87, S91-S93, S97)."""

import re
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from flask_logivet_rdv.host import MailText
from flask_logivet_rdv.models import Booking
from flask_logivet_rdv.services.bookings import booking_for_link
from flask_logivet_rdv.state import EXTENSION
from tests.support.clinics import at

WEDNESDAY = at("2026-03-18", "10:00")
MONDAY_AFTERNOON = at("2026-03-23", "13:30")
LINK = re.compile(r"https://widget\.exemple\.ca/services/online-appointment/annuler/([\w-]{43})")
INPUTS = ("<img src=x onerror=1>", "{{7*7}}", "{name.__class__}", "{0}", "%s & « » \u202eà")


def said(text):
    """Return the lines of a text without its link and its no-break spaces."""
    return [line for line in LINK.sub("LINK", text).replace("\xa0", " ").splitlines() if line]


def shown(mail):
    return BeautifulSoup(mail.html, "html.parser").body.get_text()


def test_the_confirmation_in_french(clinic, post):
    mail = post(clinic.book(MONDAY_AFTERNOON))
    assert mail.subject == (
        "Confirmation de votre rendez-vous pour Tom, le lundi 23 mars à 13\xa0h\xa030"
    )
    assert said(mail.body) == [
        "Bonjour Solutions Vet,",
        "Votre rendez-vous pour Tom est confirmé.",
        "Date : lundi 23 mars 2026, 13 h 30 à 14 h (heure de l'Est)",
        "Rendez-vous : Examen, 30 minutes",
        "Ressource : Dr John Dolittle",
        "Lieu : Clinique P&C, 1250, rue Fleury Est, Montréal, 514 555-0134",
        "Raison : Vaccin",
        "Pour une annulation utilisez le lien ci-dessous :",
        "ANNULER CE RENDEZ-VOUS",
        "LINK",
        "Note importante : il n'est pas possible d'annuler un rendez-vous moins de 24 heures"
        " à l'avance via ce lien.",
        "Merci de votre confiance,",
        "L'équipe de Clinique P&C",
    ]


def test_the_confirmation_in_english(clinic, post):
    mail = post(clinic.book(MONDAY_AFTERNOON, language="en"))
    assert mail.subject == (
        "Your appointment for Tom is confirmed: Monday, March 23 at 1:30\xa0p.m."
    )
    assert said(mail.body) == [
        "Hello Solutions Vet,",
        "Your appointment for Tom is confirmed.",
        "Date: Monday, March 23, 2026, 1:30 p.m. to 2:00 p.m. (Eastern)",
        "Appointment: Exam, 30 minutes",
        "Resource: Dr John Dolittle",
        "Location: P&C Clinic, 1250, rue Fleury Est, Montréal, 514-555-0134",
        "Reason: Vaccin",
        "To cancel, use the link below:",
        "CANCEL THIS APPOINTMENT",
        "LINK",
        "Important note: an appointment cannot be cancelled less than 24 hours in advance"
        " using this link.",
        "Thank you for your trust,",
        "The team at P&C Clinic",
    ]


@pytest.mark.parametrize(("hour", "side"), [(1, "HAE"), (2, "HNE")])
def test_an_hour_that_comes_twice_names_its_side(clinic, session, clock, post, hour, side):
    clock.now = datetime(2026, 10, 19, 14, 0, tzinfo=UTC)
    booking_id = clinic.book(at("2026-11-02", "10:00"))
    night = at("2026-11-01", "00:00") + 3600 * hour
    booking = session.get(Booking, (clinic.account_id, booking_id))
    booking.starts_at, booking.ends_at = night, night + 1800
    session.commit()
    told = f"Date : dimanche 1er novembre 2026, 1 h à 1 h 30 ({side})"
    assert told in said(post(booking_id).body)


def test_the_manuals_own_strings_keep_their_bytes(clinic, post):
    body = post(clinic.book(WEDNESDAY)).body
    assert "Pour une annulation utilisez le lien ci-dessous :\n" in body
    assert "\nANNULER CE RENDEZ-VOUS\n" in body
    assert (
        "\nNote importante : il n'est pas possible d'annuler un rendez-vous moins de 24 heures"
        " à l'avance via ce lien.\n" in body
    )
    assert "Date\xa0: mercredi 18 mars 2026, 10\xa0h à 10\xa0h\xa030 (heure de l'Est)" in body


def test_the_cancellation_is_the_manuals_to_the_letter(clinic, post, cancel, clinic_is):
    clinic_is(name_fr="Clinique vétérinaire Estb 1")
    booking_id = clinic.book(at("2026-03-25", "10:00"))
    cancel(clinic, booking_id)
    mail = post(booking_id, "cancellation")
    assert mail.subject == "Annulation de votre rendez-vous pour Tom"
    assert mail.body.strip() == (
        "Bonjour Solutions Vet,\n"
        "À votre demande, le rendez-vous prévu pour Tom, le 25 mars 2026 à 10:00 a été annulé"
        " avec succès.\n"
        "Aucune autre action n'est requise de votre part.\n"
        "Merci de votre confiance,\n"
        "L'équipe de Clinique vétérinaire Estb 1"
    )


def test_the_cancellation_in_english(clinic, post, cancel):
    booking_id = clinic.book(WEDNESDAY, language="en")
    cancel(clinic, booking_id)
    mail = post(booking_id, "cancellation")
    assert mail.subject == "Your appointment for Tom is cancelled"
    assert mail.body.splitlines() == [
        "Hello Solutions Vet,",
        "As you requested, the appointment for Tom on March 18, 2026 at 10:00 has been"
        " successfully cancelled.",
        "No further action is required on your part.",
        "Thank you for your trust,",
        "The team at P&C Clinic",
    ]


@pytest.mark.parametrize("kind", ["confirmation", "cancellation"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_html_says_what_the_text_says(clinic, post, cancel, kind, language):
    booking_id = clinic.book(WEDNESDAY, language=language)
    if kind == "cancellation":
        cancel(clinic, booking_id)
    mail = post(booking_id, kind)
    shown = " ".join(BeautifulSoup(mail.html, "html.parser").body.get_text(" ").split())
    for line in mail.body.splitlines():
        assert LINK.fullmatch(line) or " ".join(line.split()) in shown


@pytest.mark.parametrize(("language", "tag"), [("fr", "fr-CA"), ("en", "en-CA")])
def test_the_html_is_one_sheet_with_one_button_and_nothing_remote(clinic, post, language, tag):
    mail = post(clinic.book(WEDNESDAY, language=language))
    page = BeautifulSoup(mail.html, "html.parser")
    assert page.html["lang"] == tag
    assert page.find("meta", {"name": "color-scheme"})["content"] == "light dark"
    assert not page.find_all(["img", "script", "link", "iframe", "form"])
    assert "max-width: 600px" in mail.html
    assert [a["href"] for a in page.find_all("a")] == [LINK.search(mail.body)[0]]


@pytest.mark.parametrize(
    ("accent", "strong"), [("#35513f", "#35513f"), (None, "#0b6e8f"), ("crimson", "#0b6e8f")]
)
def test_the_button_has_the_clinics_colour_if_it_is_one(clinic, post, clinic_is, accent, strong):
    clinic_is(accent=accent)
    page = BeautifulSoup(post(clinic.book(WEDNESDAY)).html, "html.parser")
    assert page.a.parent["bgcolor"] == strong


def test_each_confirmation_has_a_link_of_its_own_and_the_older_ones_still_work(
    clinic, session, post
):
    booking_id = clinic.book(WEDNESDAY)
    tokens = {LINK.search(post(booking_id).body)[1] for _ in range(2)}
    assert len(tokens) == 2
    assert {booking_for_link(session, token).id for token in tokens} == {booking_id}


@pytest.mark.parametrize(("earlier_s", "late"), [(86_400, False), (86_399, True)])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            "Votre rendez-vous a lieu dans moins de 24\xa0heures\xa0: il ne peut pas être annulé"
            " en ligne. Pour l'annuler, téléphonez à la clinique au 514\xa0555-0134.",
        ),
        (
            "en",
            "Your appointment is less than 24 hours away, so it cannot be cancelled online."
            " To cancel, call the clinic at 514-555-0134.",
        ),
    ],
)
def test_a_visit_within_24_hours_is_said_to_be_too_near_to_cancel(
    clinic, clock, post, earlier_s, late, language, words
):
    booking_id = clinic.book(WEDNESDAY, language=language)
    clock.advance(seconds=WEDNESDAY - earlier_s - clock.now.timestamp())
    mail = post(booking_id)
    assert (words in mail.body, words in shown(mail)) == (late, late)


def test_a_clinic_without_a_phone_has_no_empty_number(clinic, clock, post, clinic_is):
    clinic_is(phone=None, address=None)
    booking_id = clinic.book(WEDNESDAY)
    clock.advance(hours=40)
    lines = said(post(booking_id).body)
    assert "Lieu : Clinique P&C" in lines
    assert any(line.endswith("Pour l'annuler, téléphonez à la clinique.") for line in lines)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("typed", INPUTS)
def test_what_was_typed_is_shown_and_never_obeyed(clinic, post, cancel, typed, language):
    words = {"name": typed, "pet_name": typed, "reason": typed}
    booking_id = clinic.book(WEDNESDAY, language=language, **words)
    mails = [post(booking_id)]
    cancel(clinic, booking_id)
    mails.append(post(booking_id, "cancellation"))
    seen = typed.replace("\u202e", "")
    for mail in mails:
        assert seen in mail.subject
        assert seen in mail.body
        assert seen in shown(mail)
        assert "<img" not in mail.html


def test_the_clinics_own_text_is_filled_and_escaped(portal, clinic, post, monkeypatch):
    own = MailText(
        subject="{pet} : {date}",
        text="Bonjour {name}, {category} à {time}. {cancel_url}",
        html="<style>p {color: red}</style><p>{name}</p>",
    )
    asked = []
    monkeypatch.setattr(
        portal.extensions[EXTENSION].host, "mail_text", lambda *told: asked.append(told) or own
    )
    mail = post(clinic.book(WEDNESDAY, name="<b>Zoé</b>", pet_name="Tom\r\nBcc: x@exemple.ca"))
    assert asked == [(clinic.clinic_id, "confirmation", "fr")]
    assert mail.subject == "Tom / Bcc: x@exemple.ca : mercredi 18 mars 2026"
    assert mail.body.startswith("Bonjour <b>Zoé</b>, Examen à 10\xa0h. https://widget.exemple.ca/")
    assert mail.html == "<style>p {color: red}</style><p>&lt;b&gt;Zoé&lt;/b&gt;</p>"


def test_the_clinics_own_text_alone_makes_a_mail_of_plain_text(portal, clinic, post, monkeypatch):
    own = MailText(subject="Rendez-vous", text="Bonjour {name}")
    monkeypatch.setattr(portal.extensions[EXTENSION].host, "mail_text", lambda *_: own)
    mail = post(clinic.book(WEDNESDAY))
    assert (mail.body, mail.html) == ("Bonjour Solutions Vet", None)


@pytest.mark.parametrize("wrong", ["{nom}", "{name} {password}"])
def test_a_text_with_an_unknown_placeholder_gives_way_to_ours(
    portal, clinic, post, monkeypatch, caplog, wrong
):
    own = MailText(subject="Rendez-vous", text=wrong)
    monkeypatch.setattr(portal.extensions[EXTENSION].host, "mail_text", lambda *_: own)
    assert "Votre rendez-vous pour Tom est confirmé." in post(clinic.book(WEDNESDAY)).body
    assert "gives way to the package's: {" in caplog.text
