"""A thread that repeats one half of the exchange, and waits as the portal and failures ask."""

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable

from .client import OfflineError, RefusedError
from .explaining import explained

log = logging.getLogger(__name__)

BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 20.0
REFUSED_PAUSE_S = 15.0
LONGEST_PAUSE_S = 300.0
IDLE_S = 900.0


class Status:
    """What the pages show of the connection; written by the loops.

    ``stopped`` says that the key was refused: nothing is sent until a person goes on.
    """

    def __init__(self) -> None:
        self.last_contact: float | None = None
        self.offline: set[str] = set()
        self.problems: dict[str, str] = {}
        self.stopped = False

    @property
    def connected(self) -> bool:
        """Whether the portal answered last time."""
        return self.last_contact is not None and not self.offline


class Loop(threading.Thread):
    """One half of the exchange: calls ``step`` until stopped, waits longer after each failure.

    ``step`` returns the seconds to wait before the next one; None waits until woken, a quarter of
    an hour at most. ``key`` returns the key in use: a refused one ends the exchange, unless
    another has taken its place meanwhile.
    """

    def __init__(
        self, name: str, status: Status, step: Callable[[], float | None], key: Callable[[], str]
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._status = status
        self._step = step
        self._key = key
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
            pause = None if self._status.stopped else self._attempt()
            if not self._halt.is_set():
                self._wake.wait(IDLE_S if pause is None else min(pause, LONGEST_PAUSE_S))

    def _attempt(self) -> float | None:
        key = self._key()
        try:
            pause = self._step()
        except OfflineError as error:
            self._status.offline.add(self.name)
            return self._failed(f"Portail injoignable : {error}")
        except RefusedError as error:
            self._reached(unless=error.status >= 500 or error.status == 401)
            delay = self._failed(explained(error))
            if error.status == 401 and key == self._key():
                self._status.stopped = True
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


def _patience(error: RefusedError) -> float:
    """Return the seconds that the portal asks for; the delay of the failure is added as jitter."""
    if error.retry_after is None:
        return REFUSED_PAUSE_S if error.status == 403 else 0.0
    return min(error.retry_after, LONGEST_PAUSE_S)
