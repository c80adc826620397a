"""Long-polls: woken by a commit in this process or, through Redis, in another.

Redis only wakes: the database is read again, and without Redis it is read every few seconds.
"""

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from flask_logivet_rdv.jobs import CHANNEL, events_written

REREAD_S = 3.0
RECONNECT_S = 2.0
CONNECT_TIMEOUT_S = 5.0
HEARTBEAT_S = 15.0


class Listener(Thread):
    """Hears Redis for all waiters of a process, and comes back by itself when it is cut off."""

    def __init__(self, url: str) -> None:
        super().__init__(name="logivet-rdv-events", daemon=True)
        self.url = url
        self.hears = False

    def run(self) -> None:
        """Listen for ever. Whoever waits is woken at each change of state, to look for itself."""
        while True:
            with suppress(RedisError, OSError):
                self._listen()
            self.hears = False
            wake_all()
            time.sleep(RECONNECT_S)

    def _listen(self) -> None:
        redis = Redis.from_url(
            self.url,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            health_check_interval=HEARTBEAT_S,
            retry=Retry(NoBackoff(), 0),
        )
        with redis, redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(CHANNEL)
            while True:
                message = subscription.get_message(timeout=HEARTBEAT_S)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self.hears = True
                    wake_all()
                elif message["type"] == "message":
                    with suppress(ValueError):
                        wake(uuid.UUID(hex=message["data"].decode()))


class Waiter:
    """A request that is held. A wake-up between two waits is not lost."""

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._woken = Event()

    def wake(self) -> None:
        """End the wait, or the next one."""
        self._woken.set()

    def wait(self, seconds: float) -> None:
        """Return when the database is to be read: woken, or at the latest after `seconds`."""
        told = self._listener is not None and self._listener.hears
        self._woken.wait(seconds if told else min(seconds, REREAD_S))
        self._woken.clear()


class Waiters:
    """The waiters of one process, by account."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.held: dict[uuid.UUID, set[Waiter]] = {}
        self.listeners: dict[str, Listener] = {}

    def enter(self, account_id: uuid.UUID, cap: int, redis_url: str | None) -> Waiter | None:
        """Return a new waiter, or None when `cap` of them wait already."""
        with self.lock:
            if sum(map(len, self.held.values())) >= cap:
                return None
            waiter = Waiter(self._listener(redis_url) if redis_url else None)
            self.held.setdefault(account_id, set()).add(waiter)
            return waiter

    def leave(self, account_id: uuid.UUID, waiter: Waiter) -> None:
        """Forget a waiter."""
        with self.lock:
            waiting = self.held[account_id]
            waiting.discard(waiter)
            if not waiting:
                del self.held[account_id]

    def of(self, account_id: uuid.UUID) -> list[Waiter]:
        """Return those who wait for an account."""
        with self.lock:
            return list(self.held.get(account_id, ()))

    def everybody(self) -> list[Waiter]:
        """Return all waiters."""
        with self.lock:
            return [waiter for waiting in self.held.values() for waiter in waiting]

    def _listener(self, url: str) -> Listener:
        if url not in self.listeners:
            self.listeners[url] = Listener(url)
            self.listeners[url].start()
        return self.listeners[url]


_here = Waiters()


def _start_afresh() -> None:
    """Begin again in a forked process: it has neither the threads nor the requests of the first."""
    global _here
    _here = Waiters()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_start_afresh)


@contextmanager
def waiter(account_id: uuid.UUID, cap: int, redis_url: str | None) -> Iterator[Waiter | None]:
    """Hold a place among the `cap` waiters of this process; None when there is none left.

    It is taken before the first read, so that no event falls between that read and the wait.
    """
    process = _here
    held = process.enter(account_id, cap, redis_url)
    try:
        yield held
    finally:
        if held is not None:
            process.leave(account_id, held)


def wake(account_id: uuid.UUID) -> None:
    """Wake those who wait for an account's events in this process."""
    for held in _here.of(account_id):
        held.wake()


def wake_all() -> None:
    """Wake every waiter of this process."""
    for held in _here.everybody():
        held.wake()


def _committed(_app: object, account_id: uuid.UUID) -> None:
    wake(account_id)


events_written.connect(_committed)
