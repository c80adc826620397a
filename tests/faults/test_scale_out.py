"""Two web processes, one for LogiVet, two workers, one PostgreSQL, one Redis: each is killed once.

Owners book over HTTP meanwhile, sending a form again when nobody answers, and each clinic's LogiVet
reads on. Slow, as it is seven processes under load; RDV_TEST_LONG=1 books more.
"""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, BookingCell, Event, Outbox
from host_example.desktop.client import OfflineError, Portal
from host_example.desktop.sync import Sync
from host_example.models import db
from tests.acceptance.logivet import LogiVet
from tests.benchmarks.crowd import starts
from tests.blueprints.widget.owner import Owner
from tests.faults.visitor import Visitor
from tests.support.clinics import TestClinic, make_clinic
from tests.support.databases import database
from tests.support.portal import make_portal, migrate
from tests.support.post import PostOffice, post_office
from tests.support.redis import url_of, valkey
from tests.support.served import ROOT, SYNC, Answer, call, free_port, until_it_answers

CLINICS, BOOKINGS = 3, 60 if os.environ.get("RDV_TEST_LONG") == "1" else 20
OWNERS = 6
WITHIN_S = 240
PAGES = ("-m", "gunicorn", "--workers=1", "--graceful-timeout=1")
READING = (*PAGES, "--worker-class=gevent", "--worker-connections=1000")


@dataclass
class Process:
    """A process that a supervisor starts again when it is gone."""

    start: Callable[[], "subprocess.Popen[bytes]"]
    running: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """Kill it with all that it started, and have the supervisor notice."""
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.running = self.start()


class Site:
    """All processes of a portal, by name."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = os.environ | environment, log
        self.ports = {name: free_port() for name in ("web-1", "web-2", "sync")}
        self.processes: dict[str, Process] = {}

    def start(self) -> None:
        """Start them; those that answer have answered."""
        for name, port in self.ports.items():
            server = READING if name == "sync" else PAGES
            bind = f"--bind=127.0.0.1:{port}"
            self._supervise(name, *server, bind, "host_example:create_app()")
        for name in ("worker-1", "worker-2"):
            self._supervise(name, "-m", "flask", "--app", "host_example", "rdv", "worker")
        for name, port in self.ports.items():
            until_it_answers(self.processes[name].running, port, self.log)

    def stop(self) -> None:
        """End them all."""
        for process in self.processes.values():
            os.killpg(process.running.pid, signal.SIGKILL)
            process.running.wait()

    def url(self, name: str) -> str:
        """Return where a process answers."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def _supervise(self, name: str, *command: str) -> None:
        def start() -> "subprocess.Popen[bytes]":
            with self.log.open("ab") as log:
                return subprocess.Popen(
                    [sys.executable, *command],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

        self.processes[name] = Process(start, start())


def visitor_of(site: Site, clinic: TestClinic, n: int) -> Visitor:
    """Return somebody who tries again, at the other process, until there is an answer."""
    doors = itertools.cycle(("web-1", "web-2") if n % 2 else ("web-2", "web-1"))

    def ask(path: str, *given: str, **parts: Any) -> Answer:
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            with suppress(OSError):
                answer = call(site.url(next(doors)) + path, *given, timeout=10, **parts)
                if answer.status < 500:
                    return answer
            time.sleep(0.2)
        raise AssertionError("nobody answers")

    return Visitor(Owner(clinic, None, email=f"client{n}@exemple.ca"), ask)


def book(visitor: Visitor, start: int) -> Answer:
    """Open the form of a start, fill it and send it."""
    return visitor.send(visitor.form(start))


@contextmanager
def reading(desktops: list[LogiVet]) -> Iterator[None]:
    """Have each clinic's LogiVet read on, whatever happens to who answers it."""
    stopped = threading.Event()

    def read(desktop: LogiVet) -> None:
        desktop.sync = Sync(desktop.store, Portal(desktop.line), wait=5)
        while not stopped.is_set():
            try:
                desktop.sync.download()
            except OfflineError:
                time.sleep(0.2)

    with ThreadPoolExecutor(len(desktops)) as pool:
        done = [pool.submit(read, desktop) for desktop in desktops]
        try:
            yield
        finally:
            stopped.set()
        for one in done:
            one.result()


@pytest.fixture
def office():
    with post_office() as office:
        yield office


@pytest.fixture
def site(tmp_path, office):
    with ExitStack() as stack:
        redis = stack.enter_context(valkey())
        url = stack.enter_context(database("postgresql", tmp_path))
        app = make_portal(tmp_path, url)
        migrate(app)
        stack.callback(_let_go, app)
        site = Site(
            {
                "DATABASE_URL": url,
                "RDV_DEMO_DATA": str(tmp_path),
                "REDIS_URL": url_of(redis),
                "MAIL_PORT": str(office.port),
                "RDV_DEMO_WAITERS": "1000",
            },
            tmp_path / "site.log",
        )
        stack.callback(site.stop)
        site.start()
        yield site, app


def _let_go(app) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    jobs.quick_redis.cache_clear()


def test_whatever_is_killed_every_booking_is_whole_told_once_and_mailed(site, office):
    site, app = site
    clinics = [make_clinic(app, configured=True) for _ in range(CLINICS)]
    desktops = [LogiVet(site.url("sync") + SYNC, clinic) for clinic in clinics]
    wanted = [(clinic, start) for start in starts(BOOKINGS) for clinic in clinics]
    with reading(desktops), ThreadPoolExecutor(OWNERS) as pool:
        asked = [
            pool.submit(book, visitor_of(site, clinic, n), start)
            for n, (clinic, start) in enumerate(wanted)
        ]
        for name in site.processes:
            time.sleep(2)
            site.processes[name].kill()
        assert [one.result().status for one in asked] == [303] * len(wanted)
        _until(lambda: _all_sent(app, office, len(wanted)))
        _until(lambda: sum(len(one.mirrors()) for one in desktops) == len(wanted))
    assert_whole(app, len(wanted))
    for desktop in desktops:
        assert_read_once_in_order(desktop, BOOKINGS)
    assert {mail["To"] for mail in office.mails} == {
        f"client{n}@exemple.ca" for n in range(len(wanted))
    }


def _all_sent(app, office: PostOffice, count: int) -> bool:
    """Tell whether every mail is sent; a claim whose worker was killed is given back at once."""
    with app.app_context():
        killed = sa.update(Outbox).where(Outbox.state == "sending").values(lease_until=1)
        db.session.execute(killed)
        db.session.commit()
        sent = sa.select(sa.func.count()).where(Outbox.state == "sent")
        return db.session.scalar(sent) == count


def assert_whole(app, count: int) -> None:
    """Assert that there is what so many bookings leave, and nothing else."""
    with app.app_context():
        bookings = db.session.scalars(sa.select(Booking)).all()
        assert len(bookings) == count
        cells = Counter(db.session.scalars(sa.select(BookingCell.booking_id)))
        assert cells == {booking.id: 6 for booking in bookings}
        events = db.session.execute(sa.select(Event.type, Event.booking_id)).all()
        assert Counter(events) == Counter(("booking.created", one.id) for one in bookings)
        mails = db.session.execute(sa.select(Outbox.kind, Outbox.booking_id)).all()
        assert Counter(mails) == Counter(("confirmation", one.id) for one in bookings)


def assert_read_once_in_order(desktop: LogiVet, count: int) -> None:
    """Assert that a LogiVet has each booking, and told its clinic of each once."""
    assert len(desktop.mirrors()) == count
    assert desktop.messages() == ["Nouveau rendez-vous en ligne"] * count


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.2)
