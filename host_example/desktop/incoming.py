"""What comes down: events and bookings become agenda entries and messages."""

import json
import sqlite3
from dataclasses import replace
from typing import Any

from . import agenda
from .agenda import Entry
from .dates import epoch, long_moment, zone_of
from .store import Store, get_state, set_state

_TOLD_BY_A_LIST = {"booking.created", "booking.moved", "booking.cancelled"}


def apply_page(store: Store, page: dict[str, Any], asked: str) -> None:
    """Apply the events of one page and its cursor, all or nothing.

    ``asked`` is the cursor that it was read from: if the store stands elsewhere, because it was
    restored meanwhile, the page is none of its own.
    """
    if not page["events"] and page["cursor"] == asked:
        return
    with store.write() as db:
        if get_state(db, "cursor") != asked:
            return
        for event in page["events"]:
            _apply_event(db, event)
        set_state(db, "cursor", page["cursor"])


def go_on_from(store: Store, cursor: str, asked: str) -> None:
    """Take ``cursor`` for the one that was refused, unless the store was restored meanwhile."""
    with store.write() as db:
        if get_state(db, "cursor") == asked:
            set_state(db, "cursor", cursor)


def apply_list(store: Store, bookings: list[dict[str, Any]]) -> None:
    """Apply one page of the full list; what happened meanwhile is told in our own words."""
    zone = zone_of(store.state("time_zone"))
    with store.write() as db:
        for booking in bookings:
            before = agenda.mirror(db, booking["id"])
            import_booking(db, booking)
            entry = _mirror(db, booking)
            if entry.cancelled and not (before and before.cancelled):
                entry = _with_line(entry, _cancellation(booking, zone))
            agenda.save(db, replace(entry, listed_version=booking["version"]))


def import_booking(db: sqlite3.Connection, booking: dict[str, Any]) -> bool:
    """Make the entry follow ``booking`` unless it already knows that version; return if it moved.

    An entry that was removed by hand comes back only while its booking holds.
    """
    before = agenda.mirror(db, booking["id"])
    if before is not None and before.booking_version >= booking["version"]:
        return False
    cancelled = booking["status"] == "cancelled"
    client = booking.get("client") or {}
    known = before or Entry(
        f"R-{booking['id']}"[:64], "appointment", None, 0, 1, "", booking_id=booking["id"]
    )
    entry = replace(
        known,
        resource_id=booking["resource_id"],
        starts_at=epoch(booking["start"]),
        ends_at=epoch(booking["end"]),
        title=client.get("name") or known.title or "Rendez-vous en ligne",
        language=booking.get("language") or "",
        cancelled=cancelled,
        booking_version=booking["version"],
        facts=json.dumps(booking, ensure_ascii=False),
        deleted=known.deleted and cancelled,
    )
    agenda.save(db, entry)
    return True


def _apply_event(db: sqlite3.Connection, event: dict[str, Any]) -> None:
    booking = event.get("booking")
    if booking:
        import_booking(db, booking)
    if not db.execute("INSERT OR IGNORE INTO applied_event VALUES (?)", (event["id"],)).rowcount:
        return
    text = (event.get("agenda") or {}).get("description")
    if booking and text:
        entry = _mirror(db, booking)
        if event["type"] not in _TOLD_BY_A_LIST or booking["version"] > entry.listed_version:
            agenda.save(db, _with_line(entry, text))
    message = event.get("message")
    if message:
        db.execute(
            "INSERT INTO message (event_id, subject, body, at) VALUES (?, ?, ?, ?)",
            (event["id"], message["subject"], message["body"], event["at"]),
        )


def _mirror(db: sqlite3.Connection, booking: dict[str, Any]) -> Entry:
    entry = agenda.mirror(db, booking["id"])
    if entry is None:
        raise LookupError(f"booking {booking['id']} was not imported")
    return entry


def _with_line(entry: Entry, text: str) -> Entry:
    return replace(entry, description=f"{entry.description}\n{text}".strip())


def _cancellation(booking: dict[str, Any], zone: Any) -> str:
    at = booking.get("cancelled_at")
    when = f" le {long_moment(epoch(at), zone)}" if at else ""
    return f"Rendez-vous annulé{when}. Raison : {booking.get('cancel_reason') or '—'}"
