"""The wake-up after a commit, and the drain that mails: correct without Redis, prompt with it."""

import logging
import smtplib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from operator import add
from typing import Any

from blinker import Signal
from flask import Flask, current_app
from flask_mail import BadHeaderError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from flask_logivet_rdv.messages import deliver
from flask_logivet_rdv.services import moved_clocks, outbox, snapshot_commit, upkeep
from flask_logivet_rdv.services.booking import CONFIRMATION
from flask_logivet_rdv.services.offering import KeptOffers
from flask_logivet_rdv.services.transaction import Caps, Desk, transact
from flask_logivet_rdv.state import EXTENSION, in_process, state
from flask_logivet_rdv.telemetry import tell

WAKE_TIMEOUT_S = 0.2
A_DAY_S = 86_400
TELL_AND_LOOK = """
if ARGV[2] ~= '' then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
local id = redis.call('GET', KEYS[1])
return id and redis.call('LPOS', KEYS[2], id) and 1 or 0
"""
"""Whether the job whose id a key holds waits in a queue: it leaves the list before it begins."""
CHANNEL = "logivet-rdv:events"
log = logging.getLogger(__name__)

events_written = Signal("Events of a clinic were committed. Sent with `account_id`.")


def desk() -> Desk:
    """Return what a write of the current application needs."""
    here = state()
    settings = here.settings
    return Desk(
        session=here.db.session(),
        clock=here.clock,
        rules=settings.rules,
        notify=wake,
        caps=Caps(
            live=settings.max_live_per_email,
            confirmations=settings.max_confirmations_per_email,
            live_by_phone=settings.max_live_per_phone,
        ),
        offers=in_process("locked_offers", KeptOffers),
    )


@cache
def quick_redis(url: str) -> Redis:
    """Return a connection that gives up after 0.2 s: a wake-up is never worth a wait."""
    return Redis.from_url(
        url,
        socket_timeout=WAKE_TIMEOUT_S,
        socket_connect_timeout=WAKE_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def wake(account_id: uuid.UUID, *, mail: bool, events: bool) -> None:
    """Wake the mail worker and LogiVet's waiters. Never raises: the database is the truth."""
    if events:
        events_written.send(current_app._get_current_object(), account_id=account_id)  # type: ignore[attr-defined]
    settings = state().settings
    if settings.redis_url is None:
        return
    try:
        _tell_redis(quick_redis(settings.redis_url), account_id, mail=mail, events=events)
    except (RedisError, OSError) as error:
        log.warning("Redis did not take a wake-up (%s); the sweep will.", type(error).__name__)


def _tell_redis(redis: Redis, account_id: uuid.UUID, *, mail: bool, events: bool) -> None:
    """Publish that there are events; have a drain wait in the queue, unless one does already.

    One that has not begun will meet every mail that was committed before it was looked for.
    """
    told = account_id.hex if events else ""
    asked, waiting = queue(redis), f"logivet-rdv:{state().settings.queue}:drain"
    if not mail:
        redis.publish(CHANNEL, told)
    elif not _is_queued(redis, [waiting, asked.key], [CHANNEL, told]):
        # no time limit: RQ's would strike in the middle of a mail, and Connection has its own
        job = asked.enqueue(drain_job, job_timeout=-1, result_ttl=0, failure_ttl=60)
        redis.set(waiting, job.id, ex=A_DAY_S)


def _is_queued(redis: Redis, keys: list[str], told: list[str]) -> bool:
    try:
        return bool(redis.eval(TELL_AND_LOOK, len(keys), *keys, *told))
    except ResponseError:  # a Redis before 6.0.6 has told, and cannot look
        return False


def queue(redis: Redis) -> Queue:
    """Return our queue; JSON, so that nothing is unpickled."""
    return _queue(state().settings.queue, redis)


@lru_cache(maxsize=8)
def _queue(name: str, redis: Redis) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)


def confirmation_is_late(account_id: uuid.UUID, booking_id: uuid.UUID) -> bool:
    """Tell whether the confirmation of a booking has not left and may take long to."""
    session, mail = state().db.session(), (account_id, booking_id, CONFIRMATION)
    if outbox.has_left(session, *mail):
        return False
    return outbox.is_stuck(session, *mail, _now()) or _queue_is_away()


def _queue_is_away() -> bool:
    url = state().settings.redis_url
    try:
        return url is not None and not quick_redis(url).ping()
    except (RedisError, OSError):
        return True


def drain(limit: int | None = None) -> int:
    """Send the mails that are due, at most `limit`; return how many were tried."""
    here, tried = state(), 0
    while limit is None or tried < limit:
        claim = outbox.claim_mail(here.db.session(), _now())
        if claim is None:
            break
        tried += 1
        _send(claim)
    here.db.session.remove()
    return tried


def tidy() -> upkeep.Tidied:
    """Finish what a crash left half done, let go of what is old; return how much went.

    A clinic where that fails is logged, and does not keep the others from it.
    """
    here, gone = state(), upkeep.Tidied()
    retention_s = here.settings.retention_days * 86_400
    finish_snapshots()
    for account_id in upkeep.overdue(here.db.session(), _now(), retention_s):
        with _going_on(account_id):
            gone = upkeep.Tidied(*map(add, gone, upkeep.tidy(desk(), account_id, retention_s)))
    here.db.session.remove()
    return gone


def tell_moved_clocks() -> list[moved_clocks.Moved]:
    """Return the visits whose time on the clock new zone data have moved; tell each clinic once."""
    here = state()
    session = here.db.session()
    found = moved_clocks.moved(session, _now())
    for account_id in dict.fromkeys(one.account_id for one in found):
        with _going_on(account_id):
            if moved_clocks.untold(session, _now(), account_id):
                transact(desk(), account_id, moved_clocks.tell_moved)
    here.db.session.remove()
    return found


def finish_snapshots() -> None:
    """Apply the rest of the snapshots that a crash left half applied."""
    here = state()
    for account_id, snapshot_id, parts in snapshot_commit.forsaken(here.db.session(), _now()):
        with _going_on(account_id):
            snapshot_commit.commit_snapshot(desk(), account_id, snapshot_id, parts)
    here.db.session.remove()


@contextmanager
def _going_on(account_id: uuid.UUID) -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("Upkeep of clinic %s failed; it is tried again.", account_id)


def drain_job() -> None:
    """Drain from an RQ worker, in a fresh context of its application."""
    app: Flask = worker_app[EXTENSION]
    with app.app_context():
        drain()


worker_app: dict[str, Any] = {}
"""The application of this process's worker, put there by ``flask rdv worker``."""


def _now() -> int:
    return int(state().clock().timestamp())


def _send(claim: outbox.Claim) -> None:
    """Deliver one mail and record the outcome; any failure is a reason to try again later."""
    session = state().db.session()
    try:
        left = deliver(desk(), claim)
    except Exception as error:  # noqa: BLE001 a mail must never be lost to an unforeseen error
        session.rollback()
        name = type(error).__name__
        if claim.attempt >= outbox.TRIES or _is_final(error):
            transact(desk(), claim.account_id, lambda tx: outbox.bury(tx, claim, name))
            _tell(claim, "given_up", name)
        else:
            outbox.mark_failed(session, claim, _now(), name)
            _tell(claim, "failed", name)
    else:
        outbox.mark_sent(session, claim, _now(), skipped=not left)
        _tell(claim, "sent" if left else "skipped")


def _tell(claim: outbox.Claim, outcome: str, error: str | None = None) -> None:
    tell(
        "mail",
        outcome,
        claim.account_id,
        kind=claim.kind,
        mail=claim.id,
        booking=claim.booking_id,
        attempt=claim.attempt,
        error=error,
    )


def _is_final(error: Exception) -> bool:
    """Tell whether this mail can never leave: refused for good (RFC 5321, 5yz), or unaddressable.

    A refusal of the sender or of our password is no reason: that is mended, and the mail leaves.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, BadHeaderError | UnicodeEncodeError)
