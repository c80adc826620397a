"""A LogiVet that misbehaves on request: a network that loses and doubles, a wrong clock."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from .client import OfflineError, Reply, Request, Transport

SHARES = {
    "drop_requests": "requêtes perdues",
    "drop_replies": "réponses perdues",
    "duplicate": "requêtes doublées",
    "reorder": "requêtes en retard",
}
"""The probabilities of `Faults` with their French names."""
MAX_SKEW_S = 10 * 366 * 86_400


@dataclass(slots=True)
class Faults:
    """What goes wrong: probabilities from 0 to 1 for each request, and two switches.

    ``drop_requests`` are never sent, ``drop_replies`` of requests that were. ``duplicate`` sends
    twice and returns either answer. ``reorder`` holds a write back, unanswered, until after the
    next request. ``offline`` lets nothing pass. ``skew`` is how many seconds this desktop's clock
    is ahead.
    """

    drop_requests: float = 0.0
    drop_replies: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    offline: bool = False
    skew: int = 0
    random: Random = field(default_factory=Random)

    def happens(self, probability: float) -> bool:
        """Draw whether something of that probability happens now."""
        return self.random.random() < probability

    def stop(self) -> None:
        """End all that goes wrong."""
        self.drop_requests = self.drop_replies = self.duplicate = self.reorder = 0.0
        self.offline, self.skew = False, 0

    def names(self) -> list[str]:
        """Return in French what is switched on."""
        shares = {french: getattr(self, name) * 100 for name, french in SHARES.items()}
        found = [f"{french} {share:g}\u00a0%" for french, share in shares.items() if share]
        found = [words.replace(".", ",") for words in found]
        if self.offline:
            found.insert(0, "hors ligne")
        if self.skew:
            found.append(f"horloge décalée de {self.skew:+}\u00a0s")
        return found


class FaultyTransport(Transport):
    """A transport on which the given faults happen; without any, the plain one."""

    def __init__(self, base_url: str, key: str, faults: Faults) -> None:
        super().__init__(base_url, key)
        self.faults = faults
        self._late: list[Request] = []
        self._late_lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time by this desktop's own clock, which may be wrong."""
        return super().now() + timedelta(seconds=self.faults.skew)

    def send(self, request: Request) -> Reply:
        """Send ``request`` as the faults allow. Raises OfflineError where no answer comes."""
        faults = self.faults
        if faults.offline:
            raise OfflineError("panne voulue : hors ligne")
        if faults.happens(faults.drop_requests):
            raise OfflineError("panne voulue : requête perdue")
        if request.method != "GET" and faults.happens(faults.reorder):
            with self._late_lock:
                self._late.append(request)
            raise OfflineError("panne voulue : requête en retard")
        replies = [super().send(request)]
        self.deliver()
        if faults.happens(faults.duplicate):
            replies.append(super().send(request))
        if faults.happens(faults.drop_replies):
            raise OfflineError("panne voulue : réponse perdue")
        return faults.random.choice(replies)

    def deliver(self) -> None:
        """Send what was held back; nobody waits for its answers any more."""
        with self._late_lock:
            late, self._late = self._late, []
        for request in late:
            try:
                super().send(request)
            except OfflineError:
                continue
