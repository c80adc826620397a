"""What is written down for a clinic's privacy officer, and how seldom."""

from datetime import timedelta

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.services import history, incidents
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import make_clinic

HOME, WORK = "203.0.113.1", "203.0.113.2"
KEY, OTHER_KEY = "a" * 16, "b" * 16


@pytest.fixture
def zoe(clinic):
    return Actor(clinic.user_id, "Zoé L'Écuyer", clinic.clinic_id)


@pytest.fixture
def used(clinic):
    """Use a key from an address, after another one."""

    def use(address, former=HOME, key=KEY):
        note = incidents.note_address
        transact(jobs.desk(), clinic.account_id, lambda tx: note(tx, key, former, address))

    return use


@pytest.fixture
def refuse(clinic):
    def refuse(who):
        transact(jobs.desk(), clinic.account_id, lambda tx: incidents.note_refusals(tx, who, 20))

    return refuse


@pytest.fixture
def log(clinic, session):
    """Return the incident log, the newest first."""
    return lambda: history.history(session, clinic.account_id, incidents.LOG)[0]


def test_a_new_address_is_written_down_with_its_key_its_moment_and_the_one_before(used, log, clock):
    used(WORK)
    assert [(one.at, one.actor, one.before, one.after) for one in log()] == [
        (clock.now, "LogiVet", {"address": HOME}, {"key": KEY, "address": WORK})
    ]


def test_two_addresses_that_take_turns_are_written_down_once(used, log, clock):
    for _ in range(5):
        used(WORK, former=HOME)
        used(HOME, former=WORK)
        clock.advance(days=30)
    assert len(log()) == 1


def test_each_key_has_its_own_addresses(used, log):
    used(WORK)
    used(WORK, key=OTHER_KEY)
    assert [one.after["key"] for one in log()] == [OTHER_KEY, KEY]


def test_ten_addresses_of_a_key_are_written_down_in_a_day(used, log, clock):
    for n in range(1, 20):
        used(f"198.51.100.{n}")
    assert len(log()) == incidents.ADDRESSES_A_DAY
    used(WORK, key=OTHER_KEY)
    assert len(log()) == incidents.ADDRESSES_A_DAY + 1
    clock.advance(days=1)
    used("198.51.100.19")
    assert len(log()) == incidents.ADDRESSES_A_DAY + 2


def test_refusals_of_a_person_are_written_down_once_an_hour(refuse, log, clock, zoe):
    for _ in range(3):
        refuse(zoe)
        clock.advance(minutes=20)
    refuse(zoe)
    assert [(one.actor, one.by_user, one.after) for one in log()] == [
        ("Zoé L'Écuyer", True, {"more_than": 20})
    ] * 2


def test_refusals_of_another_person_or_key_are_their_own(refuse, log, zoe):
    for who in (zoe, KEY, OTHER_KEY):
        refuse(who)
    assert [one.after.get("key") for one in log()] == [OTHER_KEY, KEY, None]


def test_the_log_is_of_one_clinic(used, refuse, portal, session, clock):
    other = make_clinic(portal, configured=True)
    used(WORK)
    refuse(KEY)
    assert history.history(session, other.account_id, incidents.LOG)[0] == []
    assert incidents.address_is_new(session, other.account_id, KEY, WORK, clock.now)
    assert not incidents.refusals_were_noted(session, other.account_id, KEY, clock.now)


def test_what_was_written_an_hour_ago_no_longer_counts(refuse, clinic, session, clock):
    refuse(KEY)
    later = clock.now + timedelta(hours=1)
    told = [
        incidents.refusals_were_noted(session, clinic.account_id, KEY, at)
        for at in (later - timedelta(seconds=1), later)
    ]
    assert told == [True, False]
