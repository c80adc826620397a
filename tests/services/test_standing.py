"""How clinics stand, as the operator and LogiVet's support are told."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Outbox, SyncKey
from flask_logivet_rdv.services import accounts, events, keys, outbox
from flask_logivet_rdv.services.standing import Feed, Mails, standings
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

NOW = int(MONDAY_MORNING.timestamp())
START = at("2026-03-18", "10:00")


@pytest.fixture
def everywhere(any_portal, clock):
    """A context in which to ask, on each kind of database in turn."""
    with any_portal.app_context():
        yield any_portal


def standing(clinic, now=MONDAY_MORNING):
    (found,) = standings(db.session(), now, clinic.account_id)
    return found


def write(clinic, verb):
    return transact(jobs.desk(), clinic.account_id, verb)


@contextmanager
def counted():
    """Collect the statements that the database runs."""
    ran = []
    sa.event.listen(db.engine, "before_cursor_execute", note := lambda *given: ran.append(given[2]))
    try:
        yield ran
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def test_a_clinic_to_which_nothing_happened(everywhere):
    found = standing(clinic := make_clinic(everywhere, configured=True))
    assert (found.clinic_id, found.time_zone) == (clinic.clinic_id, "America/Toronto")
    assert (found.active, found.uploaded_at, found.seen_at) == (True, MONDAY_MORNING, None)
    assert (found.valid_keys, found.unfetched, found.mails) == (1, Feed(), Mails())


def test_what_logivet_has_not_fetched(everywhere):
    clinic = make_clinic(everywhere, configured=True)
    clinic.book(START)
    write(clinic, lambda tx: tx.event("notice", about="clock", skew_s=600))
    clinic.book(START + 1800)
    assert standing(clinic).unfetched == Feed(events=3, bookings=2, since=NOW)
    key_id = clinic.key.split("_")[1]
    events.acknowledge(db.session(), key_id, 1, MONDAY_MORNING)
    assert standing(clinic).unfetched == Feed(events=2, bookings=1, since=NOW)
    events.acknowledge(db.session(), key_id, 3, MONDAY_MORNING)
    assert standing(clinic).unfetched == Feed()


def test_of_two_desktops_the_one_that_read_most_counts(everywhere):
    clinic = make_clinic(everywhere, configured=True)
    second = write(clinic, keys.create_key)
    for n in range(3):
        clinic.book(START + n * 1800)
    for key, seq in ((clinic.key, 2), (second, 1)):
        events.acknowledge(db.session(), key.split("_")[1], seq, MONDAY_MORNING)
    acked, _at = events.last_acknowledgement(db.session(), clinic.account_id)
    assert (acked, standing(clinic).unfetched.events) == (2, 1)


def test_logivet_is_seen_by_whichever_key_it_used_last(everywhere):
    clinic = make_clinic(everywhere, configured=False)
    second = write(clinic, keys.create_key)
    later = MONDAY_MORNING + timedelta(minutes=5)
    keys.note_use(db.session(), clinic.key.split("_")[1], later, "127.0.0.1", "LogiVet")
    keys.note_use(db.session(), second.split("_")[1], MONDAY_MORNING, "127.0.0.1", "LogiVet")
    assert standing(clinic).seen_at == later


def test_keys_that_ended_are_not_counted_as_valid(everywhere):
    clinic = make_clinic(everywhere, configured=False)
    made = [write(clinic, keys.create_key).split("_")[1] for _ in range(3)]
    write(clinic, lambda tx: keys.revoke_key(tx, made[0]))
    for key_id, ends in ((made[1], MONDAY_MORNING), (made[2], MONDAY_MORNING + timedelta(hours=1))):
        db.session.execute(
            sa.update(SyncKey).where(SyncKey.key_id == key_id).values(expires_at=ends)
        )
    db.session.commit()
    assert standing(clinic).valid_keys == 2


def test_a_subscription_that_is_off_or_over_is_not_active(everywhere):
    clinic = make_clinic(everywhere, configured=False)
    write(clinic, lambda tx: accounts.set_subscription(tx, False))
    assert standing(clinic).active is False


def mails(clinic, *rows):
    """Put rows of (state, not_before, lease_until, last_error) in the outbox of a clinic."""
    booking_id = clinic.book(START)
    db.session.execute(sa.delete(Outbox).where(Outbox.account_id == clinic.account_id))
    for n, (state, not_before, lease_until, error) in enumerate(rows):
        db.session.add(
            Outbox(
                account_id=clinic.account_id,
                dedupe_key=f"{n}",
                kind="confirmation",
                locale="fr",
                booking_id=booking_id,
                state=state,
                not_before=not_before,
                lease_until=lease_until,
                last_error=error,
            )
        )
    db.session.commit()


def test_mails_that_wait_by_the_oldest_that_could_leave_now(everywhere):
    clinic = make_clinic(everywhere, configured=True)
    mails(
        clinic,
        ("pending", NOW - 50, None, None),
        ("pending", NOW - 70, None, "SMTPDataError"),
        ("pending", NOW + 90, None, "TimeoutError"),
        ("sending", NOW - 900, NOW - 60, None),
        ("sending", NOW - 900, NOW + 60, None),
        ("sent", NOW - 9000, None, None),
        ("skipped", NOW - 9000, None, None),
        ("dead", NOW - 9000, None, "SMTPRecipientsRefused"),
    )
    assert standing(clinic).mails == Mails(
        waiting=5,
        retried=2,
        dead=1,
        due_since=NOW - 70,
        errors=frozenset({"SMTPDataError", "TimeoutError"}),
    )


def test_a_drain_that_died_leaves_its_mail_due_once_the_lease_ended(everywhere):
    clinic = make_clinic(everywhere, configured=True)
    mails(clinic, ("sending", NOW - 900, NOW - 60, None))
    assert standing(clinic).mails.due_since == NOW - 60


def test_a_mail_that_is_being_sent_is_not_due(everywhere):
    clinic = make_clinic(everywhere, configured=True)
    clinic.book(START)
    while outbox.claim_mail(db.session(), NOW):
        pass
    assert standing(clinic).mails == Mails(waiting=1)


def test_every_clinic_is_told_in_the_queries_of_one(everywhere):
    made = [make_clinic(everywhere, configured=True) for _ in range(3)]
    for one in made:
        one.book(START)
    with counted() as for_all:
        found = {one.account_id: one for one in standings(db.session(), MONDAY_MORNING)}
    with counted() as for_one:
        alone = [standing(one) for one in made[:1]]
    assert len(for_all) == len(for_one) == 4
    assert found[made[0].account_id] == alone[0]
    assert all(found[one.account_id].unfetched.bookings == 1 for one in made)
