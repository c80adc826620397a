"""The interface that LogiVet speaks to: what is answered, once the guard has let it in."""

import random
import time
from collections.abc import Sequence
from uuid import UUID

from flask import request

from flask_logivet_rdv.i18n import language
from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services import events as feed
from flask_logivet_rdv.services.accounts import account_row, copy_facts
from flask_logivet_rdv.services.bookings import list_bookings
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import upload_token
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.waiters import waiter

from . import answers
from .guard import Caller
from .payloads import MAX_BYTES, MAX_CHANGES
from .payloads_reading import MAX_WAIT_S, PAGE_SIZE, BookingsQuery, EventsQuery
from .payloads_snapshots import MAX_PARTS
from .problems import ProblemError

THREADED_WAITERS = 4
POLL_AFTER_S = range(5, 10)
"""Seconds, drawn for each answer: desktops that were refused together do not come back together."""
LONGEST_WAIT_S = (15.0, float(MAX_WAIT_S))
"""Drawn for each request, so that those who came together, when a portal starts, come apart."""


def hello(caller: Caller) -> answers.Hello:
    """Say who is there, and where an upload and a reading go on."""
    here = state()
    account = _account(caller.account_id)
    facts = here.facts(account.clinic_id)
    if (facts.time_zone, facts.locale) != (account.time_zone, account.locale):
        transact(desk(), caller.account_id, lambda tx: copy_facts(tx, facts))
        account = _account(caller.account_id)
    now = here.clock()
    seen = feed.acknowledged(here.db.session(), caller.key_id)
    return answers.Hello(
        server_time=answers.rfc3339(now),
        clinic=answers.ClinicOut(
            name=facts.name(account.locale),
            time_zone=account.time_zone,
            locale=language(account.locale),
        ),
        subscription="active" if account.subscribed(int(now.timestamp())) else "inactive",
        token=upload_token(account.epoch, account.upload_seq),
        cursor=feed.oldest_cursor(account),
        acknowledged=feed.event_cursor(account.epoch, seen),
        limits=answers.Limits(
            changes_per_request=MAX_CHANGES,
            bytes_per_request=MAX_BYTES,
            events_per_page=PAGE_SIZE,
            wait_s=MAX_WAIT_S,
            snapshot_parts=MAX_PARTS,
        ),
    )


def events(caller: Caller, asked: EventsQuery) -> answers.EventsPage:
    """Read the feed after a cursor, and acknowledge all up to it.

    With `wait`, an empty feed is answered when something happens, or at the end of the wait. A
    server that holds as many requests as it can answers at once, with `poll_after_s`.
    """
    here = state()
    longest = min(asked.wait, random.uniform(*LONGEST_WAIT_S))  # noqa: S311
    deadline = time.monotonic() + longest
    with waiter(caller.account_id, _places(asked.wait), here.settings.redis_url) as held:
        reader, page = _read(caller, asked)
        while held and not page.events:
            # A connection kept while waiting would exhaust the pool of the whole portal.
            here.db.session.remove()
            if not held.wait(deadline - time.monotonic()):
                break
            reader, page = _read(caller, asked)
    return answers.EventsPage(
        events=_told(reader, page.events),
        cursor=page.cursor,
        has_more=page.has_more,
        server_time=answers.rfc3339(here.clock()),
        poll_after_s=0 if page.events or held else random.choice(POLL_AFTER_S),  # noqa: S311
    )


def bookings(caller: Caller, asked: BookingsQuery) -> answers.BookingsPage:
    """Read the bookings in full, page by page, for a desktop that lost its own.

    Go on with `/events` from the `as_of` of the first page.
    """
    account = _account(caller.account_id)
    as_of = asked.as_of or feed.event_cursor(account.epoch, account.event_seq)
    position = feed.position(account, as_of)
    if isinstance(position, feed.Resync):
        raise ProblemError("resync")
    found, has_more = list_bookings(
        state().db.session(),
        account.id,
        asked.listing(),
        changed_after=position,
        page=asked.page,
        size=PAGE_SIZE,
    )
    return answers.BookingsPage(
        bookings=[answers.booking(facts) for facts in found],
        page=asked.page,
        has_more=has_more,
        as_of=as_of,
    )


def _account(account_id: UUID) -> ClinicAccount:
    """Return the caller's account. Raises ProblemError when it has just been deleted."""
    account = account_row(state().db.session(), account_id)
    if account is None:
        raise ProblemError("invalid_key")
    return account


def _places(wait: int) -> int:
    """Return how many requests this process may hold; a WSGI server does not tell its threads."""
    cap = state().settings.waiters
    if cap is None:
        cap = THREADED_WAITERS if request.environ.get("wsgi.multithread") else 0
    return cap if wait else 0


def _read(caller: Caller, asked: EventsQuery) -> tuple[feed.Reader, feed.Page]:
    """Return the page after a cursor, which is thereby acknowledged. Raises ProblemError (410)."""
    here = state()
    session = here.db.session()
    reader = feed.reader(session, caller.key_id)
    if reader is None:
        raise ProblemError("invalid_key")
    after = feed.position(reader, asked.cursor)
    if isinstance(after, feed.Resync):
        raise ProblemError("resync")
    page = feed.read_events(session, reader, after, asked.limit)
    if after > reader.acknowledged:
        feed.acknowledge(session, caller.key_id, after, here.clock())
    return reader, page


def _told(reader: feed.Reader, found: Sequence[feed.FeedEvent]) -> list[answers.EventOut]:
    """Return events in the clinic's own language."""
    if not found:
        return []
    clinic, lang = state().facts(reader.clinic_id), language(reader.locale)
    return [answers.event(event, clinic, lang) for event in found]
