"""Faults between a booking and its mail (F6, F7, F8, F11): real servers and workers.

Slow, as workers are processes that are started and killed. RDV_TEST_LONG=1 waits for a whole sweep.
"""

import os
import random
import signal
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.cli import running
from flask_logivet_rdv.models import Event, Outbox
from host_example.models import db
from tests.benchmarks.crowd import starts
from tests.support.clinics import make_clinic
from tests.support.databases import database
from tests.support.portal import make_portal, migrate
from tests.support.post import post_office
from tests.support.redis import url_of, valkey
from tests.support.served import ROOT

LONG = os.environ.get("RDV_TEST_LONG") == "1"
BOOKINGS, KILLS, DRAINED = 100, 6, 400
WITHIN_S = 90


@pytest.fixture
def redis():
    with valkey() as server:
        yield server


@pytest.fixture
def office():
    with post_office() as office:
        yield office


@pytest.fixture
def portal(tmp_path, redis):
    """A portal on PostgreSQL with the real clock, whose wake-ups go to the test's own Redis."""
    with database("postgresql", tmp_path) as url:
        app = make_portal(tmp_path, url, LOGIVET_RDV_REDIS_URL=url_of(redis))
        migrate(app)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    jobs.quick_redis.cache_clear()


@pytest.fixture
def clinic(portal):
    return make_clinic(portal, configured=True)


@pytest.fixture
def run(portal, redis, office, tmp_path):
    """Run a command of the package in a process of its own, until the block ends or it does."""

    @contextmanager
    def started(*args: str) -> Iterator["subprocess.Popen[bytes]"]:
        environment = os.environ | {
            "RDV_DEMO_DATA": str(tmp_path),
            "DATABASE_URL": portal.config["SQLALCHEMY_DATABASE_URI"],
            "REDIS_URL": url_of(redis),
            "MAIL_PORT": str(office.port),
        }
        command = [sys.executable, "-m", "flask", "--app", "host_example", "rdv", *args]
        with (tmp_path / "worker.log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    return started


def book(clinic, count):
    """Book that many visits, each in less than a second."""
    for n, start in enumerate(starts(count)):
        began = time.monotonic()
        clinic.book(start, email=f"client{n}@exemple.ca")
        assert time.monotonic() - began < 1


def until(condition, patience_s=WITHIN_S):
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def states(portal):
    with portal.app_context():
        counted = db.session.execute(
            sa.select(Outbox.state, sa.func.count()).group_by(Outbox.state)
        )
        return dict(counted.all())


def sent_once(office, count):
    """Tell whether so many mails came, each to somebody else, each with an id of its own."""
    ids = [mail["Message-ID"] for mail in office.mails]
    assert len(ids) == len(set(ids)), "a mail came twice"
    assert len({mail["To"] for mail in office.mails}) == len(ids)
    return len(ids) == count


def test_f6_redis_is_down_while_a_hundred_book_and_each_has_one_mail_and_one_event(
    portal, clinic, redis, run, office
):
    redis.terminate()
    book(clinic, BOOKINGS)
    redis.start()
    with run("worker"):
        until(lambda: states(portal) == {"sent": BOOKINGS})
    assert sent_once(office, BOOKINGS)
    with portal.app_context():
        seqs = db.session.scalars(
            sa.select(Event.seq)
            .where(Event.account_id == clinic.account_id, Event.type == "booking.created")
            .order_by(Event.seq)
        ).all()
    assert seqs == list(range(1, BOOKINGS + 1))


def test_f7_redis_forgets_the_wake_up_of_a_hundred_and_the_sweep_sends_each_mail_once(
    portal, clinic, redis, run, office
):
    """The sweep of a worker that starts; in the long run, that of one that was there before."""
    with portal.app_context():
        queue = jobs.queue(jobs.quick_redis(url_of(redis)))
    if not LONG:
        book(clinic, BOOKINGS)
        assert len(queue) == 1
        queue.connection.flushall()
        with run("worker"):
            until(lambda: states(portal) == {"sent": BOOKINGS})
    else:
        with run("worker") as worker:
            until(lambda: queue.connection.keys("rq:worker:*"))
            time.sleep(2)  # its first sweep is over
            worker.send_signal(signal.SIGSTOP)
            book(clinic, BOOKINGS)
            queue.connection.flushall()
            worker.send_signal(signal.SIGCONT)
            until(lambda: states(portal) == {"sent": BOOKINGS}, running.SWEEP_EVERY_S + 15)
    assert sent_once(office, BOOKINGS)


def let_the_leases_run_out(portal):
    with portal.app_context():
        db.session.execute(sa.update(Outbox).where(Outbox.state == "sending").values(lease_until=1))
        db.session.commit()


def test_f8_workers_that_are_killed_while_they_mail_lose_nothing(portal, clinic, run, office):
    """A mail may come twice only if its worker died after the server's 250, with the same id."""
    count = 40
    office.takes_s = 0.1
    book(clinic, count)
    for kill in range(1, KILLS + 1):
        with run("worker") as worker:
            until(lambda least=kill: len(office.mails) >= least * 3)
            time.sleep(random.uniform(0, 0.1))
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        let_the_leases_run_out(portal)
    office.takes_s = 0
    with run("worker"):
        until(lambda: states(portal) == {"sent": count})
    came = Counter(mail["Message-ID"] for mail in office.mails)
    assert len(came) == count
    assert {mail["To"] for mail in office.mails} == {f"client{n}@exemple.ca" for n in range(count)}
    assert sum(came.values()) - count <= KILLS


def test_f11_two_workers_and_two_drains_at_once_send_each_of_four_hundred_mails_once(
    portal, clinic, run, office
):
    clinic.book(starts(1)[0])
    with portal.app_context():
        (row,) = db.session.execute(sa.select(Outbox.__table__)).mappings().all()
        own = [dict(row) | {"id": uuid4(), "dedupe_key": f"again:{n}"} for n in range(DRAINED - 1)]
        db.session.execute(sa.insert(Outbox), own)
        db.session.commit()
    with run("worker"), run("worker"), run("drain"), run("drain"):
        until(lambda: states(portal) == {"sent": DRAINED})
    ids = [mail["Message-ID"] for mail in office.mails]
    assert (len(ids), len(set(ids))) == (DRAINED, DRAINED)


MARKED = {
    "name": "Zoé Marquée",
    "email": "zoe.marquee@exemple.ca",
    "pet_name": "Frimousse",
    "phone": "+15145550199",
    "reason": "Boiterie soudaine",
}


def kept_in(redis):
    """Return all that a Redis holds, as text: RQ compresses what a job is called with."""
    found = []
    for key in redis.scan_iter():
        kind = redis.type(key)
        if kind == b"hash":
            parts = redis.hgetall(key)
            data = parts.pop(b"data", None)
            found += [key, *parts, *parts.values(), zlib.decompress(data) if data else b""]
        elif kind == b"list":
            found += [key, *redis.lrange(key, 0, -1)]
        elif kind == b"zset":
            found += [key, *redis.zrange(key, 0, -1)]
        elif kind == b"set":
            found += [key, *redis.smembers(key)]
        else:
            found += [key, redis.get(key) or b""]  # or it has ended meanwhile
    return "\n".join(part.decode(errors="replace") for part in found)


def test_nothing_personal_is_in_the_queue_nor_in_the_workers_log(
    portal, clinic, redis, run, office, tmp_path
):
    office.recipient = "550 <zoe.marquee@exemple.ca> is unknown to Zoé Marquée"
    clinic.book(starts(1)[0], **MARKED)
    queued = kept_in(jobs.quick_redis(url_of(redis)))
    assert "drain_job" in queued
    with run("worker"):
        until(lambda: states(portal) == {"dead": 1})
        until(lambda: "SMTPRecipientsRefused" in (tmp_path / "worker.log").read_text())
        seen = queued + kept_in(jobs.quick_redis(url_of(redis)))
    written = seen + (tmp_path / "worker.log").read_text()
    assert [word for text in MARKED.values() for word in text.split() if word in written] == []
