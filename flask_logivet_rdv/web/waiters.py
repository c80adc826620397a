"""Long-polls: woken by a commit in this process or, through Redis, in another.

Redis only wakes: the database is read again, and without Redis it is read every few seconds.
"""

import os
import random
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from flask_logivet_rdv.jobs import CHANNEL, events_written

REREAD_S = (2.0, 4.0)
"""Between two looks without Redis: drawn anew, so that waiters do not all look at once."""
CUT_OFF_S = 0.1
RECONNECT_S = 1.0
CONNECT_TIMEOUT_S = 2.0
HEARTBEAT_S = 2.0
PLACES_OF_A_CLINIC = 2


class Listener(Thread):
    """Hears Redis for all waiters of a process, and comes back by itself when it is cut off."""

    def __init__(self, url: str) -> None:
        super().__init__(name="logivet-rdv-events", daemon=True)
        self.url = url
        self.hears = False

    def run(self) -> None:
        """Listen for ever. Whoever waits is woken whenever a wake-up may have been missed.

        Cut off, it comes back at once and nobody's wait is shortened; refused, it keeps trying.
        """
        while True:
            subscribed = False
            with suppress(RedisError, OSError):
                for message in self._messages():
                    subscribed = True
                    self._take(message)
            if not subscribed:
                self._goes_deaf()
            time.sleep(CUT_OFF_S if subscribed else RECONNECT_S)

    def _messages(self) -> Iterator[Any]:
        """Yield what Redis says, the confirmation of the subscription first.

        Ends when it does not even answer a ping: a connection may be dead and not closed.
        """
        redis = Redis.from_url(
            self.url, socket_connect_timeout=CONNECT_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
        )
        with redis, redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(CHANNEL)
            asked = False
            while True:
                message = subscription.get_message(timeout=HEARTBEAT_S)
                if message is not None:
                    asked = False
                    yield message
                elif asked:
                    self._goes_deaf()
                    return
                else:
                    asked = True
                    subscription.ping()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            wake_all()  # first: once told that it hears, nobody is woken for nothing
            self.hears = True
        elif message["type"] == "message":
            with suppress(ValueError):
                wake(uuid.UUID(hex=message["data"].decode()))

    def _goes_deaf(self) -> None:
        """Have those who wait look for themselves from now on."""
        if self.hears:
            self.hears = False
            wake_all()


class Waiter:
    """A request that is held. A wake-up between two waits is not lost."""

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._woken = Event()

    def wake(self) -> None:
        """End the wait, or the next one."""
        self._woken.set()

    def wait(self, seconds: float) -> bool:
        """Wait until the database is to be read, and return True; False when the time is up.

        Who asks again at once after the end need not read before.
        """
        told = self._listener is not None and self._listener.hears
        until_look = seconds if told else min(seconds, random.uniform(*REREAD_S))  # noqa: S311
        woken = self._woken.wait(max(0, until_look))
        self._woken.clear()
        return woken or until_look < seconds


class Waiters:
    """The waiters of one process, by account."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.count = 0
        self.held: dict[uuid.UUID, frozenset[Waiter]] = {}
        self.listeners: dict[str, Listener] = {}

    def enter(self, account_id: uuid.UUID, cap: int, redis_url: str | None) -> Waiter | None:
        """Return a new waiter, or None when `cap` of them wait already, or two of the account.

        One clinic with many desktops must not take the places of all others.
        """
        with self.lock:
            own = self.held.get(account_id, frozenset())
            if self.count >= cap or len(own) >= PLACES_OF_A_CLINIC:
                return None
            waiter = Waiter(self._listener(redis_url) if redis_url else None)
            self.held[account_id] = own | {waiter}
            self.count += 1
            return waiter

    def leave(self, account_id: uuid.UUID, waiter: Waiter) -> None:
        """Forget a waiter."""
        with self.lock:
            self.count -= 1
            self.held[account_id] = self.held[account_id] - {waiter}
            if not self.held[account_id]:
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
