import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import event

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.sync import views
from flask_logivet_rdv.services.keys import revoke_key
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION
from flask_logivet_rdv.web import waiters
from host_example.models import db
from tests.support.clinics import at, make_clinic
from tests.support.redis import url_of
from tests.support.redis import valkey as own_valkey

EVENTS = "/api/logivet/v1/events"
PROMPTLY_S = 1.0


@pytest.fixture
def poll(portal):
    """Return a function that asks for events in a thread of its own: (seconds it took, answer)."""
    pool = ThreadPoolExecutor(8)

    def ask(clinic, wait=10, cursor=None, threads=True):
        start = cursor or first_cursor(portal, clinic)
        began = time.monotonic()
        answer = portal.test_client().get(
            EVENTS,
            query_string={"cursor": start, "wait": wait},
            headers={"Authorization": f"Bearer {clinic.key}"},
            environ_overrides={"wsgi.multithread": threads},
        )
        return time.monotonic() - began, answer

    yield lambda *args, **kw: pool.submit(ask, *args, **kw)
    pool.shutdown()


def until(condition, patience=5.0):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def held():
    return len(waiters._here.everybody())


def book(clinic):
    return clinic.book(at("2026-03-18", "10:00"))


def test_a_committed_booking_wakes_the_waiter_at_once(poll, clinic):
    asked = poll(clinic)
    until(held)
    time.sleep(0.3)
    committed = time.monotonic()
    book(clinic)
    took, answer = asked.result()
    assert time.monotonic() - committed < PROMPTLY_S
    assert took >= 0.3
    assert [found["type"] for found in answer.json["events"]] == ["booking.created"]
    assert answer.json["poll_after_s"] == 0
    assert held() == 0


def test_another_clinics_booking_wakes_nobody(poll, portal, clinic):
    other = make_clinic(portal, configured=True)
    asked = poll(clinic, wait=1)
    until(held)
    book(other)
    took, answer = asked.result()
    assert took >= 1
    assert answer.json["events"] == []


def test_an_empty_wait_ends_in_time_and_asks_again_at_once(poll, clinic):
    took, answer = poll(clinic, wait=1).result()
    assert 1 <= took < 2
    assert (answer.json["events"], answer.json["poll_after_s"]) == ([], 0)


def test_long_waits_end_apart_so_that_who_came_together_does_not_come_back_together(
    poll, clinic, monkeypatch
):
    drawn = []
    monkeypatch.setattr(views.random, "uniform", lambda *span: drawn.append(span) or 0.3)
    took, answer = poll(clinic, wait=25).result()
    assert drawn[0] == views.LONGEST_WAIT_S
    assert 0.3 <= took < 0.3 + PROMPTLY_S
    assert (answer.json["events"], answer.json["poll_after_s"]) == ([], 0)


def test_what_is_there_already_is_answered_without_waiting(poll, clinic):
    book(clinic)
    took, answer = poll(clinic, wait=10).result()
    assert took < PROMPTLY_S
    assert len(answer.json["events"]) == 1


def test_a_waiter_is_there_before_the_first_read(poll, clinic, monkeypatch):
    from flask_logivet_rdv.services import events as feed

    read, seen = feed.read_events, []

    def watched(*args):
        seen.append(held())
        return read(*args)

    monkeypatch.setattr(feed, "read_events", watched)
    poll(clinic, wait=1).result()
    assert seen[0] == 1


def test_what_is_committed_between_the_key_and_the_place_is_not_missed(
    any_portal, clock, monkeypatch
):
    clinic = make_clinic(any_portal, configured=True)

    def late(*args):
        with ThreadPoolExecutor(1) as other:
            other.submit(book, clinic).result()
        return waiters.waiter(*args)

    monkeypatch.setattr(views, "waiter", late)
    began = time.monotonic()
    answer = any_portal.test_client().get(
        EVENTS,
        query_string={"cursor": first_cursor(any_portal, clinic), "wait": 5},
        headers={"Authorization": f"Bearer {clinic.key}"},
        environ_overrides={"wsgi.multithread": True},
    )
    assert time.monotonic() - began < 4
    assert len(answer.json["events"]) == 1


def first_cursor(portal, clinic):
    headers = {"Authorization": f"Bearer {clinic.key}"}
    return portal.test_client().get("/api/logivet/v1/hello", headers=headers).json["cursor"]


def test_the_database_connection_is_given_back_while_waiting(poll, portal, clinic):
    out = set()
    with portal.app_context():
        engine = db.engine
    event.listen(engine, "checkout", lambda connection, *_: out.add(id(connection)))
    event.listen(engine, "checkin", lambda connection, *_: out.discard(id(connection)))
    asked = poll(clinic)
    until(held)
    until(lambda: not out)
    time.sleep(0.2)
    assert not out
    book(clinic)
    asked.result()


def test_without_a_wake_up_the_feed_is_read_again_every_few_seconds(poll, clinic, monkeypatch):
    monkeypatch.setattr(waiters, "REREAD_S", (0.2, 0.2))
    asked = poll(clinic)
    until(held)
    with monkeypatch.context() as deaf:
        deaf.setattr(waiters, "wake", lambda _account_id: None)
        book(clinic)
    took, answer = asked.result()
    assert took < 2
    assert len(answer.json["events"]) == 1


def test_a_key_revoked_during_a_wait_ends_at_the_next_request(poll, portal, clinic):
    asked = poll(clinic, wait=1)
    until(held)
    with portal.app_context():
        transact(
            jobs.desk(), clinic.account_id, lambda tx: revoke_key(tx, clinic.key.split("_")[1])
        )
    assert asked.result()[1].status_code == 200
    assert poll(clinic, cursor="7:0").result()[1].status_code == 401


@pytest.mark.parametrize(
    ("setting", "threads", "places"), [(None, True, 4), (None, False, 0), (2, False, 2)]
)
def test_above_the_cap_the_answer_comes_at_once(
    poll, portal, clinic, monkeypatch, setting, threads, places
):
    monkeypatch.setitem(portal.extensions, EXTENSION, _with_waiters(portal, setting))
    clinics = [make_clinic(portal, configured=True) for _ in range(places)]
    waiting = [poll(one, threads=threads) for one in clinics]
    until(lambda: held() == places)
    took, answer = poll(clinic, threads=threads).result()
    assert took < PROMPTLY_S
    assert (answer.status_code, answer.json["events"]) == (200, [])
    assert 0 < answer.json["poll_after_s"] < 10
    for one in clinics:
        book(one)
    assert all(len(asked.result()[1].json["events"]) == 1 for asked in waiting)


def test_one_clinic_has_two_places_so_that_others_find_some(poll, portal, clinic):
    waiting = [poll(clinic), poll(clinic)]
    until(lambda: held() == 2)
    took, answer = poll(clinic).result()
    assert took < PROMPTLY_S
    assert answer.json["poll_after_s"] > 0
    other = make_clinic(portal, configured=True)
    waiting.append(poll(other))
    until(lambda: held() == 3)
    book(clinic)
    book(other)
    assert all(len(asked.result()[1].json["events"]) == 1 for asked in waiting)


def _with_waiters(portal, setting):
    from dataclasses import replace

    here = portal.extensions[EXTENSION]
    return replace(here, settings=replace(here.settings, waiters=setting))


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    """A Redis of this module alone, which is cut off and stopped."""
    with own_valkey() as server:
        yield url_of(server)


@pytest.fixture
def heard(valkey):
    """A waiter of an account that Redis tells of, once the listener hears."""
    account = uuid4()
    with waiters.waiter(account, 1, valkey) as waiter:
        until(lambda: waiters._here.listeners[valkey].hears)
        waiter.wait(0)
        yield account, waiter


def wait_for(waiter, seconds=10.0):
    began = time.monotonic()
    waiter.wait(seconds)
    return time.monotonic() - began


def test_another_process_wakes_through_redis(valkey, heard):
    account, waiter = heard
    threading.Timer(0.3, lambda: Redis.from_url(valkey).publish(jobs.CHANNEL, account.hex)).start()
    assert 0.2 < wait_for(waiter) < 0.3 + PROMPTLY_S


def test_another_account_or_noise_on_the_channel_wakes_nobody(valkey, heard):
    _, waiter = heard
    with Redis.from_url(valkey) as redis:
        redis.publish(jobs.CHANNEL, uuid4().hex)
        redis.publish(jobs.CHANNEL, "noise \xff")
    assert wait_for(waiter, 0.5) >= 0.5


def test_cut_off_the_listener_comes_back_at_once_and_has_all_look_for_themselves(valkey, heard):
    account, waiter = heard
    with Redis.from_url(valkey) as redis:
        redis.client_kill_filter(_type="pubsub")
        assert wait_for(waiter) < PROMPTLY_S
        redis.publish(jobs.CHANNEL, account.hex)
        assert wait_for(waiter) < PROMPTLY_S


def test_a_redis_that_is_silent_is_noticed_and_heard_again_when_it_speaks(
    valkey, heard, monkeypatch
):
    monkeypatch.setattr(waiters, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(waiters, "RECONNECT_S", 0.2)
    account, waiter = heard
    listener = waiters._here.listeners[valkey]
    with Redis.from_url(valkey) as redis:
        process = redis.info()["process_id"]
        os.kill(process, signal.SIGSTOP)
        try:
            until(lambda: not listener.hears)
            assert wait_for(waiter) < PROMPTLY_S
        finally:
            os.kill(process, signal.SIGCONT)
        until(lambda: listener.hears)
        assert wait_for(waiter) < PROMPTLY_S
        redis.publish(jobs.CHANNEL, account.hex)
        assert wait_for(waiter) < PROMPTLY_S


def test_one_listener_serves_all_waiters_of_a_process(valkey):
    with waiters.waiter(uuid4(), 2, valkey), waiters.waiter(uuid4(), 2, valkey):
        urls = [thread.url for thread in threading.enumerate() if hasattr(thread, "url")]
        assert urls.count(valkey) == 1


@pytest.mark.parametrize("seconds", [0, 0.1, -1])
def test_a_wait_that_is_over_needs_no_read(heard, seconds):
    _, waiter = heard
    assert waiter.wait(seconds) is False


def test_a_wake_up_and_a_look_of_ones_own_need_a_read(heard, monkeypatch):
    _, waiter = heard
    waiter.wake()
    assert waiter.wait(10) is True
    monkeypatch.setattr(waiters, "REREAD_S", (0.05, 0.05))
    assert waiters.Waiter(None).wait(10) is True
    assert waiters.Waiter(None).wait(0.01) is False


def test_without_redis_at_its_address_waits_are_short(monkeypatch, tmp_path):
    monkeypatch.setattr(waiters, "REREAD_S", (0.1, 0.1))
    with waiters.waiter(uuid4(), 1, f"unix://{tmp_path / secrets.token_hex(4)}") as waiter:
        time.sleep(0.1)
        assert wait_for(waiter) < PROMPTLY_S


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_begins_with_no_waiters_and_no_listener(valkey):
    with waiters.waiter(uuid4(), 1, valkey):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                found = [held(), len(waiters._here.listeners)]
                with waiters.waiter(uuid4(), 1, valkey) as own:
                    found.append(own is not None)
                os.write(write, json.dumps(found).encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(write)
        with os.fdopen(read) as answer:
            assert json.loads(answer.read()) == [0, 0, True]
