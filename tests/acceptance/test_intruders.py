"""Whoever comes with another clinic's key, a dead one or none reaches nothing of this clinic.

Every address of the interface is tried, as the portal's own URL map names them.
"""

import secrets
import threading
import time
from itertools import product

import pytest

from flask_logivet_rdv.services.keys import create_key, revoke_key
from tests.acceptance.slots import next_slots
from tests.acceptance.tenants import BODIES, rows, rules, send, write
from tests.support.clinics import make_clinic
from tests.support.served import call

pytestmark = pytest.mark.xdist_group("contract")
FOREIGN = ("clinic_id", "account_id", "id", "seq", "status", "revision", "upload_seq", "epoch")
"""Members of our rows, that nobody may set."""


@pytest.fixture
def victim(example):
    """A clinic with a booking, a busy range and an open snapshot; its key was used just now."""
    clinic = make_clinic(example.app, configured=True)
    token = call(f"{example.sync_url}/hello", key=clinic.key).json["token"]
    entry = {
        "op": "upsert",
        "kind": "busy",
        "id": "A-1",
        "version": 1,
        "data": {
            "resource_id": "r2",
            "type": "note",
            "start": "2100-01-04T15:00:00Z",
            "end": "2100-01-04T15:30:00Z",
        },
    }
    headers = {"Idempotency-Key": "k"}
    body = {"token": token, "changes": [entry]}
    sent = call(f"{example.sync_url}/changes", "POST", key=clinic.key, body=body, headers=headers)
    assert sent.status == 200
    return clinic


@pytest.fixture
def ids(example, victim):
    """Everything in addresses that is the victim's."""
    url = f"{example.sync_url}/snapshots"
    snapshot = call(url, "POST", key=victim.key, body={"kinds": ["busy"]}).json["id"]
    part = call(f"{url}/{snapshot}/parts/1", "PUT", key=victim.key, body={"items": []})
    assert part.status == 204
    return {"snapshot_id": snapshot, "booking_id": victim.book(next_slots(1)[0]), "n": 1}


def test_the_ids_of_another_clinic_are_as_unknown_as_any(example, clinic, victim, ids):
    """Of each answer, all but its path is the one to an id that nobody has."""
    before = rows(victim)
    assert len(before) > 15
    tried = [entry for entry in rules(example.app) if entry[2].arguments]
    assert len(tried) == 4
    for name, method, rule in tried:
        theirs = send(example, name, method, rule, key=clinic.key, ids=ids)
        nobodys = send(example, name, method, rule, key=clinic.key)
        assert (name, theirs.status) == (name, 404)
        assert theirs.json | {"instance": ""} == nobodys.json | {"instance": ""}
    assert rows(victim) == before


def test_the_victims_own_key_does_reach_them(example, victim, ids):
    """Else the test above would tell nothing."""
    # parts before their commit, a move before the cancellation
    for name, method, rule in sorted(rules(example.app), key=lambda entry: entry[0], reverse=True):
        if rule.arguments:
            answer = send(example, name, method, rule, key=victim.key, ids=ids)
            assert (name, answer.status) == (name, 204 if name == "put_part" else 200)


def test_keys_and_ids_of_another_clinic_in_a_body_name_nothing_of_it(example, clinic, victim, ids):
    """LogiVet's keys are each clinic's own; a mirror of another clinic's booking mirrors none."""
    before, url = rows(victim), f"{example.sync_url}/changes"
    token = call(f"{example.sync_url}/hello", key=victim.key).json["token"]
    own = call(f"{example.sync_url}/hello", key=clinic.key).json["token"]
    data = {"resource_id": "r2", "type": "note", "booking_id": str(ids["booking_id"])}
    data |= {"start": "2100-01-04T15:00:00Z", "end": "2100-01-04T15:30:00Z"}
    changes = [
        {"op": "upsert", "kind": "busy", "id": "A-1", "version": 99, "data": data},
        {"op": "delete", "kind": "resource", "id": "r2", "version": 99},
        {"op": "delete", "kind": "category", "id": "c1", "version": 99},
    ]
    for sent, status in ((token, 409), (own, 200)):
        headers = {"Idempotency-Key": "k"}
        body = {"token": sent, "changes": changes}
        assert call(url, "POST", key=clinic.key, body=body, headers=headers).status == status
    assert rows(victim) == before
    feed = call(f"{example.sync_url}/bookings", key=clinic.key)
    assert feed.json["bookings"] == []


def test_no_member_that_is_ours_is_taken_from_a_body(example, victim, ids):
    before = rows(victim)
    for member in FOREIGN:
        for name, method, rule in rules(example.app):
            if name in BODIES:
                value = {member: str(victim.account_id)}
                answer = send(example, name, method, rule, key=victim.key, ids=ids, **value)
                assert (name, member, answer.status) == (name, member, 422)
                assert "unknown_member" in {error["code"] for error in answer.json["errors"]}
    assert rows(victim) == before


def test_no_member_that_is_ours_is_taken_from_an_address(example, clinic, victim, ids):
    """What an address has no use for is left alone, and the key alone tells the clinic."""
    before = rows(victim)
    query = f"?cursor={_cursor(example, clinic)}" + "".join(
        f"&{member}={victim.account_id}" for member in FOREIGN if member != "status"
    )
    for name, method, rule in rules(example.app):
        if method == "GET":
            answer = send(example, name, method, rule, key=clinic.key, query=query)
            assert (name, answer.status) == (name, 200)
            assert answer.json.get("bookings", []) == answer.json.get("events", []) == []
    assert rows(victim) == before


def _cursor(example, clinic):
    return call(f"{example.sync_url}/hello", key=clinic.key).json["cursor"]


def keyless(victim):
    key_id, secret = victim.key.split("_", 2)[1:]
    return {
        "none": None,
        "empty": "",
        "unknown": f"rdv_{secrets.token_hex(8)}_{secret}",
        "wrong secret": f"rdv_{key_id}_{secrets.token_urlsafe(32)}",
        "no secret": f"rdv_{key_id}_",
        "revoked": _revoked(victim),
    }


def _revoked(victim):
    key = write(victim, create_key)
    write(victim, lambda tx: revoke_key(tx, key.split("_")[1]))
    return key


def test_a_dead_or_made_up_key_is_refused_everywhere(example, victim, ids):
    keys, before = keyless(victim), rows(victim)
    for what, key in keys.items():
        for name, method, rule in rules(example.app):
            answer = send(example, name, method, rule, key=key, ids=ids)
            assert (what, name, answer.status) == (what, name, 401)
            assert answer.json["code"] == "invalid_key"
            assert answer.headers["www-authenticate"] == "Bearer"
    assert rows(victim) == before


def test_a_key_without_scopes_is_only_greeted(example, victim, ids):
    key = write(victim, lambda tx: create_key(tx, []))
    assert call(f"{example.sync_url}/hello", key=key).status == 200
    before = rows(victim)
    for name, method, rule in rules(example.app):
        if name != "hello":
            answer = send(example, name, method, rule, key=key, ids=ids)
            assert (name, answer.status, answer.json["code"]) == (name, 403, "missing_scope")
    assert rows(victim) == before


def test_a_key_in_the_address_is_refused_everywhere(example, victim, ids):
    before = rows(victim)
    queries = ("?key={}", "?access_token={}", "?cursor={}", "?x=Bearer%20{}")
    for header, query in product((None, victim.key), queries):
        for name, method, rule in rules(example.app):
            address = query.format(victim.key)
            answer = send(example, name, method, rule, key=header, ids=ids, query=address)
            assert (name, answer.status, answer.json["code"]) == (name, 400, "key_in_query")
            assert victim.key.encode() not in answer.body
    assert rows(victim) == before


def test_a_key_revoked_during_a_long_poll_ends_with_it(example, victim):
    """The poll that is held ends within its wait; the next request is refused."""
    key, wait = write(victim, create_key), 4
    url = f"{example.sync_url}/events?cursor={_cursor(example, victim)}&wait={wait}"
    polls, begun = [], time.monotonic()
    poll = threading.Thread(target=lambda: polls.append(call(url, key=key)))
    poll.start()
    time.sleep(1)
    assert poll.is_alive()
    write(victim, lambda tx: revoke_key(tx, key.split("_")[1]))
    assert call(url, key=key).status == 401
    poll.join(30)
    assert time.monotonic() - begun < wait + 10
    assert polls[0].status in (200, 401)
