"""The outbox's claims and outcomes, where two drains or a lock are in the way."""

import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Audit, Event, Outbox
from flask_logivet_rdv.services import outbox
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from flask_logivet_rdv.services.saving import UnknownRowError
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


def test_when_a_mail_was_given_up_is_kept(claim, session, clock):
    clock.advance(hours=3)
    bury(claim)
    assert mail(session, claim).not_before == NOW + 3 * 3600


def retry(claim, **by):
    return transact(jobs.desk(), claim.account_id, lambda tx: outbox.retry(tx, claim.id, **by))


def test_a_mail_put_back_is_due_now_as_if_never_tried(claim, session):
    bury(claim)
    assert retry(claim) is True
    held = mail(session, claim)
    assert (held.state, held.attempts, held.last_error) == ("pending", 0, None)
    again = outbox.claim_mail(session, NOW)
    assert (again.id, again.attempt, again.dedupe_key) == (claim.id, 1, claim.dedupe_key)


def test_putting_a_mail_back_wakes_the_worker_and_tells_logivet_nothing(claim):
    bury(claim)
    woken = []
    desk = replace(jobs.desk(), notify=lambda account_id, **what: woken.append(what))
    transact(desk, claim.account_id, lambda tx: outbox.retry(tx, claim.id))
    assert woken == [{"mail": True, "events": False}]


def test_putting_a_mail_back_is_audited(claim, session):
    bury(claim)
    retry(claim)
    found = sa.select(Audit).where(Audit.account_id == claim.account_id, Audit.subject == "mails")
    assert session.scalars(found).one().after == {"retried": "confirmation"}


def test_only_a_mail_given_up_is_put_back(claim, session):
    assert retry(claim) is False
    assert mail(session, claim).state == "sending"


def test_another_clinics_mail_is_unknown(claim, session, bare_clinic):
    bury(claim)
    with pytest.raises(UnknownRowError):
        retry(replace(claim, account_id=bare_clinic.account_id))
    assert mail(session, claim).state == "dead"


def other(session, claim, **values):
    """Have the clinic another mail, of another booking."""
    row = mail(session, claim)
    twin = {c.key: getattr(row, c.key) for c in Outbox.__table__.columns}
    values |= {"id": uuid.uuid4(), "booking_id": uuid.uuid4(), "dedupe_key": "another"}
    session.execute(sa.insert(Outbox).values(twin | values))
    session.commit()


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"state": "pending"}, False),
        ({"state": "sending"}, False),
        ({"state": "dead"}, False),
        ({"state": "sent"}, True),
        ({"state": "skipped"}, True),
    ],
)
def test_a_mail_has_left_once_it_is_sent_or_need_not_be(claim, session, values, left):
    session.execute(sa.update(Outbox).values(**values))
    session.commit()
    kept = (claim.account_id, claim.booking_id)
    assert outbox.has_left(session, *kept, "confirmation") is left
    assert outbox.has_left(session, *kept, "cancellation")
    assert outbox.has_left(session, uuid.uuid4(), claim.booking_id, "confirmation")


@pytest.mark.parametrize(
    ("own", "others", "stuck"),
    [
        ({}, {}, False),
        ({"state": "sending"}, {}, False),
        ({"last_error": "SMTPRecipientsRefused"}, {}, True),
        ({"state": "dead", "last_error": "SMTPDataError"}, {}, True),
        ({}, {"not_before": NOW - 59}, False),
        ({}, {"not_before": NOW - 60}, True),
        ({}, {"not_before": NOW - 60, "state": "sent"}, False),
        ({}, {"not_before": NOW + 9, "last_error": "ConnectionRefusedError"}, True),
        ({}, {"not_before": NOW + 9, "last_error": "SMTPRecipientsRefused"}, False),
        ({}, {"state": "dead", "last_error": "ConnectionRefusedError"}, False),
    ],
)
def test_a_mail_is_stuck_when_it_or_any_of_the_clinics_meets_trouble(
    claim, session, own, others, stuck
):
    session.execute(sa.update(Outbox).values({"state": "pending", "not_before": NOW} | own))
    session.commit()
    if others:
        other(
            session, claim, **({"state": "pending", "not_before": NOW, "last_error": None} | others)
        )
    asked = (claim.account_id, claim.booking_id, "confirmation", NOW)
    assert outbox.is_stuck(session, *asked) is stuck


def test_another_clinics_late_mail_is_not_the_clinics(claim, session, bare_clinic):
    session.execute(sa.update(Outbox).values(state="pending", not_before=NOW))
    session.commit()
    other(session, claim, account_id=bare_clinic.account_id, not_before=NOW - 60, state="pending")
    asked = (claim.account_id, claim.booking_id, "confirmation", NOW)
    assert not outbox.is_stuck(session, *asked)
