"""`GET /events`: the feed, long-poll, acknowledgement."""

import time
import uuid
from collections.abc import Sequence
from typing import Any

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import Row, busy
from flask_logivet_rdv.conformance.session import Session

chapter = Chapter("events", "Events, acknowledgement, long-poll")
PAGE = ["cursor", "events", "has_more", "poll_after_s", "server_time"]
EVENT = ["agenda", "at", "booking", "id", "message", "seq", "type"]
RESYNC = (410, "resync")
WOKEN_WITHIN_S = 5.0


@chapter.step(
    cursor_required="422: `events` needs a `cursor`.",
    page="A page has `events`, `cursor`, `has_more`, `server_time` and `poll_after_s`.",
    end="At the end of the feed it is empty, and its `cursor` is the one that was sent.",
)
def a_page(s: Session) -> None:
    s.holds("cursor_required", s.get("/events").problem, (422, "invalid"))
    cursor = s.caught_up()
    page = s.get("/events", cursor=cursor)
    s.holds("page", sorted(page.json or {}), PAGE)
    told = [page.at(name) for name in ("events", "cursor", "has_more")]
    s.holds("end", told, [[], cursor, False])


@chapter.step(
    unknown_booking="An unknown `booking_id` is accepted as an ordinary range, with a `notice`.",
    members="An event has `seq`, `id`, `type`, `at`, `booking`, `agenda` and `message`.",
    message_only="A notice is a message only, for the message centre: `language`, `subject`,"
    " `body`.",
    once="Sent again with the same version, it makes no second notice.",
)
def notices(s: Session) -> None:
    cursor, change = s.caught_up(), _noticed(s)
    accepted = s.upload(change).at("results", 0, "status")
    events = s.events(cursor)
    types = [event.get("type") for event in events]
    s.holds("unknown_booking", (accepted, types), ("applied", ["notice"]))
    event = events[0] if events else {}
    s.holds("members", sorted(event), EVENT)
    message = event.get("message") or {}
    words = sorted(name for name, text in message.items() if text)
    only = event.get("booking"), event.get("agenda"), words
    s.holds("message_only", only, (None, None, ["body", "language", "subject"]))
    s.upload(change)
    s.holds("once", len(s.events(cursor)), 1)


@chapter.step(
    in_order="`seq` grows by one from event to event: commit order, no gaps that fill later.",
    ids="Each event has an `id` of its own, and keeps it when it is read again.",
    limit="`limit` bounds a page; `has_more` tells that others wait, `cursor` where they begin.",
    clamped="`limit` above 200 and `wait` above 25 are clamped, not refused.",
    not_numbers="422: a `limit` or `wait` that is no number.",
)
def order_and_pages(s: Session) -> None:
    cursor = s.caught_up()
    for _ in range(3):
        s.upload(_noticed(s))
    events = s.events(cursor)
    numbers = [event.get("seq") for event in events]
    s.holds("in_order", numbers, _consecutive(numbers, 3))
    ids = [event.get("id") for event in events]
    again = [event.get("id") for event in s.events(cursor)]
    s.holds("ids", (again, len({*again})), (ids, 3))
    pages = [s.get("/events", cursor=cursor, limit=2)]
    pages.append(s.get("/events", cursor=pages[0].at("cursor"), limit=2))
    told = [[event.get("seq") for event in page.at("events") or []] for page in pages]
    more = [page.at("has_more") for page in pages]
    s.holds("limit", (told, more), ([numbers[:2], numbers[2:]], [True, False]))
    much = s.get("/events", cursor=cursor, limit=1000, wait=1000)
    s.holds("clamped", (much.status, len(much.at("events") or [])), (200, 3))
    wrong = [s.get("/events", cursor=cursor, **{name: "x"}).status for name in ("limit", "wait")]
    s.holds("not_numbers", wrong, [422, 422])


@chapter.step(
    reading="Reading events does not acknowledge them.",
    asking="Asking with cursor S acknowledges every event up to S.",
    grows="The acknowledgement only grows: an older cursor leaves it, and still reads.",
)
def acknowledgement(s: Session) -> None:
    before = s.caught_up()
    s.upload(_noticed(s))
    after = str(s.get("/events", cursor=before).at("cursor"))
    s.holds("reading", s.greet().at("acknowledged"), before)
    s.get("/events", cursor=after)
    s.holds("asking", s.greet().at("acknowledged"), after)
    again = s.get("/events", cursor=before)
    told = len(again.at("events") or []), s.greet().at("acknowledged")
    s.holds("grows", told, (1, after))


@chapter.step(
    from_the_future="A cursor from the future answers 410 `resync`.",
    other_epoch="A cursor of another epoch answers 410 `resync`.",
    no_cursor="What is no cursor answers 410 `resync`.",
)
def resync(s: Session) -> None:
    epoch, _, seq = s.caught_up().partition(":")
    future, other = f"{epoch}:{_number(seq) + 1000}", f"{_number(epoch) + 1}:{seq}"
    s.holds("from_the_future", s.get("/events", cursor=future).problem, RESYNC)
    s.holds("other_epoch", s.get("/events", cursor=other).problem, RESYNC)
    s.holds("no_cursor", s.get("/events", cursor="yesterday").problem, RESYNC)


@chapter.step(
    waits="With `wait`, an empty feed is answered at the end of the wait; a portal that holds no"
    " more requests answers at once with `poll_after_s`.",
    at_once="What is there already is answered at once.",
    woken="A commit wakes who waits: the event comes within seconds.",
)
def long_poll(s: Session) -> None:
    cursor = s.caught_up()
    page = s.get("/events", cursor=cursor, wait=3)
    held = 2.5 <= page.seconds <= 8 and page.at("poll_after_s") == 0
    told_to_return = page.seconds < 2.5 and (page.at("poll_after_s") or 0) > 0
    s.holds("waits", held or told_to_return)
    begun = s.meanwhile(lambda: s.get("/events", cursor=cursor, wait=8))
    time.sleep(1)  # so that the request is held before there is anything to read
    s.upload(_noticed(s))
    committed = time.monotonic()
    got = begun.result()
    late = time.monotonic() - committed
    if told_to_return:
        s.untried("woken", "the portal holds no requests: it tells to come back")
    else:
        types = [event.get("type") for event in got.at("events") or []]
        s.holds("woken", (types, late <= WOKEN_WITHIN_S), (["notice"], True))
    there = s.get("/events", cursor=cursor, wait=20)
    s.holds("at_once", (len(there.at("events") or []), there.seconds < 3), (1, True))


chapter.beyond(
    "it takes 60 days, or another face of the portal",
    kept="Events are kept 60 days, and until acknowledged; too old is 410 `resync`.",
    shown="The acknowledgement is stored with its time: the portal shows « reçu dans l'agenda ».",
)


def _noticed(s: Session) -> Row:
    """Return a change that makes a notice: the mirror of a booking that nobody made."""
    start, end = s.instant(20, "15:00"), s.instant(20, "15:30")
    return busy(s.name("mirror"), start, end, booking=str(uuid.uuid4()))


def _consecutive(numbers: Sequence[Any], length: int) -> list[int]:
    first = numbers[0] if numbers and isinstance(numbers[0], int) else 0
    return list(range(first, first + length))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
