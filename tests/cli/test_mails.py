"""``flask rdv mail …``: the mails that do not leave, and sending one again."""

import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Outbox
from tests.support.clinics import at, make_clinic

START = at("2026-03-18", "10:00")
NOW = at("2026-03-16", "10:00")


@pytest.fixture
def lose(session):
    """Return how the mail of a new booking is given up; its id."""

    def losing(clinic, **values):
        of = Outbox.booking_id == clinic.book(START)
        given = {"state": "dead", "attempts": 12, "not_before": NOW, "last_error": "TimeoutError"}
        session.execute(sa.update(Outbox).where(of).values(**given | values))
        session.commit()
        return session.scalars(sa.select(Outbox.id).where(of)).one()

    return losing


def test_a_clinics_mails_are_listed_without_an_address(run, clinic, lose):
    mail_id = lose(clinic)
    assert run("mail", "list", clinic.clinic_id).stdout == (
        f"{clinic.clinic_id}  {mail_id}  confirmation  visit 2026-03-18 14:00:00Z"
        "  given up 2026-03-16 14:00:00Z  attempts 12  TimeoutError\n"
    )


def test_one_that_is_tried_again_says_when(run, clinic, lose):
    lose(clinic, state="pending", attempts=3, not_before=NOW + 60)
    told = run("mail", "list", clinic.clinic_id).stdout
    assert "next try 2026-03-16 14:01:00Z  attempts 3" in told


def test_those_of_every_clinic(run, portal, clinic, lose):
    other = make_clinic(portal, configured=True)
    mine, theirs = lose(clinic), lose(other)
    told = run("mail", "list", "--all").stdout
    assert f"{clinic.clinic_id}  {mine}" in told
    assert f"{other.clinic_id}  {theirs}" in told


@pytest.mark.parametrize("args", [(), ("1", "--all")])
def test_it_is_of_one_clinic_or_of_all(run, args):
    result = run("mail", "list", *args)
    assert result.exit_code == 2
    assert "CLINIC_ID or --all" in result.output


def test_a_mail_is_put_back_to_be_sent(run, clinic, lose, session):
    mail_id = lose(clinic)
    result = run("mail", "retry", clinic.clinic_id, mail_id)
    assert (result.exit_code, result.stdout) == (0, "To be sent.\n")
    session.rollback()
    assert session.get(Outbox, (clinic.account_id, mail_id)).state == "pending"
    assert run("mail", "list", clinic.clinic_id).stdout == ""


def test_one_that_was_not_given_up_is_refused(run, clinic, lose):
    mail_id = lose(clinic, state="pending")
    result = run("mail", "retry", clinic.clinic_id, mail_id)
    assert (result.exit_code, result.stderr) == (1, f"Error: Mail {mail_id} was not given up.\n")


def test_another_clinics_mail_is_unknown(run, clinic, bare_clinic, lose, session):
    mail_id = lose(clinic)
    result = run("mail", "retry", bare_clinic.clinic_id, mail_id)
    assert result.exit_code == 1
    assert result.stderr == f"Error: Clinic {bare_clinic.clinic_id} has no mail {mail_id}.\n"
    session.rollback()
    assert session.get(Outbox, (clinic.account_id, mail_id)).state == "dead"


def test_what_is_no_id_of_a_mail_is_a_wrong_call(run, clinic):
    assert run("mail", "retry", clinic.clinic_id, "x").exit_code == 2
    assert run("mail", "retry", clinic.clinic_id, uuid.uuid4()).exit_code == 1
