"""The two loops: what changed goes up, what the portal tells comes down."""

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from . import incoming, outgoing, snapshot
from .client import OfflineError, Portal, RefusedError
from .store import Store, set_state

log = logging.getLogger(__name__)

WAIT_S = 25
BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 20.0
REFUSED_PAUSE_S = 15.0
RESYNC_PAUSE_S = 1.0


class Status:
    """What the pages show of the connection; written by the loops."""

    def __init__(self) -> None:
        self.last_contact: float | None = None
        self.offline: set[str] = set()
        self.problems: dict[str, str] = {}

    @property
    def connected(self) -> bool:
        """Whether the portal answered last time."""
        return self.last_contact is not None and not self.offline


class Loop(threading.Thread):
    """One half of the exchange: calls ``step`` until stopped, waits longer after each failure.

    ``step`` returns the seconds to wait before the next one; None waits until woken.
    """

    def __init__(self, name: str, status: Status, step: Callable[[], float | None]) -> None:
        super().__init__(name=name, daemon=True)
        self._status = status
        self._step = step
        self._wake = threading.Event()
        self._halt = threading.Event()
        self._failures = 0
        self.back_online: Callable[[], None] = lambda: None

    def wake(self) -> None:
        """End the present wait."""
        self._wake.set()

    def halt(self) -> None:
        """Ask the loop to end; it does after the present request."""
        self._halt.set()
        self._wake.set()

    def run(self) -> None:
        """Step, wait, again."""
        while not self._halt.is_set():
            self._wake.clear()
            pause = self._attempt()
            if not self._halt.is_set():
                self._wake.wait(pause)

    def _attempt(self) -> float | None:
        try:
            pause = self._step()
        except OfflineError as error:
            self._status.offline.add(self.name)
            return self._failed(f"Portail injoignable : {error}")
        except RefusedError as error:
            self._reached(unless=error.status >= 500 or error.status == 401)
            delay = self._failed(_explained(error))
            self._halt.wait(_patience(error))
            return delay
        except (LookupError, TypeError, ValueError, sqlite3.Error) as error:
            log.exception("unexpected answer or storage failure")
            return self._failed(f"Erreur : {error!r}")
        self._reached()
        self._failures = 0
        self._status.problems.pop(self.name, None)
        return pause

    def _reached(self, *, unless: bool = False) -> None:
        self._status.last_contact = time.time()
        if unless:
            self._status.offline.add(self.name)
        elif self.name in self._status.offline:
            self._status.offline.discard(self.name)
            self.back_online()

    def _failed(self, problem: str) -> float:
        if self._status.problems.get(self.name) != problem and not self._halt.is_set():
            log.warning("%s", problem)
        self._status.problems[self.name] = problem
        delay = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return delay * random.uniform(0.5, 1.0)  # noqa: S311


def _explained(error: RefusedError) -> str:
    if error.status == 401:
        return "Clé de synchronisation refusée par le portail : vérifiez la clé (401)."
    return f"Le portail répond {error.status} {error.code} {error.detail}".strip()


def _patience(error: RefusedError) -> float:
    if error.retry_after is None and error.status in {401, 403}:
        return REFUSED_PAUSE_S
    return error.retry_after or 0.0


class Sync:
    """Keeps a store and a portal in step, in two threads, until stopped."""

    def __init__(self, store: Store, portal: Portal, *, wait: int = WAIT_S) -> None:
        self._store = store
        self.portal = portal
        self._wait = wait
        self._limits: dict[str, Any] = {}
        self.status = Status()
        self._up = Loop("envoi", self.status, self.upload)
        self._down = Loop("réception", self.status, self.download)
        self._up.back_online = self._down.wake
        self._down.back_online = self._up.wake
        store.changed = self._up.wake

    def start(self) -> None:
        """Start both loops."""
        self._up.start()
        self._down.start()

    def stop(self, timeout: float = 1.5) -> None:
        """Cut what waits and end both loops within ``timeout`` seconds."""
        for loop in (self._up, self._down):
            loop.halt()
        self.portal.transport.close()
        deadline = time.monotonic() + timeout
        for loop in (self._up, self._down):
            if loop.is_alive():
                loop.join(max(0.0, deadline - time.monotonic()))

    def upload(self) -> float | None:
        """Send one batch; return 0 when there may be more, None when all is sent."""
        self._greet()
        limits = self._limits
        batch = outgoing.next_batch(
            self._store, limits["changes_per_request"], limits["bytes_per_request"]
        )
        if batch is None:
            return None
        try:
            reply = self.portal.changes(batch.key, batch.body)
        except RefusedError as error:
            self._refused(batch, error)
            return 0.0
        outgoing.confirm(self._store, batch, reply["token"])
        return 0.0

    def download(self) -> float:
        """Wait for the next events and apply them; return the seconds to let pass before more."""
        self._greet()
        cursor = self._store.state("cursor")
        try:
            page = self.portal.events(cursor, self._wait, self._limits["events_per_page"])
        except RefusedError as error:
            if error.status != 410:
                raise
            self._reread()
            return RESYNC_PAUSE_S
        incoming.apply_page(self._store, page)
        return 0.0 if page["has_more"] else float(page.get("poll_after_s") or 0)

    def _greet(self) -> None:
        if self._limits:
            return
        hello = self.portal.hello()
        clinic = hello["clinic"]
        with self._store.write() as db:
            set_state(db, "clinic", clinic["name"])
            set_state(db, "time_zone", clinic["time_zone"])
            for name in ("token", "cursor"):
                db.execute("INSERT OR IGNORE INTO state VALUES (?, ?)", (name, hello[name]))
        self._limits = hello["limits"]

    def _refused(self, batch: outgoing.Batch, error: RefusedError) -> None:
        if error.code == "token_mismatch":
            snapshot.send(self._store, self.portal, self._limits["bytes_per_request"])
        elif error.code == "idempotency_key_reuse":
            outgoing.discard(self._store, batch)
        elif error.status == 422 and error.errors:
            outgoing.set_aside(self._store, batch.changes, error.errors)
            outgoing.discard(self._store, batch)
        else:
            raise error

    def _reread(self) -> None:
        """Our cursor is of no use any more: read the full list, or else all that is kept."""
        page, as_of = 1, None
        try:
            while True:
                reply = self.portal.bookings(page, as_of)
                incoming.apply_list(self._store, reply["bookings"])
                as_of = reply["as_of"]
                if not reply["has_more"]:
                    break
                page += 1
        except RefusedError as error:
            if error.status not in {404, 405, 501}:
                raise
            as_of = self.portal.hello()["cursor"]
        with self._store.write() as db:
            set_state(db, "cursor", as_of)
