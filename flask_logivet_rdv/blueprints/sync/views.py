"""The interface that LogiVet speaks to: what is answered, once the guard has let it in."""

import time
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
from .payloads import (
    MAX_BYTES,
    MAX_CHANGES,
    MAX_WAIT_S,
    PAGE_SIZE,
    BookingsQuery,
    EventsQuery,
)
from .payloads_snapshots import MAX_PARTS
from .problems import ProblemError

THREADED_WAITERS = 4
POLL_AFTER_S = 10


def hello(caller: Caller) -> answers.Hello:
    """Say who is there, and where an upload and a reading go on."""
    here = state()
    account = _account(caller.account_id)
    facts = here.facts(account.clinic_id)
    if (facts.time_zone, facts.locale) != (account.time_zone, account.locale):
        transact(desk(), caller.account_id, lambda tx: copy_facts(tx, facts))
        account = _account(caller.account_id)
    now = here.clock()
    seen = feed.acknowledged(here.db.session(), account.id)
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
    account_id, deadline = caller.account_id, time.monotonic() + asked.wait
    with waiter(account_id, _places(asked.wait), here.settings.redis_url) as held:
        page = _read(account_id, asked)
        while held and not page.events and (left := deadline - time.monotonic()) > 0:
            # A connection kept while waiting would exhaust the pool of the whole portal.
            here.db.session.remove()
            held.wait(left)
            page = _read(account_id, asked)
    account = _account(account_id)
    clinic, lang = here.facts(account.clinic_id), language(account.locale)
    return answers.EventsPage(
        events=[answers.event(event, clinic, lang) for event in page.events],
        cursor=page.cursor,
        has_more=page.has_more,
        server_time=answers.rfc3339(here.clock()),
        poll_after_s=0 if page.events or held else POLL_AFTER_S,
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


def _read(account_id: UUID, asked: EventsQuery) -> feed.Page:
    """Return the page after a cursor, which is thereby acknowledged. Raises ProblemError (410)."""
    here = state()
    session, account = here.db.session(), _account(account_id)
    after = feed.position(account, asked.cursor)
    if isinstance(after, feed.Resync):
        raise ProblemError("resync")
    page = feed.read_events(session, account, after, asked.limit)
    if after > feed.acknowledged(session, account_id):
        feed.acknowledge(session, account_id, after, here.clock())
    return page
