"""Rate limits of the public pages: counted on Redis, or in memory when there is none or it is away.

A window starts with its first hit. The limits protect the clinic from robots and are no promise
to anyone: when in doubt a page is shown. So of a high rate each process tells Redis the hits in
batches: a robot is stopped up to a batch late by each.
"""

import logging
import math
from dataclasses import dataclass, field
from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address
from time import monotonic, time

from flask import Request, Response
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from flask_logivet_rdv.jobs import quick_redis
from flask_logivet_rdv.state import in_process, state

NAMESPACE = "logivet-rdv"
TRY_AGAIN_S = 5
BATCH, HIGH = 8, 100
"""How many hits Redis is told at once where a window has at least so many."""
MOST_KNOWN = 10_000
log = logging.getLogger(__name__)


def hit(rate: str | None, *bucket: str) -> int | None:
    """Count a hit in a bucket; return None when it is allowed, else the seconds to wait.

    `rate` is like ``20/hour``, None is no limit. `bucket` names what is counted and for whom,
    such as ``"pages", client_bucket(request)``; buckets and rates are independent of each other.
    """
    if rate is None:
        return None
    counters = in_process("limits", lambda: _Counters(state().settings.redis_url))
    return counters.hit(parsed(rate), bucket)


def client_bucket(request: Request) -> str:
    """Return whom an address is counted as: IPv4 itself, IPv6 its /64, which is one household's.

    It is the address the server saw; a proxy's header counts only where the host says so.
    """
    return network(request.remote_addr or "")


@lru_cache(maxsize=1024)
def network(text: str) -> str:
    """Return what an address in text is counted as; what is none stays as it is."""
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


def told_to_wait(answer: Response, seconds: int) -> Response:
    """Return the answer of a limit that struck, saying when it will no longer strike."""
    answer.headers["Retry-After"] = str(seconds)
    return answer


def minutes(seconds: int) -> int:
    """Return a wait as people are told it: in whole minutes, never too short."""
    return math.ceil(seconds / 60)


@cache
def parsed(rate: str) -> RateLimitItem:
    """Return a rate of the settings in the library's terms."""
    return parse(rate)


@dataclass(slots=True)
class _Known:
    """The hits of one process in a bucket, and until when Redis said that it was full."""

    hits: int = 0
    full_until: float = 0


@dataclass(slots=True)
class _Counters:
    """The counters of one application. `away_until` is when Redis is worth another try."""

    redis_url: str | None
    memory: FixedWindowRateLimiter = field(
        default_factory=lambda: FixedWindowRateLimiter(MemoryStorage())
    )
    known: dict[str, _Known] = field(default_factory=dict)
    away_until: float = 0

    def hit(self, rate: RateLimitItem, bucket: tuple[str, ...]) -> int | None:
        if self.redis_url is not None and monotonic() >= self.away_until:
            try:
                return self._hit_on_redis(_on_redis(self.redis_url), rate, bucket)
            except (RedisError, OSError) as error:
                self.away_until = monotonic() + TRY_AGAIN_S
                log.warning("Redis is away (%s): limits count in memory.", type(error).__name__)
        return _hit(self.memory, rate, bucket)

    def _hit_on_redis(
        self, redis: FixedWindowRateLimiter, rate: RateLimitItem, bucket: tuple[str, ...]
    ) -> int | None:
        if rate.amount < HIGH:
            return _hit(redis, rate, bucket)
        known = self._known(rate.key_for(*bucket))
        wait = known.full_until - monotonic()
        if wait > 0:
            return math.ceil(wait)
        known.hits += 1
        if known.hits % BATCH:
            return None
        told = _hit(redis, rate, bucket, BATCH)
        if told is not None:
            known.full_until = monotonic() + told
        return told

    def _known(self, key: str) -> _Known:
        """Return what this process knows of a bucket; all of it is forgotten when it is much."""
        if key not in self.known and len(self.known) >= MOST_KNOWN:
            self.known.clear()
        return self.known.setdefault(key, _Known())


@cache
def _on_redis(url: str) -> FixedWindowRateLimiter:
    pool = quick_redis(url).connection_pool
    return FixedWindowRateLimiter(RedisStorage(url, connection_pool=pool, key_prefix=NAMESPACE))


def _hit(
    counter: FixedWindowRateLimiter, rate: RateLimitItem, bucket: tuple[str, ...], cost: int = 1
) -> int | None:
    if counter.hit(rate, *bucket, cost=cost):
        return None
    ends_at = counter.get_window_stats(rate, *bucket).reset_time
    return max(1, math.ceil(ends_at - time()))
