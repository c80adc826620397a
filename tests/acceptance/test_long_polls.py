"""Many desktops wait for events: how soon they have them, in order, and none lost (S2, S8–S10).

Two forms. Beside other tests, which take the cores from them: a few desktops; nothing is lost,
comes twice or out of order, and the caps hold. With RDV_TEST_LONG=1, on a machine that does nothing
else, 1,000 desktops and 50 events a second, and how soon they come:

    RDV_TEST_LONG=1 python -m pytest -n0 tests/acceptance/test_long_polls.py

The figures are printed by `python -m tests.benchmarks.long_polls`.
"""

import os
from collections.abc import Callable
from functools import partial

import pytest

pytest.importorskip("gunicorn", reason="gunicorn does not run here")

from flask_logivet_rdv.blueprints.sync.views import THREADED_WAITERS
from tests.benchmarks.crowd import make_crowd
from tests.benchmarks.long_polls import (
    GEVENT,
    THREADS,
    Result,
    cut,
    measure,
    percentile,
    portal,
    race,
)
from tests.support.databases import KINDS
from tests.support.redis import url_of, valkey

# Never beside the races: together they would ask PostgreSQL for more connections than it has.
pytestmark = pytest.mark.xdist_group("races")

ALONE = bool(os.environ.get("RDV_TEST_LONG"))
DESKTOPS, RATE = (1000, 50) if ALONE else (200, 10)
TRIES = 3


def in_time(result: Result, *, delay_s: float, of_100: int = 95, page_s: float = 1) -> bool:
    """Tell whether events came and pages were answered in time; whatever else is right always."""
    assert (result.lost, result.doubled, result.disordered, result.seen.failures) == (0, 0, 0, [])
    soon = percentile(result.delays, of_100) < delay_s and percentile(result.pages, 95) < page_s
    return soon or not ALONE


def one_of(run: Callable[[], Result], **in_what: float) -> Result:
    """Return a run that was in time: another program may have had the machine in one of them."""
    results = []
    for _ in range(TRIES):
        results.append(run())
        if in_time(results[-1], **in_what):
            return results[-1]
    raise AssertionError("\n".join(map(str, results)))


@pytest.fixture(scope="module")
def redis():
    with valkey() as server:
        yield server


@pytest.fixture(scope="module")
def gevent_portal(tmp_path_factory, redis):
    with portal(GEVENT, tmp_path_factory.mktemp("gevent"), url_of(redis)) as running:
        yield running


def test_nothing_is_lost_and_little_is_late_when_redis_cuts_its_listeners_off(gevent_portal, redis):
    def run():
        crowd = make_crowd(gevent_portal.app, 100)
        return measure(gevent_portal, crowd, rate=20, seconds=3, meanwhile=[(1.5, redis_cuts)])

    redis_cuts = partial(cut, redis)
    one_of(run, delay_s=1.5, of_100=100)


def test_without_redis_events_come_within_6_s_and_when_it_is_back_at_once(gevent_portal, redis):
    def run():
        crowd = make_crowd(gevent_portal.app, 100)
        down_and_up = [(1, redis.terminate), (6, redis.start)]
        result = measure(gevent_portal, crowd, rate=10, seconds=10, meanwhile=down_and_up)
        slowed.append(max(delay for at, delay in result.by_time if 1.5 < at < 5))
        again.append(sorted(delay for at, delay in result.by_time if at > 8))
        return result

    slowed, again = [], []
    one_of(run, delay_s=6, of_100=100)
    assert slowed[-1] > 0.5, "Redis was not down at all"
    assert not ALONE or percentile(again[-1], 50) < 0.25


def test_idle_desktops_have_their_events_at_once_and_pages_stay_quick(
    gevent_portal,
):
    def run():
        return measure(
            gevent_portal, make_crowd(gevent_portal.app, DESKTOPS), rate=RATE, seconds=10
        )

    result = one_of(run, delay_s=0.25, page_s=0.2)
    assert len(result.delays) == 10 * RATE


def test_a_portal_of_few_threads_has_some_wait_the_others_come_back_and_pages_are_answered(
    tmp_path, redis
):
    with portal(THREADS, tmp_path, url_of(redis)) as threaded:

        def run():
            return measure(threaded, make_crowd(threaded.app, 200), rate=10, seconds=6)

        result = one_of(run, delay_s=10, of_100=100, page_s=0.3)
    assert result.seen.refused >= 200 - 2 * THREADED_WAITERS


@pytest.mark.parametrize("kind", KINDS)
def test_eight_writers_of_one_clinic_are_read_in_order_each_event_once(tmp_path, redis, kind):
    with portal(THREADS, tmp_path, url_of(redis), kind) as running:
        written, seen = race(running, make_crowd(running.app, 1), writers=8, rounds=10)
    assert written == 160
    assert seen.failures == []
    assert [seq for _, seq, _ in seen.events] == list(range(2, written + 2))
