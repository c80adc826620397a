import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import ClinicAccount, SyncState
from flask_logivet_rdv.services import events
from tests.support.portal import MONDAY_MORNING


@pytest.fixture
def account(portal):
    return ClinicAccount(id=uuid.uuid4(), epoch=7, events_kept_from=10, event_seq=20)


@pytest.mark.parametrize(("cursor", "at"), [("7:10", 10), ("7:15", 15), ("7:20", 20)])
def test_a_cursor_stands_between_the_oldest_kept_and_the_last(account, cursor, at):
    assert events.position(account, cursor) == at


@pytest.mark.parametrize(
    "cursor",
    ["7:9", "7:21", "6:15", "8:15", "", ":", "7:", ":15", "7:-1", "7:1e1", "7:15:1", "²:15",
     "7:" + "9" * 50, "\x00", "7:15\n"],
)  # fmt: skip
def test_any_other_cursor_asks_for_a_full_reading(account, cursor):
    assert events.position(account, cursor) == events.Resync()


def test_what_is_acknowledged_only_grows(clinic, session):
    for seq in (5, 3, 8):
        events.acknowledge(session, clinic.account_id, seq, MONDAY_MORNING)
    assert events.acknowledged(session, clinic.account_id) == 8
    assert session.scalar(
        sa.select(SyncState.acked_at).where(SyncState.account_id == clinic.account_id)
    )


def test_nobody_has_acknowledged_anything_of_an_unknown_account(session):
    assert events.acknowledged(session, uuid.uuid4()) == 0
