"""S6: an upload under one Idempotency-Key is applied once, however often and fast it is sent."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_logivet_rdv.models import Busy
from flask_logivet_rdv.services import replies
from host_example.desktop.dates import rfc3339
from host_example.models import db
from tests.acceptance.logivet import HALF_HOUR, rows, slots
from tests.support.served import call

KEY = "upload-1"
RACERS = 10


@pytest.fixture
def send(example, clinic):
    def send(body, key=KEY):
        url = f"{example.sync_url}/changes"
        headers = {"Idempotency-Key": key}
        return call(url, "POST", key=clinic.key, body=body, headers=headers)

    return send


@pytest.fixture
def token(example, clinic):
    return lambda: call(f"{example.sync_url}/hello", key=clinic.key).json["token"]


@pytest.fixture
def body(clinic, token):
    start = slots(clinic)[0].start
    data = {"resource_id": "r2", "type": "note", "start": rfc3339(start),
            "end": rfc3339(start + HALF_HOUR), "booking_id": None}  # fmt: skip
    change = {"op": "upsert", "kind": "busy", "id": "A-1", "version": 1, "data": data}
    return {"token": token(), "changes": [change]}


def seq(token):
    return int(token.rpartition(":")[2])


def test_s6_the_same_body_gets_the_same_answer_and_another_body_422(send, token, body):
    first = send(body)
    assert first.status == 200
    again = send(body)
    assert (again.status, again.body) == (200, first.body)
    assert token() == first.json["token"]
    other = send(body | {"changes": []})
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reuse")


def test_s6_while_the_first_is_in_flight_the_others_are_told_so(clinic, send, token, body):
    with clinic.app.app_context():
        sha256 = replies.digest(json.dumps(body).encode())
        held = replies.claim(db.session(), clinic.account_id, KEY, sha256, int(time.time()))
        second = send(body)
        assert (second.status, second.json["code"]) == (409, "in_flight")
        assert second.headers["retry-after"] == str(second.json["retry_after_s"])
        replies.release(db.session(), held)
    assert send(body).status == 200


def test_s6_sent_ten_times_at_once_it_is_applied_once(clinic, send, token, body):
    before, barrier = seq(token()), threading.Barrier(RACERS)

    def racer(_):
        barrier.wait()
        return send(body)

    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(racer, range(RACERS)))
    assert {(a.status, a.json.get("code")) for a in answers} <= {(200, None), (409, "in_flight")}
    last = send(body)
    assert {a.body for a in answers if a.status == 200} | {last.body} == {last.body}
    assert seq(token()) == before + 1
    assert rows(clinic, Busy.logivet_id, Busy.version) == [("A-1", 1)]
