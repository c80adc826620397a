from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.models import Audit, Booking, ClinicAccount, SyncState
from flask_logivet_rdv.services import accounts
from flask_logivet_rdv.services.transaction import transact
from host_example.models import Clinic, db
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

FACTS = ClinicFacts("Clinique", "Clinic", time_zone="America/Halifax", locale="en")


@pytest.fixture
def clinic_id(portal, session):
    row = Clinic(slug="o", name_fr="", name_en="", address="", phone="", email="", time_zone="",
                 locale="fr", accent="")  # fmt: skip
    session.execute(sa.delete(Clinic).where(Clinic.slug == row.slug))
    session.add(row)
    session.commit()
    return row.id


def test_opened_twice_at_once_it_is_one_account(portal, clinic_id):
    together = Barrier(8)

    def open_account(_):
        with portal.app_context():
            together.wait()
            return accounts.open_account(db.session(), clinic_id, FACTS, MONDAY_MORNING)

    with ThreadPoolExecutor(8) as pool:
        opened = set(pool.map(open_account, range(8)))
    assert len(opened) == 1
    with portal.app_context():
        account = db.session.get(ClinicAccount, opened.pop())
        assert (account.active, account.time_zone, account.locale) == (
            False,
            "America/Halifax",
            "en",
        )
        assert db.session.get(SyncState, account.id).uploaded_at is None


def test_a_zone_that_does_not_exist_opens_nothing(session, clinic_id):
    with pytest.raises(ValueError, match="America/Laval"):
        accounts.open_account(
            session, clinic_id, replace(FACTS, time_zone="America/Laval"), MONDAY_MORNING
        )
    assert accounts.account_of_clinic(session, clinic_id) is None


@pytest.mark.parametrize(
    ("said", "kept"), [("America/Halifax", "America/Halifax"), ("Eastern", "America/Toronto")]
)
def test_a_zone_is_taken_over_only_if_it_exists(clinic, session, said, kept):
    facts = replace(FACTS, time_zone=said)
    transact(jobs.desk(), clinic.account_id, lambda tx: accounts.copy_facts(tx, facts))
    account = accounts.account_row(session, clinic.account_id)
    assert (account.time_zone, account.locale) == (kept, "en")


def test_a_subscription_is_audited_when_it_changes(clinic, session):
    for active in (False, False, True):
        transact(
            jobs.desk(), clinic.account_id, lambda tx, on=active: accounts.set_subscription(tx, on)
        )
    rows = session.execute(
        sa.select(Audit.before, Audit.after, Audit.actor_kind)
        .where(Audit.account_id == clinic.account_id, Audit.subject == "subscription")
        .order_by(Audit.revision)
    ).all()
    assert rows == [(False, True, "system"), (True, False, "system"), (False, True, "system")]


def test_bounds_are_taken_with_the_subscription_and_go_with_the_next_one(clinic, session):
    for starts, ends in ((100, 200), (100, 200), (None, None)):
        transact(
            jobs.desk(),
            clinic.account_id,
            lambda tx, a=starts, z=ends: accounts.set_subscription(tx, True, starts=a, ends=z),
        )
    account = accounts.account_row(session, clinic.account_id)
    assert (account.active_from, account.active_until) == (None, None)
    rows = session.execute(
        sa.select(Audit.before, Audit.after)
        .where(Audit.account_id == clinic.account_id, Audit.subject == "subscription:bounds")
        .order_by(Audit.revision)
    ).all()
    assert rows == [([None, None], [100, 200]), ([100, 200], [None, None])]


def test_a_new_epoch_makes_the_bookings_newer_than_what_any_desktop_has(portal, clinic, session):
    own, other = clinic, make_clinic(portal, configured=True)
    booked = [(one.account_id, one.book(at("2026-03-18", "10:00"))) for one in (own, other)]
    transact(jobs.desk(), own.account_id, accounts.new_epoch)
    assert [session.get(Booking, key).version for key in booked] == [1001, 1]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, True),
        (100, None, True),
        (101, None, False),
        (None, 101, True),
        (None, 100, False),
    ],
)
def test_a_subscription_may_have_bounds_the_last_excluded(since, until, expected):
    account = ClinicAccount(active=True, active_from=since, active_until=until)
    assert account.subscribed(100) is expected
