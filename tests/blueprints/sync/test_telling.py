"""What the interface did is one line of the log each, with ids and counts alone."""

import logging

import pytest

from tests.blueprints.sync.calls import busy
from tests.blueprints.sync.test_actions import cancel, move
from tests.support.clinics import at

TEN = at("2026-03-18", "10:00")


@pytest.fixture
def told(caplog):
    """Return what was told, as (what, outcome, facts)."""
    caplog.set_level(logging.INFO, "flask_logivet_rdv.done")

    def said():
        parts = [dict(record.logivet_rdv) for record in caplog.records]
        return [(part.pop("what"), part.pop("outcome"), part) for part in parts]

    return said


def test_a_batch_is_told_once_with_its_size(desktop, clinic, told):
    desktop.upload(busy("a1", "09:00", "09:30"), busy("a2", "13:00", "13:30"))
    account = str(clinic.account_id)
    facts = {"account": account, "kind": "changes", "rows": "2", "conflicts": "0"}
    assert told() == [("upload", "applied", facts)]


def test_a_batch_that_is_sent_again_and_one_that_is_refused_are_told_apart(desktop, told):
    body = {"token": desktop.hello()["token"], "changes": [busy("a1", "09:00", "09:30")]}
    for key in ("once", "once", "late"):
        desktop.post(body, headers={"Idempotency-Key": key})
    assert [outcome for _, outcome, _ in told()] == ["applied", "again", "token_mismatch"]


def test_a_snapshot_is_told_when_it_is_applied(desktop, told):
    desktop.snapshot()
    assert [(what, outcome, facts["kind"]) for what, outcome, facts in told()] == [
        ("upload", "applied", "snapshot")
    ]


def test_what_the_clinic_does_to_a_booking_is_told(desktop, clinic, told):
    booking_id = clinic.book(TEN)
    move(desktop, booking_id)
    move(desktop, booking_id, resource_id="r9")
    cancel(desktop, booking_id)
    cancel(desktop, booking_id)
    assert [(what, outcome) for what, outcome, _ in told()] == [
        ("move", "done"),
        ("move", "unknown_resource"),
        ("cancellation", "done"),
        ("cancellation", "again"),
    ]
    assert {facts["booking"] for _, _, facts in told()} == {str(booking_id)}
