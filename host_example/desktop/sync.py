"""The exchange with the portal: what changed goes up, what the portal tells comes down."""

import time
from collections.abc import Mapping
from typing import Any

from . import incoming, outgoing, snapshot
from .client import Portal, RefusedError
from .dates import epoch, rfc3339
from .keyring import Keyring
from .loops import Loop, Status
from .store import Store, set_state

WAIT_S = 25
RESYNC_PAUSE_S = 1.0
GREET_EVERY_S = 900.0
TOLD_BEHIND_S = 86_400
TOO_LARGE = 413


class Sync:
    """Keeps a store and a portal in step, in two threads, until stopped."""

    def __init__(self, store: Store, portal: Portal, *, wait: int = WAIT_S) -> None:
        self._store = store
        self.portal = portal
        self.keys = Keyring(store, portal)
        self._wait = wait
        self._limits: dict[str, Any] = {}
        self._greet_at = 0.0
        self._ahead = 0.0
        self.status = Status()
        self._up = Loop("envoi", self.status, self.upload, portal.key)
        self._down = Loop("réception", self.status, self.download, portal.key)
        self._up.back_online = self._down.wake
        self._down.back_online = self._up.wake
        store.changed = self._up.wake

    def start(self) -> None:
        """Start both loops."""
        self._up.start()
        self._down.start()

    def go_on(self) -> None:
        """Begin anew by asking who is there: after another key, or with a restored file."""
        self._greet_at = 0.0
        self.status.stopped = False
        self.status.problems.clear()
        self._up.wake()
        self._down.wake()

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
        """Send one batch, or all where need be; return 0 if there may be more, None when all is."""
        self._greet_when_due()
        if self.keys.wished:
            self.keys.rotate()
            return 0.0
        if snapshot.due(self._store):
            self._tell_everything()
            return 0.0
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
        outgoing.confirm(self._store, batch, reply)
        return 0.0

    def download(self) -> float:
        """Wait for the next events and apply them; return the seconds to let pass before more."""
        if not self._limits:
            self._greet()
        cursor = self._store.state("cursor")
        wait = min(self._wait, self._limits["wait_s"])
        try:
            page = self.portal.events(cursor, wait, self._limits["events_per_page"])
        except RefusedError as error:
            if error.status != 410:
                raise
            self._reread(cursor)
            return RESYNC_PAUSE_S
        incoming.apply_page(self._store, page, cursor)
        if not page["has_more"] and not self._store.state("listed"):
            self._read_what_no_event_tells()
        return 0.0 if page["has_more"] else max(0.0, float(page.get("poll_after_s") or 0))

    def act(self, booking_id: str, action: str, data: Mapping[str, Any]) -> None:
        """Cancel or move an online booking for the clinic, and have the agenda follow.

        Raises OfflineError and RefusedError as the portal's calls do.
        """
        reply = self.portal.act(booking_id, action, data)
        with self._store.write() as db:
            incoming.import_booking(db, reply["booking"])

    def _greet(self) -> str:
        """Learn the clinic, its zone and the limits; return the token that the portal stands at."""
        hello = self.portal.hello()
        clinic = hello["clinic"]
        with self._store.write() as db:
            set_state(db, "clinic", clinic["name"])
            set_state(db, "time_zone", clinic["time_zone"])
            for name in ("token", "cursor"):
                db.execute("INSERT OR IGNORE INTO state VALUES (?, ?)", (name, hello[name]))
        self._ahead = epoch(hello["server_time"]) - time.monotonic()
        self._limits = dict(hello["limits"])
        return str(hello["token"])

    def _greet_when_due(self) -> None:
        """Greet now and then; another token than ours says that one of us was restored.

        While an answer is missing the portal may well stand after it: then once more later.
        """
        if time.monotonic() < self._greet_at:
            return
        token = self._greet()
        if outgoing.unanswered(self._store):
            return
        self._greet_at = time.monotonic() + GREET_EVERY_S
        if token != self._store.state("token"):
            snapshot.ask(self._store)

    def _tell_everything(self) -> None:
        """Send a snapshot from yesterday on, by the portal's clock."""
        since = rfc3339(int(self._ahead + time.monotonic()) - TOLD_BEHIND_S)
        try:
            snapshot.send(self._store, self.portal, self._limits, since)
        except RefusedError as error:
            if error.status != TOO_LARGE:
                raise
            self._send_less()

    def _refused(self, batch: outgoing.Batch, error: RefusedError) -> None:
        changes = batch.changes
        if error.code == "token_mismatch":
            snapshot.ask(self._store)
        elif error.code == "idempotency_key_reuse":
            outgoing.discard(self._store, batch)
        elif error.status == TOO_LARGE and len(changes) > 1:
            self._send_less()
            outgoing.discard(self._store, batch)
        elif outgoing.set_aside(self._store, changes, outgoing.bad_items(error, len(changes))):
            outgoing.discard(self._store, batch)
        else:
            raise error

    def _send_less(self) -> None:
        """Halve what one request holds, until the portal says its limits again."""
        for name, least in (("changes_per_request", 1), ("bytes_per_request", 1024)):
            self._limits[name] = max(least, self._limits[name] // 2)

    def _read_what_no_event_tells(self) -> None:
        """Read the full list once, at first: of some bookings the events may be gone by now."""
        self._read_list()
        with self._store.write() as db:
            set_state(db, "listed", "1")

    def _reread(self, cursor: str) -> None:
        """Our cursor is of no use any more: read the full list, or else all that is kept."""
        as_of = self._read_list() or self.portal.hello()["cursor"]
        incoming.go_on_from(self._store, as_of, cursor)
        # the portal may have been restored: does it still have our last upload?
        self._greet_at = 0.0
        self._up.wake()

    def _read_list(self) -> str | None:
        """Apply the full list; return the cursor to go on from, or None if there is no list."""
        page, as_of = 1, None
        try:
            while True:
                reply = self.portal.bookings(page, as_of)
                incoming.apply_list(self._store, reply["bookings"])
                as_of = str(reply["as_of"])
                if not reply["has_more"]:
                    return as_of
                page += 1
        except RefusedError as error:
            if error.status not in {404, 405, 501}:
                raise
            return None
