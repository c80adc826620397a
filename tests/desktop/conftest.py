"""A portal of a hundred lines that speaks the protocol over real HTTP, and fails on request."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from host_example.desktop.client import Portal, Transport
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync

KEY = "rdv_abc_secret"
PREFIX = "/api/logivet/v1"


class FakePortal:
    """The portal's side: rows by (kind, id), events in order, replies by idempotency key.

    `faults` are taken one per request: "lost" applies the request and cuts the line, "cut" cuts
    it before, a number answers that status.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], tuple[int, Any]] = {}
        self.applied = 0
        self.token = 0
        self.epoch = 7
        self.events: list[dict[str, Any]] = []
        self.kept_from = 0
        self.bookings: list[dict[str, Any]] = []
        self.replies: dict[str, tuple[str, dict[str, Any]]] = {}
        self.faults: list[str | int] = []
        self.requests: list[tuple[str, str]] = []
        self.acts: list[tuple[str, dict[str, Any]]] = []
        self.changes_per_request = 500
        self.part_size = 500
        self.parts: dict[int, list[dict[str, Any]]] = {}
        self.invalid: set[str] = set()
        self.lists_bookings = True
        self.client_times: list[datetime] = []
        self.keys = {KEY}
        self.keys_used: list[str] = []
        self.new_keys: list[str] = []
        self.replaced = False
        self.most_changes = 500
        self.conflicts: list[dict[str, str]] = []
        self.time_zone = "America/Toronto"
        self.wait_s = 25
        self.window: tuple[str, str | None] | None = None
        self.new_event = threading.Condition()
        self.stopping = False

    def live(self, kind: str) -> dict[str, Any]:
        return {key[1]: data for key, (_, data) in self.rows.items() if key[0] == kind and data}

    def tell(self, **event: Any) -> None:
        with self.new_event:
            seq = len(self.events) + 1
            self.events.append(
                {"seq": seq, "id": f"event-{seq}", "at": "2026-03-16T14:00:00Z"} | event
            )
            self.new_event.notify_all()

    def answer(self, method: str, path: str, body: str, headers: Any) -> tuple[int, Any]:
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        name = url.path.removeprefix(PREFIX)
        key = headers["Authorization"].removeprefix("Bearer ")
        if key not in self.keys:
            return 401, {"code": "invalid_key", "title": "key"}
        self.keys_used.append(key)
        self.client_times.append(parsedate_to_datetime(headers["X-Client-Time"]))
        if name == "/keys/rotate":
            return self.rotate(key)
        if name == "/hello":
            return 200, self.hello()
        if name == "/changes":
            return self.changes(headers["Idempotency-Key"], body)
        if name.startswith("/snapshots"):
            return self.snapshots(name.split("/")[2:], json.loads(body))
        if name == "/events":
            return self.read_events(query)
        if name == "/bookings" and self.lists_bookings:
            return 200, {"bookings": self.bookings, "page": 1, "has_more": False,
                         "as_of": f"{self.epoch}:{len(self.events)}"}  # fmt: skip
        if name.startswith("/bookings/"):
            self.acts.append((name, json.loads(body)))
            return 200, {"booking": self.bookings[0]}
        return 404, {"code": "not_found"}

    def rotate(self, old: str) -> tuple[int, Any]:
        """Replace what replaced the old key before, if it was not used."""
        if self.replaced:
            return 409, {"code": "key_replaced"}
        self.new_keys.append(f"rdv_new{len(self.new_keys)}_secret")
        self.keys = {old, self.new_keys[-1]}
        return 200, {"key": self.new_keys[-1], "expires_at": "2026-03-17T14:00:00Z"}

    def hello(self) -> dict[str, Any]:
        limits = {
            "changes_per_request": self.changes_per_request, "bytes_per_request": 524288,
            "events_per_page": 200, "wait_s": self.wait_s, "snapshot_parts": 1000,
        }  # fmt: skip
        clinic = {"name": "Clinique P&C", "time_zone": self.time_zone, "locale": "fr"}
        return {"protocol": 1, "server_time": "2026-03-16T14:00:00Z", "clinic": clinic,
                "subscription": "active", "token": f"{self.epoch}:{self.token}",
                "cursor": f"{self.epoch}:{self.kept_from}", "limits": limits}  # fmt: skip

    def changes(self, key: str, text: str) -> tuple[int, Any]:
        if key in self.replies:
            same = self.replies[key][0] == text
            return (200, self.replies[key][1]) if same else (422, {"code": "idempotency_key_reuse"})
        body = json.loads(text)
        if body["token"] != f"{self.epoch}:{self.token}":
            return 409, {"code": "token_mismatch"}
        if len(body["changes"]) > self.most_changes:
            return 413, {"code": "too_many_changes"}
        bad = [n for n, change in enumerate(body["changes"]) if change["id"] in self.invalid]
        if bad:
            errors = [
                {"pointer": f"/changes/{n}/data", "code": "bad", "detail": "refusée"} for n in bad
            ]
            return 422, {"code": "invalid", "errors": errors}
        results = []
        for change in body["changes"]:
            row = (change["kind"], change["id"])
            newer = change["version"] > self.rows.get(row, (0, None))[0]
            if newer:
                self.rows[row] = change["version"], change.get("data")
                self.applied += 1
            results.append(
                {"kind": row[0], "id": row[1], "status": "applied" if newer else "stale"}
            )
        self.token += 1
        told = {"token": f"{self.epoch}:{self.token}", "results": results}
        self.replies[key] = text, told | {"conflicts": self.conflicts}
        return 200, self.replies[key][1]

    def snapshots(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if not path:
            self.parts, self.window = {}, (body["busy_from"], body["busy_to"])
            return 201, {"id": "snapshot-1", "part_size": self.part_size}
        if path[1] == "commit":
            items = [item for n in range(body["parts"]) for item in self.parts[n + 1]]
            self.rows = {(i["kind"], i["id"]): (i["version"], i["data"]) for i in items}
            self.token += 2
            told = {"token": f"{self.epoch}:{self.token}", "counts": {}}
            return 200, told | {"conflicts": self.conflicts}
        if len(body["items"]) > self.most_changes:
            return 413, {"code": "too_many_changes"}
        bad = [n for n, item in enumerate(body["items"]) if item["id"] in self.invalid]
        if bad:
            errors = [{"pointer": f"/items/{n}/data", "detail": "refusée"} for n in bad]
            return 422, {"code": "invalid", "errors": errors}
        self.parts[int(path[2])] = body["items"]
        return 204, None

    def read_events(self, query: dict[str, str]) -> tuple[int, Any]:
        epoch, seq = (int(part) for part in query["cursor"].split(":"))
        if epoch != self.epoch or seq < self.kept_from or seq > len(self.events):
            return 410, {"code": "resync"}
        with self.new_event:
            self.new_event.wait_for(
                lambda: len(self.events) > seq or self.stopping, float(query["wait"])
            )
            return 200, {"events": self.events[seq:], "cursor": f"{epoch}:{len(self.events)}",
                         "has_more": False, "poll_after_s": 0}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    portal: FakePortal

    def do_GET(self) -> None:
        portal = self.server.portal
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        portal.requests.append((self.command, self.path))
        fault = portal.faults.pop(0) if portal.faults else None
        if fault == "cut":
            return
        status, content = (
            (fault, {"code": "down"})
            if isinstance(fault, int)
            else portal.answer(self.command, self.path, body, self.headers)
        )
        if fault == "lost":
            return
        data = json.dumps(content).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            return

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def portal() -> Iterator[FakePortal]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.portal = FakePortal()
    server.portal.url = f"http://127.0.0.1:{server.server_port}{PREFIX}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.portal
    with server.portal.new_event:
        server.portal.stopping = True
        server.portal.new_event.notify_all()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(":memory:")
    yield store
    store.close()


@pytest.fixture
def sync(portal: FakePortal, store: Store) -> Sync:
    """The exchange, to be stepped by hand: it waits for no event."""
    return Sync(store, Portal(Transport(portal.url, KEY)), wait=0)


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], bool]:
    def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        return condition()

    return wait_until


def booked(version: int = 1, status: str = "confirmed", **changes: Any) -> dict[str, Any]:
    names = {"fr": "Examen", "en": "Exam"}
    return {
        "id": "5b0c", "version": version, "status": status, "resource_id": "2",
        "category_id": "5", "species_id": "3",
        "start": "2026-03-18T17:30:00Z", "end": "2026-03-18T18:00:00Z",
        "time_zone": "America/Toronto", "language": "fr",
        "labels": {"category": names, "species": names, "resource": names},
        "client": {"name": "Solutions Vet", "email": "a@b.test", "phone": "+15145550134"},
        "pet_name": "Tom", "reason": "Vaccin", "booked_at": "2026-03-16T13:59:58Z",
        "cancelled_at": None, "cancelled_by": None, "cancel_reason": None,
    } | changes  # fmt: skip


@pytest.fixture
def booking() -> Callable[..., dict[str, Any]]:
    return booked


@pytest.fixture
def told(portal: FakePortal) -> Callable[..., None]:
    """Make the portal tell of a booking: its creation, or with `cancelled=True` the end of it."""

    def tell(*, cancelled: bool = False, version: int = 1) -> None:
        kind = "cancelled" if cancelled else "created"
        text = "Rendez-vous annulé en ligne." if cancelled else "Rendez-vous en ligne."
        portal.tell(
            type=f"booking.{kind}",
            booking=booked(version, "cancelled" if cancelled else "confirmed"),
            agenda={"status": "Annulé" if cancelled else "Confirmé", "description": text},
            message={"language": "fr", "subject": kind, "body": text},
        )

    return tell
