"""What a client typed is let go of, everywhere, some days after the visit (Law 25)."""

import threading

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Base, Booking, CancelLink, Outbox
from flask_logivet_rdv.services import blanking, events, upkeep
from flask_logivet_rdv.services.bookings import (
    booking_for_confirmation,
    booking_for_link,
    token_hash,
)
from flask_logivet_rdv.services.by_clinic import cancel_by_clinic
from flask_logivet_rdv.services.cancelling import cancel_by_client, mint_cancel_link
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.support.clinics import at, make_clinic
from tests.support.databases import database
from tests.support.portal import make_portal, migrate

START = at("2026-03-18", "10:00")
KEPT_S = 90 * 86_400
TYPED = {
    "name": "Zénobie Marquée",
    "email": "zenobie.marquee@exemple.ca",
    "email_key": "e" * 64,
    "phone": "+15145550199",
    "pet_name": "Marqueminou",
    "reason": "Motif marqué",
}
WHY = "Raison marquée"


def tidy(clinic):
    return upkeep.tidy(jobs.desk(), clinic.account_id, KEPT_S)


def read(clinic, session, seq=1_000):
    """Have LogiVet acknowledge the events up to `seq`."""
    session.rollback()
    events.acknowledge(session, clinic.key.split("_")[1], seq, jobs.desk().clock())


def row(clinic, session, booking_id):
    session.rollback()
    return session.get(Booking, (clinic.account_id, booking_id), populate_existing=True)


def everything(session, clinic):
    """Return the text of every row of a clinic in every table of ours."""
    session.rollback()
    found = []
    for table in Base.metadata.sorted_tables:
        if "account_id" in table.c:
            of_clinic = sa.select(table).where(table.c.account_id == clinic.account_id)
            found += [f"{table.name} {tuple(one)}" for one in session.execute(of_clinic)]
    return "\n".join(found)


def marks(text):
    typed = (*TYPED.values(), WHY)
    return [mark for mark in typed if mark in text]


@pytest.fixture
def cancelled(clinic, session):
    """A booking whose fields are marked, cancelled by its owner for a marked reason; all read."""
    booking_id = clinic.book(START, **TYPED)
    mint_cancel_link(jobs.desk(), clinic.account_id, booking_id)
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, WHY))
    read(clinic, session)
    return booking_id


def test_nothing_personal_is_left_in_any_table(clinic, session, clock, cancelled):
    before = everything(session, clinic)
    assert marks(before) == [*TYPED.values(), WHY]
    clock.advance(days=95)
    assert tidy(clinic).bookings == 1
    after = everything(session, clinic)
    assert marks(after) == []
    assert "rdv_cancel_link" in before
    assert "rdv_cancel_link" not in after


def test_what_is_counted_stays(clinic, session, clock, cancelled):
    def counted():
        kept = row(clinic, session, cancelled)
        return {
            column.key: getattr(kept, column.key)
            for column in sa.inspect(Booking).column_attrs
            if column.key not in {*blanking.BLANK, "blanked_at"}
        }

    before = counted()
    clock.advance(days=95)
    tidy(clinic)
    assert counted() == before
    assert row(clinic, session, cancelled).blanked_at == clock.now


def test_it_is_so_many_days_after_the_end_of_the_visit(clinic, session, clock):
    booking_id = clinic.book(START)
    read(clinic, session)
    end = row(clinic, session, booking_id).ends_at
    clock.advance(seconds=end - clock.now.timestamp() + KEPT_S - 1)
    tidy(clinic)
    assert row(clinic, session, booking_id).client_name
    clock.advance(seconds=1)
    assert clinic.account_id in upkeep.overdue(session, int(clock.now.timestamp()), KEPT_S)
    assert tidy(clinic).bookings == 1
    assert row(clinic, session, booking_id).client_name is None
    assert clinic.account_id not in upkeep.overdue(session, int(clock.now.timestamp()), KEPT_S)


def test_it_is_never_before_logivet_has_fetched_all_of_it(clinic, session, clock):
    booking_id = clinic.book(START)
    read(clinic, session, 1)
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, "x"))
    clock.advance(days=1_000)
    assert tidy(clinic).bookings == 0
    read(clinic, session, 2)
    assert tidy(clinic).bookings == 1


def test_any_of_the_clinics_keys_will_do_and_no_other_clinics(clinic, portal, session, clock):
    other = make_clinic(portal, configured=True)
    booking_id = clinic.book(START)
    read(other, session)
    clock.advance(days=100)
    assert tidy(clinic).bookings == 0
    read(clinic, session)
    assert tidy(other).bookings == 0
    assert row(clinic, session, booking_id).client_name
    assert tidy(clinic).bookings == 1


def test_its_events_may_be_forgotten_before(clinic, session, clock):
    clinic.book(START)
    read(clinic, session)
    clock.advance(days=61)
    assert tidy(clinic).events == 1
    clock.advance(days=60)
    assert tidy(clinic).bookings == 1


def test_a_mail_that_waits_or_was_given_up_is_not_sent(clinic, session, clock):
    of_booking = Outbox.booking_id == clinic.book(START)
    session.execute(sa.update(Outbox).where(of_booking).values(state="dead", last_error="X"))
    session.commit()
    read(clinic, session)
    clock.advance(days=95)
    tidy(clinic)
    assert session.scalars(sa.select(Outbox.state).where(of_booking)).all() in ([], ["skipped"])


def test_its_links_lead_nowhere(clinic, session, clock):
    booking_id = clinic.book(START, confirmation_sha256=token_hash("its page"))
    token = mint_cancel_link(jobs.desk(), clinic.account_id, booking_id)
    assert booking_for_link(session, token)
    assert booking_for_confirmation(session, "its page")
    transact(
        jobs.desk(),
        clinic.account_id,
        lambda tx: blanking.blank(tx.session, tx.account_id, [booking_id], tx.now),
    )
    assert booking_for_link(session, token) is None
    assert booking_for_confirmation(session, "its page") is None
    of_booking = CancelLink.booking_id == booking_id
    assert session.scalars(sa.select(CancelLink).where(of_booking)).all() == []


def test_a_reason_that_comes_later_is_not_kept(clinic, session, clock):
    booking_id = clinic.book(START)
    read(clinic, session)
    clock.advance(days=95)
    tidy(clinic)
    transact(
        jobs.desk(),
        clinic.account_id,
        lambda tx: cancel_by_clinic(tx, booking_id, WHY, notify_client=False),
    )
    assert row(clinic, session, booking_id).cancel_reason is None


def test_a_booking_that_was_moved_meanwhile_is_left_alone(clinic, session, clock):
    booking_id = clinic.book(START)
    read(clinic, session)
    old = blanking.kept_long_enough(int(clock.now.timestamp()), KEPT_S)
    gone = blanking.blank(session, clinic.account_id, [booking_id], clock.now, old)
    session.commit()
    assert gone == 0
    assert row(clinic, session, booking_id).client_name


@pytest.fixture
def served(tmp_path, clock):
    """The portal on PostgreSQL, where two may write at once."""
    with database("postgresql", tmp_path) as url:
        app = make_portal(tmp_path, url, clock)
        migrate(app)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_two_may_tidy_side_by_side(served, clock, monkeypatch):
    monkeypatch.setattr(upkeep, "ROWS_AT_ONCE", 2)
    clinic = make_clinic(served, configured=True)
    mornings = (START, at("2026-03-19", "09:00"), at("2026-03-21", "09:00"))
    for n in range(12):
        clinic.book(mornings[n // 4] + 1800 * (n % 4), phone=f"+1514555{n:04}")
    with served.app_context():
        read(clinic, db.session())
    clock.advance(days=200)
    gone, begin = [], threading.Barrier(2)

    def run():
        with served.app_context():
            begin.wait()
            gone.append(tidy(clinic))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.bookings for one in gone) == 12
    assert sum(one.events for one in gone) == 12
    with served.app_context():
        assert upkeep.overdue(db.session(), int(clock.now.timestamp()), KEPT_S) == []
