"""`GET /bookings`: the full state, for a desktop that lost its own; and the events of a booking."""

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.scene import Scene
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.staging import booked, found, stage

chapter = Chapter("bookings", "Bookings, full state")
BOOKING = [
    "booked_at", "cancel_reason", "cancelled_at", "cancelled_by", "category_id", "client",
    "consent", "end", "id", "labels", "language", "pet_name", "reason", "resource_id",
    "species_id", "start", "status", "time_zone", "version",
]  # fmt: skip


@chapter.step(
    page="It answers `bookings`, `page`, `has_more` and `as_of`.",
    as_of="`as_of` is a cursor from which `events` goes on.",
    same_reading="It is the same on every page of one reading (`&as_of=` from page 2 on).",
    needs_as_of="422: a page from 2 on without it.",
    filters="422: `from` and `to` are RFC 3339 instants, `status` is `confirmed` or `cancelled`.",
)
def reading(s: Session) -> None:
    first = s.get("/bookings")
    s.holds("page", sorted(first.json or {}), ["as_of", "bookings", "has_more", "page"])
    as_of = first.at("as_of")
    s.holds("as_of", s.get("/events", cursor=as_of).status, 200)
    second = s.get("/bookings", page=2, as_of=as_of)
    s.holds("same_reading", (second.status, second.at("as_of")), (200, as_of))
    s.holds("needs_as_of", s.get("/bookings", page=2).problem, (422, "invalid"))
    wrong = ({"from": "yesterday"}, {"to": "2026-03-16T14:00:00"}, {"status": "lost"})
    answers = [s.get("/bookings", **given).status for given in wrong]
    s.holds("filters", answers, [422, 422, 422])


@chapter.staged(
    created="A booking makes the event `booking.created`.",
    all_in_one="The event carries the agenda entry, its status, the text to append to its"
    " description and the message.",
    same_as_event="`bookings` tells the booking as the event does.",
    members="A booking has every member of the contract.",
    keys="Its resource, category and species are told by LogiVet's own keys.",
    duration="It has the start that was booked and the duration of its category.",
    token_stays="The token never advances by bookings or settings.",
)
def booking(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    cursor, token = s.caught_up(), s.token
    booking_id = booked(s, scene, on)
    (event, *others) = s.events(cursor) or [{}]
    told = event.get("type"), (event.get("booking") or {}).get("id"), others
    s.holds("created", told, ("booking.created", booking_id, []))
    agenda, message = event.get("agenda") or {}, event.get("message") or {}
    status = agenda.get("status_code"), bool(agenda.get("description")), bool(message.get("body"))
    s.holds("all_in_one", status, ("confirmed", True, True))
    held = found(s, booking_id)
    s.holds("same_as_event", held, event.get("booking"))
    s.holds("members", sorted(held), BOOKING)
    keys = {of: held.get(f"{of}_id") for of in ("resource", "category", "species")}
    expected = {"resource": on.resource, "category": on.category, "species": on.species}
    s.holds("keys", keys, expected)
    span = held.get("start"), held.get("end")
    s.holds("duration", span, (on.starts[0], on.starts[1]))
    s.holds("token_stays", s.greet().at("token"), token)


@chapter.staged(
    cancelled="Its cancellation by the client makes the event `booking.cancelled`.",
    by_client="`cancelled_by` is `client`; the agenda's status is « Annulé », `cancelled`.",
    version="`version` only grows.",
    as_read="`booking` is the state when it is read: the first event tells the cancellation, too.",
    by_status="`status` chooses the confirmed ones or the cancelled ones.",
    by_time="`from` and `to` choose those that lie between them.",
)
def cancelled(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    cursor = s.caught_up()
    booking_id, other = booked(s, scene, on), booked(s, scene, on, 4)
    before = found(s, booking_id)
    scene.cancel_as_client(booking_id)
    events = s.events(cursor)
    first, last = (events[0], events[-1]) if events else ({}, {})
    s.holds("cancelled", last.get("type"), "booking.cancelled")
    state = last.get("booking") or {}
    told = state.get("cancelled_by"), (last.get("agenda") or {}).get("status_code")
    s.holds("by_client", told, ("client", "cancelled"))
    s.holds("version", (state.get("version") or 0) > (before.get("version") or 0))
    s.holds("as_read", first.get("booking"), state)
    ids = {
        status: {held.get("id") for held in s.bookings(status=status)} & {booking_id, other}
        for status in ("confirmed", "cancelled")
    }
    sorted_ids = {status: sorted(map(str, chosen)) for status, chosen in ids.items()}
    s.holds("by_status", sorted_ids, {"confirmed": [other], "cancelled": [booking_id]})
    span = {"from": on.starts[4], "to": on.starts[5]}
    between = [held.get("id") for held in s.bookings(**span)]
    s.holds("by_time", (other in between, booking_id in between), (True, False))
