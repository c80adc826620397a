"""The example portal in processes of its own, on a real database, and reached over HTTP."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from host_example import create_app
from host_example.models import db
from tests.support.databases import database
from tests.support.portal import migrate

ROOT = Path(__file__).parents[2]
SYNC = "/api/logivet/v1"
WAITRESS = ("-m", "waitress", "--threads=32")
PORTAL = "host_example:create_app"
STARTS_WITHIN_S = 90


@dataclass(frozen=True)
class Served:
    """A portal that answers at `url`; `app` is the same one in this process, to set scenes with.

    `app` shares the database and every secret with what is served: what it commits is seen there.
    """

    app: Flask
    url: str
    sync_url: str
    folder: Path
    database_url: str
    pid: int


@contextmanager
def served(
    kind: str,
    folder: Path,
    *,
    server: Sequence[str] = WAITRESS,
    environment: Mapping[str, str] | None = None,
    application: str = PORTAL,
) -> Iterator[Served]:
    """Serve the portal on an empty database of that kind, from `python SERVER… host_example:…`.

    `kind` is one of `tests.support.databases.KINDS`. `server` ends with the options of the server;
    the address and the application, as ``module:factory``, are added for waitress and gunicorn
    alike.
    """
    with database(kind, folder) as database_url:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        given = {
            "DATABASE_URL": database_url,
            "RDV_DEMO_DATA": str(folder),
            "RDV_DEMO_PUBLIC_URL": url,
            **(environment or {}),
        }
        app = _in_this_process(given)
        migrate(app)
        try:
            with running(server, port, given, folder / "portal.log", application) as process:
                yield Served(app, url, url + SYNC, folder, database_url, process.pid)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


@contextmanager
def running(
    server: Sequence[str],
    port: int,
    environment: Mapping[str, str],
    log: Path,
    application: str = PORTAL,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one server process at a port until the end of the block; it answers from the first."""
    bind = ["--bind" if "gunicorn" in server else "--listen", f"127.0.0.1:{port}"]
    factory = ["--call", application] if "waitress" in server else [f"{application}()"]
    command = [sys.executable, *server, *bind, *factory]
    unwanted = {"REDIS_URL", "MAIL_SERVER", "MAIL_PORT"}
    inherited = {name: value for name, value in os.environ.items() if name not in unwanted}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=inherited | environment, stdout=output, stderr=output
        )
    try:
        until_it_answers(process, port, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Answer:
    """What came back; `json` is None where the body is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


def call(
    url: str,
    method: str = "GET",
    *,
    key: str | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 40,
) -> Answer:
    """Send one request and return its answer, whatever its status; dicts and lists go as JSON."""
    parts = urlsplit(url)
    given = {"Content-Type": "application/json"} if body is not None else {}
    if key is not None:
        given["Authorization"] = f"Bearer {key}"
    sent = body if body is None or isinstance(body, bytes | str) else json.dumps(body)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, sent, given | dict(headers or {}))
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())
    finally:
        connection.close()


def _in_this_process(given: Mapping[str, str]) -> Flask:
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        return create_app()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def free_port() -> int:
    """Return a port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def until_it_answers(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Return once a server answers at a port; fail with its log if it ends or takes too long."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            call(f"http://127.0.0.1:{port}{SYNC}/openapi.json", timeout=5)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no answer within {STARTS_WITHIN_S} s: {log.read_text()}")
