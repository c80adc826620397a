"""The HTTP half: one transport that carries requests, one portal that knows the endpoints."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

AGENT = "LogiVet/1.0 (exemple)"
TIMEOUT_S = 15.0
LONG_POLL_MARGIN_S = 10.0
COMMIT_TIMEOUT_S = 60.0
NO_CONTENT = 204


class OfflineError(Exception):
    """No answer came: no network, no portal, a cut connection, or the transport was closed."""


class RefusedError(Exception):
    """The portal answered with an error.

    ``code`` is the problem's stable code, ``errors`` its list of bad items, ``retry_after``
    the seconds the portal asks to wait, or None.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail") or problem.get("title") or "")
        self.errors: list[dict[str, Any]] = list(problem.get("errors") or [])
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code} {self.detail}".strip())


@dataclass(frozen=True, slots=True)
class Request:
    """One request: ``path`` below the base URL, query included; JSON ``body`` or None."""

    method: str
    path: str
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests with the clinic's key; everything that crosses the network goes through it.

    ``send`` may be called from several threads; ``close`` cuts those that wait.
    """

    def __init__(self, base_url: str, key: str) -> None:
        self._base = urlsplit(base_url.rstrip("/"))
        self.key = key
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._closed = False

    def send(self, request: Request) -> Reply:
        """Send ``request``, return the answer whatever its status; OfflineError if none came."""
        connection = self._connection(request.timeout)
        try:
            with self._registered(connection):
                connection.request(
                    request.method,
                    self._base.path + request.path,
                    None if request.body is None else request.body.encode(),
                    self._headers(request),
                )
                answer = connection.getresponse()
                headers = {name.lower(): value for name, value in answer.getheaders()}
                return Reply(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise OfflineError(str(error) or type(error).__name__) from error
        finally:
            connection.close()

    def now(self) -> datetime:
        """Return the time by this machine's clock, aware."""
        return datetime.now(UTC)

    def close(self) -> None:
        """Cut every open connection and refuse new ones."""
        with self._lock:
            self._closed = True
            for sock in self._sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        secure = self._base.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._base.hostname or "", self._base.port, timeout=timeout)

    @contextmanager
    def _registered(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        connection.connect()
        sock: socket.socket = connection.sock
        with self._lock:
            if self._closed:
                raise OfflineError("closed")
            self._sockets.add(sock)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.discard(sock)

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json",
            "User-Agent": AGENT,
            "X-Client-Time": format_datetime(self.now(), usegmt=True),
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        return headers | dict(request.headers)


class Portal:
    """The endpoints of the protocol. Every call returns the answer's JSON object.

    Raises OfflineError without an answer and RefusedError for an answer that is an error.
    ``key`` gives the key to ask with; ``answered`` is told the key and the status of each answer.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.key: Callable[[], str] = lambda: transport.key
        self.answered: Callable[[str, int], None] = lambda key, status: None

    def hello(self) -> dict[str, Any]:
        """Say who is there: clinic, token, oldest cursor, limits."""
        return self._call(Request("GET", "/hello"))

    def changes(self, key: str, body: str) -> dict[str, Any]:
        """Send one batch; the same key and body again give the same answer."""
        return self._call(Request("POST", "/changes", body, {"Idempotency-Key": key}))

    def open_snapshot(self, kinds: Sequence[str], busy_from: str) -> dict[str, Any]:
        """Begin to tell everything of these kinds; of the agenda, from an RFC 3339 instant on."""
        body = json.dumps({"kinds": kinds, "busy_from": busy_from, "busy_to": None})
        return self._call(Request("POST", "/snapshots", body))

    def put_part(self, snapshot_id: str, n: int, body: str) -> None:
        """Send part ``n``, from 1; sent again, it is replaced."""
        self._call(Request("PUT", f"/snapshots/{snapshot_id}/parts/{n}", body))

    def commit_snapshot(self, snapshot_id: str, parts: int) -> dict[str, Any]:
        """End a snapshot of ``parts`` parts; from then on it is the truth."""
        path = f"/snapshots/{snapshot_id}/commit"
        body = json.dumps({"parts": parts})
        return self._call(Request("POST", path, body, timeout=COMMIT_TIMEOUT_S))

    def events(self, cursor: str, wait: int, limit: int) -> dict[str, Any]:
        """Read what follows ``cursor``, waiting up to ``wait`` seconds for it; acknowledges it."""
        query = urlencode({"cursor": cursor, "wait": wait, "limit": limit})
        return self._call(Request("GET", f"/events?{query}", timeout=wait + LONG_POLL_MARGIN_S))

    def bookings(self, page: int, as_of: str | None) -> dict[str, Any]:
        """Read one page (from 1) of all bookings; ``as_of`` is the first page's, None for it."""
        query = {"page": str(page)} | ({} if as_of is None else {"as_of": as_of})
        return self._call(Request("GET", f"/bookings?{urlencode(query)}"))

    def act(self, booking_id: str, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Act on a booking for the clinic: ``action`` is ``cancel`` or ``move``."""
        path = f"/bookings/{quote(booking_id, safe='')}/{action}"
        return self._call(Request("POST", path, json.dumps(data)))

    def rotate(self) -> dict[str, Any]:
        """Have the key replaced: the answer is the new one; the one that asks lasts 24 hours."""
        return self._call(Request("POST", "/keys/rotate"))

    def _call(self, request: Request) -> dict[str, Any]:
        key = self.key()
        named = {"Authorization": f"Bearer {key}"} | dict(request.headers)
        reply = self.transport.send(replace(request, headers=named))
        self.answered(key, reply.status)
        content = {} if reply.status == NO_CONTENT else _object(reply.body)
        if reply.status >= 300:
            raise RefusedError(reply.status, content or {}, _retry_after(reply, content or {}))
        if content is None:
            raise OfflineError("the answer is not JSON: is this the portal?")
        return content


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _retry_after(reply: Reply, problem: Mapping[str, Any]) -> float | None:
    asked = reply.headers.get("retry-after") or problem.get("retry_after_s")
    if asked is None:
        return None
    try:
        return max(0.0, float(asked))
    except (TypeError, ValueError):
        pass
    try:
        at = parsedate_to_datetime(str(asked))
        told = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    # By the portal's own clock: ours may be off.
    return max(0.0, (at - told).total_seconds())
