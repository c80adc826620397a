import socket
import time

import pytest
from flask import Flask, Request
from werkzeug.test import EnvironBuilder

from flask_logivet_rdv.web import limits
from flask_logivet_rdv.web.limits import client_bucket, hit
from tests.support.portal import make_portal

HOUR = 3600


@pytest.fixture
def limited(tmp_path) -> Flask:
    return make_portal(tmp_path)


def hits(app: Flask, times: int, rate: str | None, *bucket: str) -> list[int | None]:
    with app.app_context():
        return [hit(rate, *bucket) for _ in range(times)]


def test_hits_within_the_rate_are_allowed(limited):
    assert hits(limited, 3, "3/hour", "pages", "a") == [None, None, None]


def test_the_next_hit_is_told_how_long_to_wait(limited):
    wait = hits(limited, 4, "3/hour", "pages", "a")[-1]
    assert wait is not None
    assert HOUR - 5 <= wait <= HOUR


def test_the_wait_is_at_least_a_second(limited):
    assert hits(limited, 2, "1/second", "pages", "a")[-1] == 1


def test_a_window_ends(limited):
    assert hits(limited, 2, "1/second", "pages", "a")[-1] == 1
    time.sleep(1.1)
    assert hits(limited, 1, "1/second", "pages", "a") == [None]


def test_none_is_no_limit(limited):
    assert set(hits(limited, 500, None, "pages", "a")) == {None}


@pytest.mark.parametrize("other", [("pages", "b"), ("cancels", "a"), ("bookings", "a")])
def test_buckets_are_independent(limited, other):
    assert hits(limited, 2, "1/hour", "pages", "a")[-1]
    assert hits(limited, 1, "1/hour", *other) == [None]


def test_two_rates_of_one_bucket_count_apart(limited):
    assert hits(limited, 2, "1/minute", "bookings", "a")[-1]
    assert hits(limited, 3, "2/hour", "bookings", "a") == [None, None, pytest.approx(HOUR, abs=5)]


def test_each_application_counts_for_itself(limited, tmp_path_factory):
    assert hits(limited, 2, "1/hour", "pages", "a")[-1]
    other = make_portal(tmp_path_factory.mktemp("other"))
    assert hits(other, 1, "1/hour", "pages", "a") == [None]


def test_processes_count_together_on_redis(redis_url, tmp_path_factory):
    first, second = (
        make_portal(tmp_path_factory.mktemp(name), LOGIVET_RDV_REDIS_URL=redis_url)
        for name in ("first", "second")
    )
    bucket = ("pages", f"shared-{time.time_ns()}")
    assert hits(first, 2, "2/hour", *bucket) == [None, None]
    assert hits(second, 1, "2/hour", *bucket) == [pytest.approx(HOUR, abs=5)]


def test_a_high_rate_is_told_to_redis_in_batches(redis_url, tmp_path_factory, monkeypatch):
    told, really = [], limits._hit
    monkeypatch.setattr(limits, "_hit", lambda *given: told.append(given[3:]) or really(*given))
    first, second = (
        make_portal(tmp_path_factory.mktemp(name), LOGIVET_RDV_REDIS_URL=redis_url)
        for name in ("first", "second")
    )
    bucket = ("pages", f"high-{time.time_ns()}")
    assert set(hits(first, 80, "100/hour", *bucket)) == {None}
    assert told == [(limits.BATCH,)] * 10
    last = hits(second, 30, "100/hour", *bucket)
    assert set(last[:23]) == {None}
    assert last[23:] == [pytest.approx(HOUR, abs=5)] * 7
    assert len(told) == 13, "what is known to be full is not asked again"


def test_limits_hold_in_memory_while_redis_is_away(closed_port, tmp_path):
    app = make_portal(tmp_path, LOGIVET_RDV_REDIS_URL=f"redis://127.0.0.1:{closed_port}/0")
    assert hits(app, 4, "3/hour", "pages", "a") == [None, None, None, pytest.approx(HOUR, abs=5)]


def test_a_redis_that_never_answers_costs_one_short_wait(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        app = make_portal(tmp_path, LOGIVET_RDV_REDIS_URL=url)
        started = time.monotonic()
        assert set(hits(app, 50, "100/hour", "pages", "a")) == {None}
        assert time.monotonic() - started < 1


def test_redis_is_used_again_once_it_is_back(redis_url, tmp_path, monkeypatch):
    app = make_portal(tmp_path, LOGIVET_RDV_REDIS_URL=redis_url)
    bucket = ("pages", f"back-{time.time_ns()}")

    def away(_url):
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(limits, "_on_redis", away)
        hits(app, 1, "1/hour", *bucket)
    assert hits(app, 1, "1/hour", *bucket) != [None], "still in memory: too soon to try again"
    later = time.monotonic() + limits.TRY_AGAIN_S + 1
    monkeypatch.setattr(limits, "monotonic", lambda: later)
    assert hits(app, 2, "1/hour", *bucket) == [None, pytest.approx(HOUR, abs=5)]


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_address_is_counted_as(address, bucket):
    environ = EnvironBuilder().get_environ() | {"REMOTE_ADDR": address}
    assert client_bucket(Request(environ)) == bucket


def test_what_a_client_says_of_its_address_does_not_count():
    headers = {"X-Forwarded-For": "198.51.100.1", "X-Real-IP": "198.51.100.1"}
    environ = EnvironBuilder(headers=headers).get_environ() | {"REMOTE_ADDR": "203.0.113.7"}
    assert client_bucket(Request(environ)) == "203.0.113.7"
