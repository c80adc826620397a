"""How fast the calendar stays while strangers ask for what is not there, or send without an end.

    python -m tests.benchmarks.floods --seconds 60
    python -m tests.benchmarks.floods --seconds 60 --proxy

The example portal on PostgreSQL under gunicorn with 2 sync workers, as for pages in production. A
clinic's calendar is looked at 10 times a second, alone at first, then beside a flood: 10,000
widgets a minute that nobody has, from addresses that stay below the limit of pages and from one
that does not; with `--proxy`, 200 clients who send a booking's form at a byte a second to nginx,
set as `docs/operations.md` says.
"""

import argparse
import http.client
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import sqlalchemy as sa

from host_example.models import db
from tests.benchmarks.long_polls import GUNICORN, percentile
from tests.benchmarks.world import WIDGET, calendar
from tests.support.clinics import make_clinic
from tests.support.served import ROOT, Served, free_port, served

PER_MINUTE = 10_000
VISITORS = tuple(f"127.0.0.{n}" for n in range(2, 12))
STRANGERS = tuple(f"127.0.1.{n}" for n in range(1, 101)) + ("127.0.2.1",) * 25
"""Who asks for unknown widgets: a hundred addresses, and one as often as 25 of them."""
SLOW = 200


def look(page: str, until: Callable[[], bool]) -> list[float]:
    """Open a page 10 times a second until it is time, and return the seconds of each, sorted."""
    took = []
    for source in cycle(VISITORS):
        if until():
            break
        began = time.monotonic()
        assert get(page, source) == 200
        took.append(time.monotonic() - began)
        time.sleep(max(0, 0.1 - took[-1]))
    return sorted(took)


def get(url: str, source: str) -> int:
    """Return the status of a page for somebody at an address of the loopback."""
    place = urlsplit(url)
    asking = http.client.HTTPConnection(place.hostname, place.port, 60, source_address=(source, 0))
    try:
        asking.request("GET", f"{place.path}?{place.query}")
        answer = asking.getresponse()
        answer.read()
        return answer.status
    finally:
        asking.close()


def flooded(running: Served, page: str, seconds: float) -> tuple[list[float], Counter[int]]:
    """Look at a page during a flood; return the seconds of each look, and what the flood met."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        flood = apart.submit(ask_for_nobody, running.url, seconds)
        return look(page, flood.done), flood.result()


def ask_for_nobody(url: str, seconds: float) -> Counter[int]:
    """Ask for unknown widgets at a steady pace for so long; return the answers by status."""
    began = time.monotonic()

    def ask(n: int) -> int:
        return get(f"{url}{WIDGET}?widgetId={uuid4()}", STRANGERS[n % len(STRANGERS)])

    with ThreadPoolExecutor(32) as pool:
        asked = []
        for n in range(int(PER_MINUTE / 60 * seconds)):
            time.sleep(max(0, began + n * 60 / PER_MINUTE - time.monotonic()))
            asked.append(pool.submit(ask, n))
        return Counter(one.result() for one in asked)


def written(running: Served) -> int:
    """Return how many rows were ever written in a portal's database, rolled back or not.

    Sessions tell what they wrote when they end, so all of them are ended.
    """
    with running.app.app_context():
        db.engine.dispose()
        db.session.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        rows = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
        found = int(db.session.scalar(sa.text(rows)) or 0)
        db.session.rollback()
        return found


@contextmanager
def dripping(url: str, count: int) -> Iterator[None]:
    """Have that many clients send a form at a byte a second, during the block."""
    place, path = urlsplit(url), f"{WIDGET}/details"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n"
    )
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection((place.hostname, place.port), 30))
            for _ in range(count)
        ]
        for client in clients:
            client.sendall(head.encode())
        over = False

        def drip() -> None:
            while not over:
                time.sleep(1)
                for client in clients:
                    client.sendall(b"n")

        with ThreadPoolExecutor(1) as apart:
            dropped = apart.submit(drip)
            yield
            over = True
            dropped.result()


@contextmanager
def proxied(running: Served, folder: Path) -> Iterator[str]:
    """Run nginx before a portal as the operations page says, and give its address."""
    page = (ROOT / "docs" / "operations.md").read_text()
    [told] = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    port, upstream = free_port(), urlsplit(running.url).netloc
    told = re.sub(r"127\.0\.0\.1:800\d", upstream, told.replace("/var/log/nginx", str(folder)))
    listening = told.replace("server {", f"server {{\n    listen 127.0.0.1:{port};", 1)
    settings = folder / "nginx.conf"
    settings.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n{listening}\n}}\n"
    )
    process = subprocess.Popen([shutil.which("nginx") or "nginx", "-c", str(settings)])
    try:
        time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _for(seconds: float) -> Callable[[], bool]:
    """Return what tells whether so much time has gone by."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def _figures(ordered: list[float]) -> str:
    p50, p95 = (percentile(ordered, of_100) * 1000 for of_100 in (50, 95))
    return f"{len(ordered)} looks, p50 {p50:.0f} ms, p95 {p95:.0f} ms, max {ordered[-1] * 1000:.0f}"


def _print_nobody(seconds: float) -> None:
    limited = {"RDV_DEMO_LIMIT_PAGES": "240/minute"}
    with (
        tempfile.TemporaryDirectory() as name,
        served("postgresql", Path(name), server=GUNICORN, environment=limited) as running,
    ):
        page = running.url + calendar(make_clinic(running.app, configured=True))
        before = written(running)
        print("alone:", _figures(look(page, _for(seconds / 4))))  # noqa: T201
        beside, met = flooded(running, page, seconds)
        print("unknown widgets:", _figures(beside), dict(met))  # noqa: T201
        print("rows written:", written(running) - before)  # noqa: T201


def _print_slow(seconds: float) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        served("postgresql", Path(name), server=GUNICORN) as running,
        proxied(running, Path(name)) as url,
    ):
        page = running.url + calendar(make_clinic(running.app, configured=True))
        page = page.replace(running.url, url)
        print("behind nginx:", _figures(look(page, _for(seconds / 4))))  # noqa: T201
        with dripping(url, SLOW):
            print("slow bodies:", _figures(look(page, _for(seconds))))  # noqa: T201


def main() -> None:
    """Print the figures of the calendar, alone and then beside each flood."""
    read = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    read.add_argument("--seconds", type=float, default=60)
    read.add_argument("--proxy", action="store_true")
    asked = read.parse_args()
    _print_nobody(asked.seconds)
    if asked.proxy:
        _print_slow(asked.seconds)


if __name__ == "__main__":
    main()
