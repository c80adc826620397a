"""An upload that is sent again: answered again, applied once (S6)."""

import json

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Busy, Reply
from flask_logivet_rdv.services import replies
from tests.blueprints.sync.calls import assert_problem, busy, delete

KEY = {"Idempotency-Key": "upload"}


@pytest.fixture
def body(desktop):
    return {"token": desktop.hello()["token"], "changes": [busy("A-1", "08:00", "08:30")]}


def test_the_same_body_gets_the_same_answer_and_is_applied_once(desktop, body):
    first = desktop.post(body, KEY)
    desktop.upload(delete("busy", "A-1", 2))
    again = desktop.post(body, KEY)
    assert (again.status_code, again.data) == (200, first.data)
    assert desktop.upload(delete("busy", "A-1", 2)).json["results"][0]["status"] == "unchanged"


def test_another_body_is_refused(desktop, body):
    desktop.post(body, KEY)
    other = body | {"changes": []}
    assert_problem(desktop.post(other, KEY), 422, "idempotency_key_reuse")


def test_the_same_key_of_another_clinic_is_another_key(desktop, desktop_of, bare_clinic, body):
    desktop.post(body, KEY)
    other = desktop_of(bare_clinic)
    sent = {"token": other.hello()["token"], "changes": []}
    assert other.post(sent, KEY).json["results"] == []


def test_a_refusal_is_not_kept(desktop, body):
    wrong = body | {"token": "7:999"}
    assert_problem(desktop.post(wrong, KEY), 409, "token_mismatch")
    assert desktop.post(body, KEY).status_code == 200


def test_an_answer_is_kept_48_hours(desktop, body, clock, session, clinic):
    first = desktop.post(body, KEY)
    clock.advance(hours=47, minutes=59)
    assert desktop.post(body, KEY).data == first.data
    clock.advance(minutes=1)
    assert_problem(desktop.post(body, KEY), 409, "token_mismatch")
    fresh = body | {"token": desktop.hello()["token"]}
    assert desktop.post(fresh, {"Idempotency-Key": "another"}).status_code == 200
    kept = sa.select(Reply.idempotency_key).where(Reply.account_id == clinic.account_id)
    assert session.scalars(kept).all() == ["another"]


def test_while_the_first_runs_the_second_is_told_when_to_come_back(
    desktop, body, session, clinic, clock
):
    claimed = first_request(session, clinic, clock, body)
    problem = assert_problem(desktop.post(body, KEY), 409, "in_flight")
    assert problem["retry_after_s"] > 0
    replies.release(session, claimed)
    assert desktop.post(body, KEY).status_code == 200


def test_a_first_that_never_ended_is_taken_over_after_a_minute(
    desktop, body, session, clinic, clock
):
    first_request(session, clinic, clock, body)
    clock.advance(seconds=59)
    assert_problem(desktop.post(body, KEY), 409, "in_flight")
    clock.advance(seconds=1)
    assert desktop.post(body, KEY).status_code == 200
    assert session.get(Busy, (clinic.account_id, "A-1")) is not None


def first_request(session, clinic, clock, body):
    """Claim the key as a request does that then says no more."""
    return replies.claim(
        session,
        clinic.account_id,
        "upload",
        replies.digest(json.dumps(body).encode()),
        int(clock.now.timestamp()),
    )
