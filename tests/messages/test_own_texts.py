"""The clinic's own words at sending: used when they can be, else ours, and the clinic is told."""

from smtplib import SMTPDataError

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import MailText, jobs
from flask_logivet_rdv.messages import own_text as module
from flask_logivet_rdv.messages.notices import message
from flask_logivet_rdv.models import Event, Outbox
from flask_logivet_rdv.services.accounts import account_row
from flask_logivet_rdv.services.events import read_events
from flask_logivet_rdv.state import state
from host_example.models import db
from tests.support.clinics import at, make_clinic
from tests.support.post import mailing_to, post_office

START = at("2026-03-18", "10:00")
OURS = "Votre rendez-vous pour Tom est confirmé."
OWN = MailText("Chez nous, {pet}", "Bonjour {name}. {cancel_url} {cancel_note}")
INPUTS = [
    "{cancel_url}",
    "{name.__class__}",
    "{{7*7}}",
    "{% raw %}",
    "%(name)s ${name} $name",
    "<img src=x onerror=x()>",
    "</title><script>x()</script>",
    '"><a href="javascript:x()">',
    "\r\nBcc: victime@exemple.ca",
    "\\1 \\g<0>",
]


@pytest.fixture
def office(portal):
    with post_office() as office, mailing_to(portal, office.port):
        yield office


def told(clinic):
    """Return the facts of the notices about a text, in order."""
    with clinic.app.app_context():
        notices = sa.select(Event).where(
            Event.account_id == clinic.account_id, Event.type == "notice"
        )
        return [row.facts for row in db.session.scalars(notices.order_by(Event.seq))]


def fails(*_):
    raise RuntimeError("solutions@exemple.ca")


def breaks_the_session(*_):
    db.session.execute(sa.text("SELECT * FROM no_such_table"))


def leaves_work(*_):
    db.session.execute(sa.text("UPDATE clinic SET phone = 'lost'"))
    return MailText("", "")


def test_an_own_text_arrives(clinic, office, own_text, post):
    own_text(OWN)
    post(clinic.book(START))
    (mail,) = office.mails
    assert mail["Subject"] == "Chez nous, Tom"
    words = mail.get_body(("plain",)).get_content()
    assert words.startswith("Bonjour Solutions Vet. https://widget.exemple.ca/")
    assert mail.get_body(("html",)) is None
    assert told(clinic) == []


def test_a_link_to_the_clinics_phone_holds_what_a_telephone_dials(clinic, office, own_text, post):
    own_text(MailText("Objet", "Bonjour", "<a href='tel:{phone}'>{phone}</a>"))
    post(clinic.book(START))
    (mail,) = office.mails
    page = mail.get_body(("html",)).get_content()
    assert "<a href='tel:5145550134'>514\xa0555-0134</a>" in page


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        (MailText("Objet", "Bonjour {nom}"), "text", "misspelt_placeholder"),
        (MailText("{password}", "Bonjour"), "subject", "unknown_placeholder"),
        (MailText(" ", "Bonjour"), "subject", "empty"),
        (MailText("Objet", ""), "text", "empty"),
        (MailText("Objet", "Bonjour", "<img src=//x>"), "html", "html_element"),
        (MailText("Objet", "Bonjour", "<p onclick=x()>"), "html", "html_attribute"),
        (MailText("Objet", "Bonjour", "<style>@import 'x'</style>"), "html", "html_style"),
        (MailText("Objet", "\ud83d"), "text", "wrong_type"),
        (MailText("Objet", None), "text", "wrong_type"),
        ("Bonjour", "text", "wrong_type"),
        (False, "text", "wrong_type"),
        (fails, "text", "host_error"),
        (breaks_the_session, "text", "host_error"),
        (leaves_work, "subject", "empty"),
    ],
)
def test_a_text_that_cannot_be_sent_gives_way_to_ours_at_once(
    clinic, office, own_text, given, field, code, post
):
    own_text(given)
    post(clinic.book(START))
    (mail,) = office.mails
    assert OURS in mail.get_body(("plain",)).get_content()
    (facts,) = told(clinic)
    assert (facts["about"], facts["message"], facts["lang"]) == ("mail_text", "confirmation", "fr")
    assert (facts["problem"]["field"], facts["problem"]["code"]) == (field, code)


@pytest.mark.parametrize(
    "given",
    [
        MailText("Objet", "Bonjour {name}"),
        MailText("Deux\nlignes", "{cancel_url} {cancel_note}"),
        MailText("Objet", "{former_date} { name }"),
        MailText("x" * 900, "x" * 20_000),
    ],
)
def test_what_is_only_unwise_is_sent_as_it_was_saved(clinic, office, own_text, given, post):
    own_text(given)
    post(clinic.book(START))
    (mail,) = office.mails
    assert OURS not in mail.get_body(("plain",)).get_content()
    assert told(clinic) == []


def test_a_host_that_fails_in_the_database_keeps_no_mail_from_leaving(
    any_portal, clock, own_text_of
):
    """PostgreSQL refuses all that follows a failed statement."""
    clinic = make_clinic(any_portal, configured=True)
    own_text_of(any_portal, breaks_the_session)
    clinic.book(START)
    with post_office() as office, mailing_to(any_portal, office.port), any_portal.app_context():
        jobs.drain()
        of_clinic = sa.select(Outbox.state).where(Outbox.account_id == clinic.account_id)
        states = list(db.session.scalars(of_clinic))
    assert states == ["sent"]
    assert OURS in office.to("solutions@exemple.ca")[-1].get_body(("plain",)).get_content()
    assert [facts["problem"]["code"] for facts in told(clinic)] == ["host_error"]


def test_the_clinic_is_told_once_a_day_of_each_message_and_language(
    clinic, clock, own_text, post, cancel
):
    own_text(MailText("Objet", "{nom}"))

    def book(hour, language, day="2026-03-25"):
        booking_id = clinic.book(at(day, hour), language=language)
        post(booking_id)
        return booking_id

    first = book("10:00", "fr")
    book("10:30", "fr")
    book("11:00", "en")
    assert [facts["lang"] for facts in told(clinic)] == ["fr", "en"]
    cancel(clinic, first)
    post(first, "cancellation")
    assert [facts["message"] for facts in told(clinic)][2:] == ["cancellation"]
    clock.advance(hours=23, minutes=59)
    book("13:30", "fr", "2026-03-23")
    assert len(told(clinic)) == 3
    clock.advance(minutes=1)
    book("14:00", "fr", "2026-03-23")
    assert len(told(clinic)) == 4


@pytest.mark.parametrize("blank", ["", " \n "])
def test_blank_html_is_none(clinic, office, own_text, post, blank):
    own_text(MailText("Objet", "Bonjour", blank))
    post(clinic.book(START))
    (mail,) = office.mails
    assert mail.get_body(("html",)) is None
    assert told(clinic) == []


@pytest.mark.parametrize("given", [("{reason}", "Bonjour"), ("Objet", "{reason}")])
def test_a_text_of_which_nothing_is_left_once_it_is_filled_gives_way_to_ours(
    clinic, office, own_text, post, given
):
    own_text(MailText(*given))
    post(clinic.book(START, reason=""))
    (mail,) = office.mails
    assert mail["Subject"].startswith("Confirmation de votre rendez-vous")
    assert OURS in mail.get_body(("plain",)).get_content()


def test_another_clinic_is_told_as_well(portal, clinic, own_text, post):
    own_text(MailText("Objet", "{nom}"))
    other = make_clinic(portal, configured=True)
    post(clinic.book(START))
    post(other.book(START))
    assert (len(told(clinic)), len(told(other))) == (1, 1)


def test_a_mail_that_is_tried_again_tells_nothing_new(clinic, office, own_text, post):
    own_text(MailText("Objet", "{nom}"))
    booking_id = clinic.book(START)
    office.data = "451 later"
    with pytest.raises(SMTPDataError):
        post(booking_id)
    office.data = "250 OK"
    post(booking_id)
    assert (len(office.mails), len(told(clinic))) == (1, 1)


def test_a_notice_that_cannot_be_written_keeps_no_mail_from_leaving(
    clinic, office, own_text, monkeypatch, caplog, post
):
    own_text(MailText("Objet", "{nom}"))
    monkeypatch.setattr(module, "transact", fails)
    post(clinic.book(START))
    assert len(office.mails) == 1
    assert told(clinic) == []
    assert "The clinic could not be told (RuntimeError)." in caplog.text


def test_neither_the_notice_nor_the_log_tells_of_the_client(clinic, office, own_text, caplog, post):
    own_text(fails)
    post(clinic.book(START))
    assert len(told(clinic)) == 1
    for said in (str(told(clinic)), caplog.text):
        assert not any(typed in said for typed in ("solutions@", "Solutions Vet", "Tom", "Vaccin"))


@pytest.mark.parametrize(
    ("lang", "subject", "body"),
    [
        (
            "fr",
            "Gabarit de courriel à corriger",
            "Le texte de la clinique pour le courriel « Confirmation » (français) ne peut pas être"
            " envoyé. Texte : {nom} n'est pas une variable. Vouliez-vous écrire {name}? D'ici à ce"
            " qu'il soit corrigé dans le portail, ces courriels partent avec le texte par défaut"
            " de LogiVet.",
        ),
        (
            "en",
            "Email template to correct",
            "The clinic's own text of the email “Confirmation” (French) cannot be sent. Text: {nom}"
            " is not a placeholder. Did you mean {name}? Until it is corrected in the portal, these"
            " emails leave with LogiVet's default text.",
        ),
    ],
)
def test_logivets_message_centre_says_which_text_and_what_is_wrong(
    portal, clinic, own_text, post, lang, subject, body
):
    own_text(MailText("Objet", "{nom}"))
    post(clinic.book(START))
    with portal.app_context():
        account = account_row(db.session(), clinic.account_id)
        event = read_events(db.session(), account, 0, 200).events[-1]
        said = message(event, state().facts(clinic.clinic_id), lang)
    assert (said.subject, said.body.replace("\xa0", " ")) == (subject, body)
    assert event.booking is None


@pytest.mark.parametrize("typed", INPUTS)
def test_what_a_client_typed_stays_what_they_typed(clinic, office, own_text, typed, post):
    own_text(
        MailText(
            "{pet} {name}",
            "{name}|{pet}|{reason}|{cancel_note}",
            "<title>{pet}</title><p>{name}</p><p>{reason}</p><a href='{cancel_url}'>x</a>",
        )
    )
    post(clinic.book(START, name=typed, pet_name=typed, reason=typed))
    (mail,) = office.mails
    line = typed.strip().replace("\r\n", " / ")
    assert mail["Subject"] == f"{line} {line}"
    assert mail["To"] == "solutions@exemple.ca"
    assert mail["Bcc"] is None
    assert mail.get_body(("plain",)).get_content().startswith("|".join([line] * 3))
    shown = mail.get_body(("html",)).get_content()
    assert shown.count("annuler/") == 1
    assert "<img" not in shown
    assert "<script" not in shown
    assert 'href="javascript' not in shown


def test_the_feeds_of_other_versions_are_still_told(portal, clinic):
    """A notice of a code that this version does not know has a text of its own."""
    facts = {
        "about": "mail_text",
        "message": "confirmation",
        "lang": "fr",
        "problem": {"field": "text", "code": "of tomorrow", "arguments": {}},
    }
    with portal.app_context():
        jobs.transact(jobs.desk(), clinic.account_id, lambda tx: tx.event("notice", **facts))
        account = account_row(db.session(), clinic.account_id)
        event = read_events(db.session(), account, 0, 200).events[-1]
        said = message(event, state().facts(clinic.clinic_id), "en")
    assert said.body.startswith("The clinic's own text of an email cannot be sent. Until")
