"""When a mail is sent, and what it travels with."""

import email
import email.policy
import socket
import time
from email.header import decode_header, make_header
from email.utils import parseaddr

import flask_mail
import pytest
import sqlalchemy as sa
from flask_mail import BadHeaderError, email_dispatched
from icalendar import Calendar

from flask_logivet_rdv.messages import mail as sending
from flask_logivet_rdv.models import Booking
from host_example import servers
from host_example.models import db
from tests.support.clinics import at
from tests.support.post import mailing_to, post_office

START = at("2026-03-18", "10:00")
HEADERS = {
    "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Reply-To",
    "Auto-Submitted",
}  # fmt: skip


@pytest.fixture
def office(portal):
    with post_office() as office, mailing_to(portal, office.port):
        yield office


def parsed(portal, message):
    with portal.app_context():
        return email.message_from_bytes(message.as_bytes(), policy=email.policy.SMTP)


def header(office, name):
    """Return a header of the mail as it travelled, unfolded and not decoded."""
    return email.message_from_bytes(office.raw[0])[name].replace("\n", "")


def blank(portal, booking_id):
    empty = dict.fromkeys(("client_name", "email", "phone", "pet_name", "reason"))
    with portal.app_context():
        db.session.execute(sa.update(Booking).where(Booking.id == booking_id).values(**empty))
        db.session.commit()


def test_a_confirmation_of_a_booking_cancelled_meanwhile_is_not_sent(clinic, post, cancel):
    booking_id = clinic.book(START)
    cancel(clinic, booking_id)
    assert post(booking_id) is None


def test_a_confirmation_of_a_visit_that_has_begun_is_not_sent(clinic, clock, post):
    booking_id = clinic.book(START)
    clock.advance(hours=48)
    assert post(booking_id) is None


@pytest.mark.parametrize("kind", ["confirmation", "cancellation"])
def test_nothing_is_sent_to_people_who_were_forgotten(portal, clinic, post, cancel, kind):
    booking_id = clinic.book(START)
    if kind == "cancellation":
        cancel(clinic, booking_id)
    blank(portal, booking_id)
    assert post(booking_id, kind) is None


def test_no_transaction_is_open_while_the_mail_server_is_spoken_to(clinic, post):
    open_transactions = []

    def look(app, message):
        open_transactions.append(db.session().in_transaction())

    with email_dispatched.connected_to(look):
        post(clinic.book(START))
    assert open_transactions == [False]


def test_a_mail_comes_from_the_clinic_and_answers_go_to_it(portal, clinic, post, clinic_is):
    clinic_is(email="info@clinique.exemple.ca")
    mail = parsed(portal, post(clinic.book(START)))
    (sender,), (answers,) = mail["From"].addresses, mail["Reply-To"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        "Clinique P&C",
        "rendez-vous@logivet.exemple.ca",
    )
    assert (answers.display_name, answers.addr_spec) == ("Clinique P&C", "info@clinique.exemple.ca")
    assert mail["To"] == "solutions@exemple.ca"


def test_a_clinic_without_an_address_gets_no_answers(portal, clinic, post, clinic_is):
    clinic_is(email=None)
    assert parsed(portal, post(clinic.book(START)))["Reply-To"] is None


@pytest.mark.parametrize(
    "name", ['Poil, Plume & Cie "Nord"', "Hôpital <vétérinaire> (Est)", "Clinique " * 30, "Ünï\r\n"]
)
def test_a_clinics_name_is_a_name_whatever_it_holds(portal, clinic, post, clinic_is, office, name):
    clinic_is(name_fr=name)
    post(clinic.book(START))
    shown, address = parseaddr(header(office, "From"))
    assert address == "rendez-vous@logivet.exemple.ca"
    assert name.strip().startswith(str(make_header(decode_header(shown))).removesuffix("…"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_subject_arrives_as_it_was_written(clinic, post, office, language):
    message = post(clinic.book(START, language=language, pet_name="Éléonore, dite « Léo »"))
    assert str(make_header(decode_header(header(office, "Subject")))) == message.subject


def test_the_same_mail_has_the_same_message_id_each_time_it_is_sent(clinic, post, office):
    booking_id = clinic.book(START)
    post(booking_id)
    post(booking_id)
    wanted = f"<booking.{booking_id}.confirmation.v1@widget.exemple.ca>"
    assert [mail["Message-ID"] for mail in office.mails] == [wanted, wanted]
    assert all(f"Message-ID: {wanted}\r\n".encode() in raw for raw in office.raw)


def test_a_mail_says_that_a_machine_wrote_it(clinic, post, office):
    post(clinic.book(START))
    assert office.mails[0]["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("field", ["name", "pet_name", "reason", "phone"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\n\r\n", "\u2028", "\x0b"])
def test_no_field_makes_a_header(clinic, post, office, field, end):
    typed = f"Zoé{end}Bcc: victime@exemple.ca{end}X-Other: 1"
    post(clinic.book(START, **{field: typed}))
    (mail,) = office.mails
    assert set(mail.keys()) == HEADERS
    assert mail["To"] == "solutions@exemple.ca"


def test_no_fact_of_the_clinic_makes_a_header(clinic, post, office, clinic_is):
    evil = "x@exemple.ca\r\nBcc: victime@exemple.ca"
    clinic_is(name_fr=evil, email=evil, phone=evil, address=evil)
    post(clinic.book(START))
    assert set(office.mails[0].keys()) == HEADERS


def test_an_address_with_a_line_break_is_refused(clinic, post, office):
    booking_id = clinic.book(START, email="x@exemple.ca\r\nBcc: victime@exemple.ca")
    with pytest.raises(BadHeaderError):
        post(booking_id)
    assert office.mails == []


def test_no_line_is_longer_than_smtp_allows(clinic, post, office):
    booking_id = clinic.book(START, reason="\N{DOG FACE}" * 500, name="é" * 500)
    post(booking_id)
    assert max(map(len, office.raw[0].splitlines())) <= 998


@pytest.mark.parametrize(
    ("kind", "method", "sequence", "status"),
    [("confirmation", "PUBLISH", 0, "CONFIRMED"), ("cancellation", "CANCEL", 1, "CANCELLED")],
)
def test_the_calendar_entry_is_attached(
    clinic, post, cancel, office, kind, method, sequence, status
):
    booking_id = clinic.book(START)
    if kind == "cancellation":
        cancel(clinic, booking_id)
    post(booking_id, kind)
    (part,) = office.mails[0].iter_attachments()
    assert part.get_filename() == "rendez-vous.ics"
    assert part.get_content_type() == "text/calendar"
    assert (part["Content-Type"].params["method"], part.get_content_charset()) == (method, "utf-8")
    (entry,) = Calendar.from_ical(part.get_content()).events
    assert (entry["uid"], entry["sequence"], entry["status"]) == (
        f"{booking_id}@widget.exemple.ca",
        sequence,
        status,
    )


def test_a_server_that_hangs_does_not_hang_us(portal, clinic, post, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.2)
    booking_id = clinic.book(START)
    with servers.bind("127.0.0.1", 0) as silent, mailing_to(portal, servers.port_of(silent)):
        began = time.monotonic()
        with pytest.raises(OSError, match="timed out"):
            post(booking_id)
        assert time.monotonic() - began < 5


def test_a_mail_that_was_accepted_is_sent_even_if_the_server_leaves_without_a_word(
    portal, clinic, monkeypatch, post, office
):
    def hang_up(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError

    monkeypatch.setattr("smtplib.SMTP.quit", hang_up)
    post(clinic.book(START))
    assert len(office.mails) == 1


@pytest.mark.parametrize(
    "given", ["rdv@exemple.ca", "LogiVet <rdv@exemple.ca>", ("LogiVet", "rdv@exemple.ca")]
)
def test_the_portals_default_sender_lends_its_address(portal, clinic, post, monkeypatch, given):
    monkeypatch.setattr(portal.extensions["mail"], "default_sender", given)
    message = post(clinic.book(START))
    assert isinstance(message, flask_mail.Message)
    assert message.sender == ("Clinique P&C", "rdv@exemple.ca")


def test_a_portal_without_a_sender_is_told_which_setting_it_lacks(
    portal, clinic, post, monkeypatch
):
    monkeypatch.setattr(portal.extensions["mail"], "default_sender", None)
    booking_id = clinic.book(START)
    with pytest.raises(RuntimeError, match="LOGIVET_RDV_MAIL_FROM"):
        post(booking_id)
