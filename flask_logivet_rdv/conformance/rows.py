"""Rows as LogiVet sends them."""

from collections.abc import Mapping
from typing import Any

KINDS = ("category", "species", "resource", "busy")
Row = dict[str, Any]


def named(fr: str, en: str | None = None) -> Row:
    """Return a name in both languages, or in French alone."""
    return {"fr": fr} | ({"en": en} if en else {})


def upsert(kind: str, row_id: str, version: int, data: Mapping[str, Any]) -> Row:
    """Return the change that makes a row what `data` tells, whole."""
    return {"op": "upsert", "kind": kind, "id": row_id, "version": version, "data": dict(data)}


def delete(kind: str, row_id: str, version: int) -> Row:
    """Return the change that deletes a row."""
    return {"op": "delete", "kind": kind, "id": row_id, "version": version}


def item(change: Row) -> Row:
    """Return the row of a snapshot that an upsert tells."""
    return {name: value for name, value in change.items() if name != "op"}


def catalogue(kind: str, row_id: str, version: int = 1, name: str = "Examen") -> Row:
    """Return the upsert of a category, species or resource."""
    return upsert(kind, row_id, version, {"name": named(name, f"{name} (en)"), "active": True})


def busy(
    row_id: str,
    start: str,
    end: str,
    version: int = 1,
    *,
    resource: str | None = None,
    booking: str | None = None,
) -> Row:
    """Return the upsert of an appointment of the agenda."""
    data = {
        "resource_id": resource,
        "type": "appointment",
        "start": start,
        "end": end,
        "booking_id": booking,
    }
    return upsert("busy", row_id, version, data)
