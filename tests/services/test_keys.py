from datetime import timedelta

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import SyncKey
from flask_logivet_rdv.services import keys
from flask_logivet_rdv.services.transaction import transact
from tests.support.portal import MONDAY_MORNING


def holder(session, presented, now=MONDAY_MORNING):
    return keys.authenticate(session, presented, now)


def test_a_key_speaks_for_its_clinic_and_its_scopes_only(clinic, session):
    key = transact(
        jobs.desk(), clinic.account_id, lambda tx: keys.create_key(tx, [keys.EVENTS_READ])
    )
    found = holder(session, key)
    assert (found.account.id, found.scopes) == (clinic.account_id, {"events:read"})


def test_two_keys_are_valid_at_once(clinic, session):
    second = transact(jobs.desk(), clinic.account_id, keys.create_key)
    assert holder(session, second).account.id == holder(session, clinic.key).account.id


@pytest.mark.parametrize("change", [str.upper, lambda k: k[:-1], lambda k: f"{k}x", lambda k: ""])
def test_a_key_is_good_to_the_letter(clinic, session, change):
    assert holder(session, change(clinic.key)) is None


@pytest.mark.parametrize(("left", "valid"), [(1, True), (0, False), (-1, False)])
def test_a_key_may_expire(clinic, session, left, valid):
    at = MONDAY_MORNING + timedelta(seconds=left)
    session.execute(
        sa.update(SyncKey).where(SyncKey.account_id == clinic.account_id).values(expires_at=at)
    )
    session.commit()
    assert (holder(session, clinic.key) is not None) is valid


def test_a_key_revoked_twice_keeps_the_first_time(clinic, session, clock):
    key_id = clinic.key.split("_")[1]
    for _ in range(2):
        assert transact(jobs.desk(), clinic.account_id, lambda tx: keys.revoke_key(tx, key_id))
        clock.advance(hours=1)
    assert session.get(SyncKey, key_id).revoked_at == MONDAY_MORNING
    assert holder(session, clinic.key) is None


def test_another_clinics_key_is_not_revoked(clinic, bare_clinic, session):
    key_id = bare_clinic.key.split("_")[1]
    assert not transact(jobs.desk(), clinic.account_id, lambda tx: keys.revoke_key(tx, key_id))
    assert holder(session, bare_clinic.key)


def rotate(clinic, key):
    key_id = key.split("_")[1]
    return transact(jobs.desk(), clinic.account_id, lambda tx: keys.rotate_key(tx, key_id))


def use(session, key, clock):
    keys.note_use(session, key.split("_")[1], clock.now, "127.0.0.1", "LogiVet")


def test_a_new_key_has_the_scopes_of_the_old_one_which_lasts_a_day(clinic, session):
    old = transact(jobs.desk(), clinic.account_id, lambda tx: keys.create_key(tx, ["agenda:write"]))
    made = rotate(clinic, old)
    day = timedelta(hours=24)
    assert made.old_ends_at == MONDAY_MORNING + day
    assert holder(session, made.key, MONDAY_MORNING + day).scopes == {"agenda:write"}
    assert holder(session, old, MONDAY_MORNING + day - timedelta(seconds=1))
    assert holder(session, old, MONDAY_MORNING + day) is None


def test_a_rotation_whose_answer_was_lost_is_asked_again(clinic, session, clock):
    lost = rotate(clinic, clinic.key)
    clock.advance(hours=1)
    made = rotate(clinic, clinic.key)
    assert made.old_ends_at == lost.old_ends_at
    assert holder(session, lost.key) is None
    assert holder(session, made.key)
    assert holder(session, clinic.key)


def test_a_replaced_key_whose_successor_is_in_use_makes_no_other(clinic, session, clock):
    made = rotate(clinic, clinic.key)
    use(session, made.key, clock)
    assert rotate(clinic, clinic.key) == keys.AlreadyReplaced()
    assert holder(session, made.key)


def test_two_keys_of_a_line_are_valid_at_most(clinic, session, clock):
    second = rotate(clinic, clinic.key).key
    use(session, second, clock)
    third = rotate(clinic, second).key
    assert [bool(holder(session, key)) for key in (clinic.key, second, third)] == [0, 1, 1]


def test_a_rotation_leaves_the_keys_of_other_desktops_alone(clinic, session):
    other = transact(jobs.desk(), clinic.account_id, keys.create_key)
    rotate(clinic, clinic.key)
    assert holder(session, other, MONDAY_MORNING + timedelta(days=9))


def test_another_clinics_key_is_not_rotated(clinic, bare_clinic, session):
    with pytest.raises(LookupError):
        rotate(clinic, bare_clinic.key)
