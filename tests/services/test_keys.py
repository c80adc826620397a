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
