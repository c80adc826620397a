"""``flask rdv export|erase|consent``: what is held of a person, and what they agreed to."""

import csv
import io
import json
import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Audit, Booking, CancelLink, Outbox
from flask_logivet_rdv.services import events, person
from flask_logivet_rdv.services.blanking import PERSONAL
from flask_logivet_rdv.services.booking_form import Consent
from flask_logivet_rdv.services.cancelling import cancel_by_client, mint_cancel_link
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import at, make_clinic

START = at("2026-03-18", "10:00")


@pytest.fixture
def marie():
    """An address that no other test has: the database is the whole run's."""
    return f"marie.{uuid.uuid4().hex}@exemple.ca"


@pytest.fixture
def other(portal):
    return make_clinic(portal, configured=True)


def cancel(clinic, booking_id):
    why = "Partie en voyage"
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, why))


def read(clinic, session, clock):
    session.rollback()
    events.acknowledge(session, clinic.key.split("_")[1], 1_000, clock.now)


def row(clinic, session, booking_id):
    session.rollback()
    return session.get(Booking, (clinic.account_id, booking_id), populate_existing=True)


def audited(clinic, session):
    session.rollback()
    of_clinic = (Audit.account_id == clinic.account_id, Audit.subject == "personal")
    return session.scalars(sa.select(Audit.after).where(*of_clinic).order_by(Audit.revision)).all()


def exported(result):
    found = json.loads(result.stdout)
    return {one["clinic"]: one["bookings"] for one in found["clinics"]}


def test_all_that_is_held_of_a_booking_is_exported(run, clinic, session, marie):
    booking_id = clinic.book(START, email=marie)
    mint_cancel_link(jobs.desk(), clinic.account_id, booking_id)
    cancel(clinic, booking_id)
    result = run("export", "--email", marie)
    assert result.exit_code == 0
    [booking] = exported(result)[str(clinic.clinic_id)]
    assert booking["id"] == str(booking_id)
    typed = ("name", "email", "phone", "pet_name", "reason", "cancel_reason")
    assert [booking[name] for name in typed] == [
        "Solutions Vet",
        marie,
        "+15145550134",
        "Tom",
        "Vaccin",
        "Partie en voyage",
    ]
    assert booking["starts_at"] == "2026-03-18T14:00:00Z"
    assert booking["consent"]["text"] == "Je consens."
    assert booking["cancellation_links"] == 1
    assert {mail["kind"] for mail in booking["mails"]} == {"confirmation", "cancellation"}
    told = [event["type"] for event in booking["told_to_logivet"]]
    assert told == ["booking.created", "booking.cancelled"]


def test_every_personal_column_is_exported(clinic):
    booking_id = clinic.book(START, email="toutes.colonnes@exemple.ca")
    with clinic.app.app_context():
        found = person.held(jobs.desk().session, "toutes.colonnes@exemple.ca", clinic.account_id)
        told = person.as_json(found[0])
    assert told["id"] == str(booking_id)
    known_otherwise = {"client_name": "name"}
    shown = {known_otherwise.get(name, name) for name in PERSONAL if name != "email_key"}
    assert shown <= told.keys()


def test_of_all_clinics_or_of_one(run, clinic, other, marie):
    clinic.book(START, email=marie)
    other.book(START, email=marie)
    both = {str(clinic.clinic_id), str(other.clinic_id)}
    assert exported(run("export", "--email", marie)).keys() == both
    one = run("export", "--email", marie, "--clinic", other.clinic_id)
    assert exported(one).keys() == {str(other.clinic_id)}


def test_capitals_make_no_other_address_but_dots_and_tags_do(run, clinic, marie):
    clinic.book(START, email=marie)
    assert exported(run("export", "--email", marie.upper()))
    for near in (marie.replace("marie.", "marie"), marie.replace("@", "+chat@")):
        assert exported(run("export", "--email", near)) == {}


def test_an_unknown_address_gives_an_empty_export_and_says_so(run, marie):
    result = run("export", "--email", marie)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"email": marie, "clinics": []}
    assert result.stderr == "Nothing is held about this address.\n"


@pytest.mark.parametrize("command", ["export", "erase"])
@pytest.mark.parametrize("address", ["", "marie", "marie@", "a b@exemple.ca", "x" * 300 + "@a.ca"])
def test_a_malformed_address_is_a_wrong_call(run, command, address):
    result = run(command, "--email", address)
    assert result.exit_code == 2
    assert "not an email address" in result.stderr


def test_an_export_is_written_down_without_the_address(run, clinic, session, marie):
    clinic.book(START, email=marie)
    run("export", "--email", marie)
    assert audited(clinic, session) == [{"given": 1}]


def test_what_is_over_is_erased(run, clinic, session, clock, marie):
    past, cancelled = clinic.book(START, email=marie), clinic.book(START + 1800, email=marie)
    kept = clinic.book(START + 3600)
    mint_cancel_link(jobs.desk(), clinic.account_id, past)
    cancel(clinic, cancelled)
    clock.advance(days=3)
    read(clinic, session, clock)
    result = run("erase", "--email", marie, "--yes")
    assert (result.exit_code, result.stdout) == (0, "Erased: 2 booking(s).\n")
    for booking_id in (past, cancelled):
        gone = row(clinic, session, booking_id)
        assert (gone.client_name, gone.email, gone.email_key, gone.cancel_reason) == (None,) * 4
        assert gone.blanked_at == clock.now
    assert row(clinic, session, kept).client_name
    of_past = sa.select(CancelLink).where(CancelLink.booking_id == past)
    assert session.scalars(of_past).all() == []
    mails = sa.select(Outbox.state).where(Outbox.booking_id.in_([past, cancelled]))
    assert set(session.scalars(mails)) == {"skipped"}
    assert audited(clinic, session) == [{"erased": 2}]
    assert run("erase", "--email", marie, "--yes").stdout == "Nothing is held about this address.\n"


def test_a_visit_ahead_must_be_cancelled_first_and_nothing_is_erased(
    run, clinic, other, session, clock, marie
):
    past = other.book(START, email=marie)
    clock.advance(days=3)
    read(other, session, clock)
    ahead = clinic.book(at("2026-03-25", "10:30"), email=marie)
    result = run("erase", "--email", marie, "--yes")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: Nothing was erased.\n"
        f"  clinic {clinic.clinic_id}, visit of 2026-03-25 10:30: cancel it first.\n"
    )
    assert row(clinic, session, ahead).client_name
    assert row(other, session, past).client_name
    cancel(clinic, ahead)
    read(clinic, session, clock)
    assert run("erase", "--email", marie, "--yes").stdout == "Erased: 2 booking(s).\n"


def test_a_visit_that_is_booked_meanwhile_stays_and_what_was_erased_is_said(
    run, clinic, other, session, clock, marie, monkeypatch
):
    other.book(START, email=marie)
    clock.advance(days=3)
    read(other, session, clock)
    found, late = person.held, []

    def book_then_read(*args):
        late.append(clinic.book(at("2026-03-25", "10:30"), email=marie))
        return found(*args)

    monkeypatch.setattr(person, "held", book_then_read)
    result = run("erase", "--email", marie, "--yes")
    assert (result.exit_code, result.stdout) == (1, "Erased: 1 booking(s).\n")
    assert "Not all was erased.\n" in result.stderr
    assert "visit of 2026-03-25 10:30: cancel it first." in result.stderr
    assert row(clinic, session, late[0]).client_name


def test_what_logivet_has_not_fetched_is_not_erased(run, clinic, session, clock, marie):
    booking_id = clinic.book(START, email=marie)
    clock.advance(days=3)
    result = run("erase", "--email", marie, "--yes")
    assert result.exit_code == 1
    assert "visit of 2026-03-18 10:00: LogiVet has not fetched it yet." in result.stderr
    assert row(clinic, session, booking_id).client_name


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 1, True), ("y\n", 0, False)])
def test_it_asks_first(portal, clinic, session, clock, marie, answer, code, left):
    booking_id = clinic.book(START, email=marie)
    clock.advance(days=3)
    read(clinic, session, clock)
    runner = portal.test_cli_runner()
    result = runner.invoke(args=["rdv", "erase", "--email", marie], input=answer)
    assert result.exit_code == code
    assert "Erase the personal data of 1 booking(s)?" in result.stdout
    assert (row(clinic, session, booking_id).client_name is not None) is left


def test_only_the_clinic_that_is_named_is_erased(run, clinic, other, session, clock, marie):
    mine, theirs = clinic.book(START, email=marie), other.book(START, email=marie)
    clock.advance(days=3)
    read(clinic, session, clock)
    read(other, session, clock)
    assert run("erase", "--email", marie, "--clinic", clinic.clinic_id, "--yes").exit_code == 0
    assert row(clinic, session, mine).client_name is None
    assert row(other, session, theirs).client_name


def test_the_evidence_of_a_booking_outlives_its_client(run, clinic, session, clock, marie):
    agreed = Consent("2031-07", "fr", "Je consens à ceci.")
    booking_id = clinic.book(START, email=marie, consent=agreed)
    clock.advance(days=3)
    read(clinic, session, clock)
    run("erase", "--email", marie, "--yes")
    [told] = json.loads(run("consent", "--booking", booking_id).stdout)
    assert told == {
        "clinic_id": str(clinic.clinic_id),
        "booking_id": str(booking_id),
        "given_at": "2026-03-16T14:00:00Z",
        "version": "2031-07",
        "language": "fr",
        "sha256": agreed.sha256,
        "text": "Je consens à ceci.",
    }


def test_the_evidence_of_a_clinic_is_its_own(run, clinic, other):
    mine = [str(clinic.book(START + 1800 * n)) for n in range(2)]
    other.book(START)
    told = json.loads(run("consent", "--clinic", clinic.clinic_id).stdout)
    assert sorted(one["booking_id"] for one in told) == sorted(mine)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_takes_a_text_for_a_formula(run, clinic, first):
    text = f"{first}1+1, « oui »"
    clinic.book(START, consent=Consent("2031-08", "fr", text))
    printed = run("consent", "--clinic", clinic.clinic_id, "--format", "csv").stdout
    head, row_ = csv.reader(io.StringIO(printed, newline=""))
    assert dict(zip(head, row_, strict=True))["text"] == f"'{text}"


def test_the_evidence_of_an_unknown_booking_is_refused(run):
    result = run("consent", "--booking", uuid.uuid4())
    assert result.exit_code == 1
    assert "There is no booking" in result.stderr


@pytest.mark.parametrize("args", [(), ("--clinic", "1", "--booking", str(uuid.UUID(int=1)))])
def test_it_is_of_a_booking_or_of_a_clinic(run, args):
    assert run("consent", *args).exit_code == 2
