"""What LogiVet uploads: rows of its catalogue and agenda, by its own keys and versions."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Kind = Literal["category", "species", "resource", "busy"]
Status = Literal["applied", "unchanged", "stale"]
NEVER_SEEN = -1
"""The version of a row that LogiVet may send again with any version."""


@dataclass(frozen=True, slots=True)
class CatalogueData:
    """A category, species or resource as LogiVet has it; `short_*` is a species' abbreviation."""

    name_fr: str
    name_en: str
    short_fr: str = ""
    short_en: str = ""
    active: bool = True
    position: int = 0


@dataclass(frozen=True, slots=True)
class BusyData:
    """A range ``[start, end)`` in UTC seconds; `resource` is LogiVet's key.

    None is the column « Non assigné ».
    """

    resource: str | None
    kind: str
    start: int
    end: int
    booking_id: uuid.UUID | None = None


Data = CatalogueData | BusyData


@dataclass(frozen=True, slots=True)
class Change:
    """One row: `data` None deletes it. `version` is LogiVet's own counter for the row."""

    kind: Kind
    id: str
    version: int
    data: Data | None


class Held(NamedTuple):
    """A row as it is stored; `data` is None for a range that was deleted."""

    version: int
    data: Data | None


Place = tuple[uuid.UUID | None, int | None, int | None]
NOWHERE: Place = (None, None, None)


class Entry(NamedTuple):
    """A busy row as it is written, beside its account and LogiVet's key."""

    version: int
    kind: str
    resource_id: uuid.UUID | None = None
    starts_at: int | None = None
    ends_at: int | None = None
    booking_id: uuid.UUID | None = None
    deleted_at: datetime | None = None

    @property
    def place(self) -> Place:
        """Return the time that it takes, and whose; `NOWHERE` of one that was deleted."""
        return self.resource_id, self.starts_at, self.ends_at


Conflicts = list[tuple[uuid.UUID, str]]
"""Bookings with the keys of the ranges that lie on them."""


def upload_token(epoch: int, upload_seq: int) -> str:
    """Return the token to send with the next upload."""
    return f"{epoch}:{upload_seq}"


def newness(held: int | None, version: int, *, wins: bool) -> Status:
    """Return what becomes of a row sent with `version` when `held` is stored, None for no row.

    A snapshot `wins` whatever the versions.
    """
    if wins or held is None or version > held:
        return "applied"
    return "unchanged" if version == held else "stale"
