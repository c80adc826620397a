"""Busy ranges, mirrors and conflicts: what the agenda does to what owners see and booked."""

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import busy, catalogue, delete, item
from flask_logivet_rdv.conformance.scene import Scene
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.staging import booked, found, mirror, stage

chapter = Chapter("agenda", "Busy ranges, mirrors, conflicts")


@chapter.staged(
    hides="A busy range hides the slots of its resource that it touches, and no others: half-open.",
    deleted="Deleted, it gives them back.",
    unassigned="`resource_id: null` blocks nobody.",
    unknown_resource="A range on a resource that is unknown blocks nobody.",
)
def slots(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    first, second, third = on.starts[:3]
    lies = busy(s.name("range"), first, third, resource=on.resource)
    s.upload(lies)
    left = list(scene.starts(resource=on.resource))
    s.holds("hides", left[:2], on.starts[2:4])
    s.upload(delete("busy", lies["id"], 2))
    s.holds("deleted", list(scene.starts(resource=on.resource)), on.starts)
    s.upload(busy(s.name("nobody"), first, third, resource=None))
    s.holds("unassigned", list(scene.starts(resource=on.resource)), on.starts)
    s.upload(busy(s.name("unknown"), first, second, resource=s.name("nobody")))
    s.holds("unknown_resource", list(scene.starts(resource=on.resource)), on.starts)


@chapter.staged(
    inactive="A resource that is `active: false` is gone from the widget at once.",
    deleted_row="So is what is deleted: a category, a species.",
)
def gone_at_once(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    hidden = catalogue("resource", on.resource, 2)
    hidden["data"]["active"] = False
    s.upload(hidden)
    s.holds("inactive", list(scene.starts(resource=on.resource)), [])
    lefts = []
    for kind in ("category", "species"):
        other = stage(s, scene)
        s.upload(delete(kind, getattr(other, kind), 2))
        lefts.append(list(scene.starts(resource=other.resource)))
    s.holds("deleted_row", lefts, [[], []])


@chapter.staged(
    accepted="A busy range that lands on a confirmed online booking which it does not mirror is"
    " accepted, and told in `conflicts`.",
    conflict_event="`booking.conflict` is emitted, with a message.",
    booking_kept="The booking is kept: no client is ever cancelled automatically.",
    told_once="Uploaded again, it is not emitted again.",
    in_snapshot="A snapshot tells the conflicts that stand, too.",
)
def conflicts(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    booking = found(s, booked(s, scene, on))
    cursor = s.caught_up()
    lies = busy(s.name("over"), booking.get("start", ""), booking.get("end", ""))
    lies["data"]["resource_id"] = on.resource
    answer = s.upload(lies)
    pair = {"booking_id": booking.get("id"), "busy_id": lies["id"]}
    told = answer.at("results", 0, "status"), answer.at("conflicts")
    s.holds("accepted", told, ("applied", [pair]))
    events = s.events(cursor)
    shown = [
        (event.get("type"), (event.get("booking") or {}).get("id"), bool(event.get("message")))
        for event in events
    ]
    s.holds("conflict_event", shown, [("booking.conflict", booking.get("id"), True)])
    s.holds("booking_kept", found(s, str(booking.get("id"))).get("status"), "confirmed")
    s.upload(lies, lies | {"version": 2})
    s.holds("told_once", len(s.events(cursor)), len(events))
    standing = s.snapshot(item(lies | {"version": 3}), kinds=["busy"])
    s.holds("in_snapshot", standing.at("conflicts"), [pair])


@chapter.staged(
    no_conflict="The mirror of a booking never conflicts with it, and makes no notice in its"
    " place.",
    own_range="A mirror that differs in time or resource makes a `notice`; the booking keeps its"
    " own range.",
    both_blocked="The mirror blocks its own range as well as the booking's.",
    vanished="A mirror that vanishes does not cancel the booking.",
    cancelled="A mirror of a cancelled booking blocks nobody.",
)
def mirrors(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    booking = found(s, booked(s, scene, on))
    cursor = s.caught_up()
    entry = mirror(s, booking)
    s.holds("no_conflict", (s.upload(entry).at("conflicts"), s.events(cursor)), ([], []))
    moved = entry | {"version": 2, "data": entry["data"] | _between(on.starts[2:4])}
    s.upload(moved)
    types = [event.get("type") for event in s.events(cursor)]
    kept = found(s, str(booking.get("id"))).get("start")
    s.holds("own_range", (types, kept), (["notice"], booking.get("start")))
    left = list(scene.starts(resource=on.resource))
    s.holds("both_blocked", left[:2], [on.starts[1], on.starts[3]])
    s.upload(delete("busy", entry["id"], 3))
    s.holds("vanished", found(s, str(booking.get("id"))).get("status"), "confirmed")
    s.upload(entry | {"version": 4})
    scene.cancel_as_client(str(booking.get("id")))
    s.holds("cancelled", list(scene.starts(resource=on.resource))[:1], on.starts[:1])


@chapter.staged(
    listed="A resource, category or species deleted while it has future bookings makes a `notice`"
    " that lists them.",
    stays="The bookings stay, and can be cancelled by their link.",
    labels="A booking keeps a snapshot of its labels: it survives the deletion of its category.",
)
def what_goes_away(s: Session, scene: Scene) -> None:
    on = stage(s, scene)
    booking_id = booked(s, scene, on)
    booking, lists = found(s, booking_id), []
    for kind in ("resource", "category", "species"):
        cursor = s.caught_up()
        s.upload(delete(kind, getattr(on, kind), 2))
        lists.append([(e["type"], "Conformance" in e["message"]["body"]) for e in s.events(cursor)])
    s.holds("listed", lists, [[("notice", True)]] * 3)
    after = found(s, booking_id)
    s.holds("labels", after.get("labels"), booking.get("labels"))
    told = after.get("status"), scene.cancel_as_client(booking_id)
    s.holds("stays", told, ("confirmed", True))


def _between(starts: list[str]) -> dict[str, str]:
    return dict(zip(("start", "end"), starts, strict=False))
