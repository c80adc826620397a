"""The outbox's claims and outcomes, where two drains or a lock are in the way."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Event, Outbox
from flask_logivet_rdv.services import outbox
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.support.clinics import at

START = at("2026-03-18", "10:00")
NOW = at("2026-03-16", "10:00")


@pytest.fixture
def claim(clinic, session):
    """Claim the only mail that is due."""
    session.execute(sa.delete(Outbox))
    session.commit()
    clinic.book(START)
    return outbox.claim_mail(session, NOW)


def mail(session, claim):
    session.rollback()
    return session.get(Outbox, (claim.account_id, claim.id))


def bury(claim):
    transact(jobs.desk(), claim.account_id, lambda tx: outbox.bury(tx, claim, "Error"))


def test_a_claimed_mail_is_nobody_elses_until_its_lease_ends(claim, session):
    assert outbox.claim_mail(session, NOW + outbox.LEASE_S - 1) is None
    again = outbox.claim_mail(session, NOW + outbox.LEASE_S)
    assert (again.id, again.attempt) == (claim.id, 2)


@pytest.mark.parametrize(
    "late",
    [
        lambda session, claim: outbox.mark_sent(session, claim, NOW),
        lambda session, claim: outbox.mark_failed(session, claim, NOW, "Error"),
        lambda session, claim: bury(claim),
    ],
)
def test_a_drain_that_lost_its_lease_says_nothing_more(claim, session, late):
    second = outbox.claim_mail(session, NOW + outbox.LEASE_S)
    late(session, claim)
    held = mail(session, claim)
    assert (held.state, held.attempts) == ("sending", second.attempt)
    told = sa.select(sa.func.count()).where(
        Event.account_id == claim.account_id, Event.type == "notice"
    )
    assert session.scalar(told) == 0


def test_an_error_is_cut_to_what_is_kept(claim, session):
    outbox.mark_failed(session, claim, NOW, "x" * 900)
    assert len(mail(session, claim).last_error) == 500


def lock_once(statement_start):
    """Have the next such statement meet a locked database, once."""
    met = []

    def refuse(connection, cursor, statement, parameters, context, many):
        if not met and statement.startswith(statement_start):
            met.append(statement)
            raise sa.exc.OperationalError(statement, {}, Exception("database is locked"))

    sa.event.listen(db.engine, "before_cursor_execute", refuse)
    return met, lambda: sa.event.remove(db.engine, "before_cursor_execute", refuse)


def test_a_lock_does_not_send_a_mail_twice_that_has_left(claim, session):
    met, stop = lock_once("UPDATE rdv_outbox")
    try:
        outbox.mark_sent(session, claim, NOW)
    finally:
        stop()
    assert met
    assert mail(session, claim).state == "sent"


def test_a_lock_does_not_cost_a_link(claim, session):
    met, stop = lock_once("INSERT INTO rdv_cancel_link")
    try:
        assert mint_cancel_link(jobs.desk(), claim.account_id, claim.booking_id)
    finally:
        stop()
    assert met


def test_a_mail_given_up_is_claimed_no_more(claim, session):
    bury(replace(claim))
    assert mail(session, claim).state == "dead"
    assert outbox.claim_mail(session, NOW + 10 * outbox.LEASE_S) is None
