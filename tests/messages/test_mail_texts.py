"""What the portal's page « Gabarits de courriel » is given: messages, our texts, a preview."""

import re

import pytest
from bs4 import BeautifulSoup

from flask_logivet_rdv import (
    MailText,
    check_mail_text,
    default_mail_text,
    mail_messages,
    mail_placeholders,
    preview_mail_text,
)
from flask_logivet_rdv.messages import letters, mail_texts
from flask_logivet_rdv.messages.mail_words import KINDS
from flask_logivet_rdv.messages.placeholders import GIVES
from tests.support.clinics import at

LANGUAGES = ["fr", "en"]
MESSAGES = list(mail_messages("fr"))


@pytest.fixture
def occasion(portal, clinic):
    """Return what a sample mail tells."""

    def of(message, lang="fr"):
        with portal.app_context():
            return mail_texts._sample(clinic.clinic_id, message, lang)

    return of


def test_the_messages_are_all_those_that_are_sent_under_their_names():
    assert mail_messages("fr").keys() == KINDS.keys()
    assert mail_messages("en")["moved_by_clinic"] == "Move by the clinic"
    assert mail_messages("fr_CA")["cancellation"] == "Annulation par le client"


@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_listed_of_a_message_is_what_it_fills(occasion, message):
    filled = letters.placeholders(occasion(message))
    assert filled.keys() == GIVES.keys()
    assert {name for name, value in filled.items() if value} == set(
        mail_placeholders(message, "fr")
    )


def test_each_placeholder_is_told_in_the_readers_language():
    assert mail_placeholders("cancellation", "fr")["pet"] == "le nom de l'animal"
    assert mail_placeholders("cancellation", "en")["pet"] == "the pet's name"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("message", MESSAGES)
def test_our_own_text_stands_the_check(portal, clinic, message, lang):
    with portal.app_context():
        ours = default_mail_text(clinic.clinic_id, message, lang)
    assert check_mail_text(message, ours) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("message", MESSAGES)
def test_our_own_text_filled_is_the_mail_that_is_sent_without_one(portal, clinic, message, lang):
    with portal.app_context():
        ours = default_mail_text(clinic.clinic_id, message, lang)
        sent = preview_mail_text(clinic.clinic_id, message, lang)
        assert preview_mail_text(clinic.clinic_id, message, lang, ours) == sent


def test_our_own_text_says_nothing_of_the_sample(portal, clinic):
    with portal.app_context():
        ours = default_mail_text(clinic.clinic_id, "moved_by_clinic", "fr")
    said = f"{ours.subject} {ours.text} {BeautifulSoup(ours.html, 'html.parser').body.text}"
    assert not re.search(r"\d|Tom|Camille|Dolittle|Clinique P", said)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("message", MESSAGES)
def test_a_preview_leaves_nothing_unfilled(portal, clinic, message, lang):
    with portal.app_context():
        seen = preview_mail_text(clinic.clinic_id, message, lang)
    assert not re.search(r"\{\w+\}", f"{seen.subject} {seen.text} {seen.html}")
    assert "Tom" in seen.subject


def test_a_preview_is_of_the_clinic_and_of_an_appointment_in_a_week(portal, clinic):
    own = MailText("{pet}", "{clinic} {phone} {date} {time} {former_date} {duration} {widget_url}")
    with portal.app_context():
        seen = preview_mail_text(clinic.clinic_id, "moved_by_clinic", "en", own)
    assert seen.text.replace("\xa0", " ") == (
        "P&C Clinic 514-555-0134 Monday, March 23, 2026 1:30 p.m. Sunday, March 22, 2026 30 minutes"
        " https://widget.exemple.ca/services/online-appointment"
        f"?widgetId={clinic.account_id}&lang=en"
    )


def test_a_preview_shows_what_is_not_understood_as_it_was_typed(portal, clinic):
    own = MailText("{nom}", "{name.__class__} {{pet}} {% x %}", "<p>{nom}</p>")
    with portal.app_context():
        seen = preview_mail_text(clinic.clinic_id, "cancellation", "fr", own)
    assert seen == MailText("{nom}", "{name.__class__} {Tom} {% x %}", "<p>{nom}</p>")


def test_the_note_tells_a_visit_too_near_that_it_is_too_late(clinic, clock, post, own_text):
    own_text(MailText("{pet}", "{cancel_note} {cancel_url}"))
    booking_id = clinic.book(at("2026-03-18", "10:00"))
    assert post(booking_id).body.count("24\xa0heures") == 0
    clock.advance(hours=30)
    late = post(booking_id).body
    assert late.index("moins de 24 heures à l'avance") < late.index("ne peut pas être annulé")


def test_a_clinic_that_the_host_does_not_know_has_no_text(portal):
    with portal.app_context(), pytest.raises(LookupError):
        default_mail_text(10**9, "cancellation", "fr")
