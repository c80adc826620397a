"""What a query string or a form asks for; what is malformed counts as not asked."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from .entry import parsed_id

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"2[01]\d\d-\d\d-\d\dT\d\d:\d\d:00Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the calendar is asked to show. `month` is a first of the month; `tz` is unchecked."""

    species: uuid.UUID | None
    category: uuid.UUID | None
    resource: uuid.UUID | None
    month: date | None
    day: date | None
    tz: str | None


def read_wish(fields: Mapping[str, str]) -> Wish:
    """Return what the fields of a request ask for; of a repeated field, its first value."""
    return Wish(
        species=parsed_id(fields.get("species")),
        category=parsed_id(fields.get("category")),
        resource=parsed_id(fields.get("resource")),
        month=_day(f"{fields.get('month', '')}-01"),
        day=_day(fields.get("day", "")),
        tz=fields.get("tz"),
    )


def read_start(text: str | None) -> tuple[int, uuid.UUID | None] | None:
    """Return a start (UTC seconds) as radios post it, and its other resource if it names one.

    ``2026-03-18T17:30:00Z`` or ``2026-03-18T17:30:00Z@<resource id>``; None for anything else.
    """
    instant, at, other = (text or "").partition("@")
    resource = parsed_id(other)
    if not _INSTANT.fullmatch(instant) or (at and resource is None):
        return None
    try:
        return int(datetime.fromisoformat(instant).timestamp()), resource
    except ValueError:
        return None


def written(start: int) -> str:
    """Return an instant (UTC seconds) as radios post it."""
    return f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
