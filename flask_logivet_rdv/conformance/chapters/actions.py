"""`cancel` and `move`: the clinic acts on an online booking."""

from datetime import datetime, timedelta
from typing import Any

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import busy
from flask_logivet_rdv.conformance.scene import Scene
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.staging import Stage, booked, found, stage
from flask_logivet_rdv.conformance.wire import Answer

chapter = Chapter("actions", "Cancelled and moved by the clinic")
NOBODYS = "00000000-0000-4000-8000-000000000000"


@chapter.step(unknown="404: a booking that is unknown, or another clinic's.")
def unknown(s: Session) -> None:
    place = {"resource_id": "5", "start": s.instant(9, "15:00"), "end": s.instant(9, "15:30")}
    answers = _cancel(s, NOBODYS), _move(s, NOBODYS, place)
    s.holds("unknown", [answer.status for answer in answers], [404, 404])


@chapter.staged(
    moved="`move` answers 200 with the booking at its new place.",
    move_event="It makes the event `booking.moved`, so that a second desktop learns of it.",
    move_again="Repeated with the same content: the same answer, nothing new.",
    move_frees="Its old time can be booked, its new one cannot.",
    grid="422: times are multiples of 5 minutes.",
    taken="A range that another online booking holds answers 409 `slot_taken`.",
    over_busy="Over a busy range it is allowed.",
    any_time="It is not bound by the 12 h rule.",
    token_stays="The token stays.",
)
def move(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    booking_id, other = booked(s, scene, on), booked(s, scene, on, 4)
    cursor, token = s.caught_up(), s.token
    place = _place(on, 2)
    done = _move(s, booking_id, place)
    told = done.status, done.at("booking", "start"), done.at("booking", "end")
    s.holds("moved", told, (200, place["start"], place["end"]))
    events = s.events(cursor)
    told_of = [(event.get("type"), (event.get("booking") or {}).get("id")) for event in events]
    s.holds("move_event", told_of, [("booking.moved", booking_id)])
    again = _move(s, booking_id, place)
    s.holds("move_again", (again.json, len(s.events(cursor))), (done.json, len(events)))
    left = scene.starts(resource=on.resource)
    s.holds("move_frees", [start in left for start in (on.starts[0], on.starts[2])], [True, False])
    crooked = place | {"end": _later(place["end"], 1)}
    s.holds("grid", _move(s, booking_id, crooked).problem, (422, "invalid"))
    s.holds("taken", _move(s, booking_id, _place(on, 4)).problem, (409, "slot_taken"))
    s.holds("token_stays", s.greet().at("token"), token)
    s.upload(busy(s.name("over"), on.starts[6], on.starts[7], resource=on.resource))
    s.holds("over_busy", _move(s, booking_id, _place(on, 6)).status, 200)
    soon = _soon(s)
    near = {"resource_id": on.resource, "start": soon, "end": _later(soon, 30)}
    s.holds("any_time", _move(s, other, near).status, 200)


@chapter.staged(
    cancelled="`cancel` answers 200 with the booking, cancelled by `clinic` for its reason.",
    cancel_event="It makes the event `booking.cancelled`; the agenda's status is `cancelled`.",
    cancel_again="Repeated with the same content: the same answer, nothing new.",
    cancel_frees="Its time can be booked again.",
    any_time_too="It is not bound by the 24 h rule.",
    not_moved="A cancelled booking is not moved: 409.",
    notify="422: `notify_client` is to be told.",
)
def cancel(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    booking_id, near_one = booked(s, scene, on), booked(s, scene, on, 4)
    cursor = s.caught_up()
    s.holds("notify", s.send("POST", f"/bookings/{booking_id}/cancel", {}).problem[0], 422)
    done = _cancel(s, booking_id)
    told = [done.at("booking", name) for name in ("status", "cancelled_by", "cancel_reason")]
    s.holds("cancelled", (done.status, *told), (200, "cancelled", "clinic", "Conformance"))
    events = s.events(cursor)
    told_of = [(e.get("type"), (e.get("agenda") or {}).get("status_code")) for e in events]
    s.holds("cancel_event", told_of, [("booking.cancelled", "cancelled")])
    again = _cancel(s, booking_id)
    s.holds("cancel_again", (again.json, len(s.events(cursor))), (done.json, len(events)))
    s.holds("cancel_frees", on.starts[0] in scene.starts(resource=on.resource))
    s.holds("not_moved", _move(s, booking_id, _place(on, 2)).status, 409)
    soon = _soon(s)
    _move(s, near_one, {"resource_id": on.resource, "start": soon, "end": _later(soon, 30)})
    cancelled = _cancel(s, near_one).at("booking", "status"), found(s, near_one).get("status")
    s.holds("any_time_too", cancelled, ("cancelled", "cancelled"))


chapter.beyond(
    "it is seen in the client's mail alone",
    client_told="`notify_client` mails the client; after a move the client's link cancels the new"
    " time.",
)


def _cancel(s: Session, booking_id: str) -> Answer:
    # nobody reads the mail of a booking that a run made
    body = {"reason": "Conformance", "notify_client": False}
    return s.send("POST", f"/bookings/{booking_id}/cancel", body)


def _move(s: Session, booking_id: str, place: dict[str, Any]) -> Answer:
    return s.send("POST", f"/bookings/{booking_id}/move", place | {"notify_client": False})


def _place(on: Stage, n: int) -> dict[str, Any]:
    return {"resource_id": on.resource, "start": on.starts[n], "end": on.starts[n + 1]}


def _soon(s: Session) -> str:
    """Return an instant of the next hours, on five minutes."""
    hour = s.today.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    return f"{hour:%Y-%m-%dT%H:%M:%SZ}"


def _later(instant: str, minutes: int) -> str:
    moment = datetime.fromisoformat(instant) + timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
