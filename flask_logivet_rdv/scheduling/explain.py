"""Why a time is not offered: the first rule that stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple

from .interval import Range
from .opening import Opening
from .slots import grid


class Reason(StrEnum):
    """A rule that keeps a time from being offered; the settings of `Offered` come first."""

    SUBSCRIPTION = "subscribed"
    SPECIES_GONE = "species_kept"
    SPECIES_OFF = "species_online"
    CATEGORY_GONE = "category_kept"
    CATEGORY_OFF = "category_online"
    NOT_LINKED = "linked"
    RESOURCE_GONE = "resource_kept"
    RESOURCE_OFF = "resource_enabled"
    SPECIES_NOT_SEEN = "species_seen"
    CATEGORY_NOT_OFFERED = "category_offered"
    NO_HOURS = "no_hours"
    CLOSED = "closed"
    """The visit does not fit in the hours of that day."""
    NOT_A_START = "not_a_start"
    """The hours hold it, but no slot starts then."""
    BUSY = "busy"
    BOOKED = "booked"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Offered:
    """What the settings say of a species, category and resource; each must be true (S3–S55)."""

    subscribed: bool
    species_kept: bool
    species_online: bool
    category_kept: bool
    category_online: bool
    linked: bool
    resource_kept: bool
    resource_enabled: bool
    species_seen: bool
    category_offered: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides whether a time is offered.

    `minutes` is the duration of the visit and `step_min` the distance between two starts;
    `busy` and `booked` take the resource's time (UTC seconds, half-open, in any order); `window`
    is that of `rules.window`.
    """

    offered: Offered
    openings: Sequence[Opening]
    zone: tzinfo
    minutes: int
    step_min: int
    busy: Sequence[Range]
    booked: Sequence[Range]
    window: tuple[int, int]


class Answer(NamedTuple):
    """The first rule in the way, and the range that takes the time where it is one."""

    reason: Reason
    taken: Range | None = None


def why(facts: Facts, start: int) -> Answer | None:
    """Return the first rule that keeps `start` (UTC seconds) from being offered.

    None where nothing does: exactly then `rules.bookable` accepts it.
    """
    for field in fields(facts.offered):
        if not getattr(facts.offered, field.name):
            return Answer(Reason(field.name))
    slot = Range(start, start + 60 * facts.minutes)
    return _closed(facts, slot) or _taken(facts, slot) or _outside(facts, slot)


def _closed(facts: Facts, slot: Range) -> Answer | None:
    if not facts.openings:
        return Answer(Reason.NO_HOURS)
    if slot in _grid(facts, slot, facts.step_min):
        return None
    fits = slot in _grid(facts, slot, 1)
    return Answer(Reason.NOT_A_START if fits else Reason.CLOSED)


def _grid(facts: Facts, slot: Range, step_min: int) -> tuple[Range, ...]:
    day = datetime.fromtimestamp(slot.start, facts.zone).date()
    return grid(
        facts.openings,
        zone=facts.zone,
        first=day,
        last=day,
        step_min=step_min,
        minutes=facts.minutes,
    )


def _taken(facts: Facts, slot: Range) -> Answer | None:
    for reason, ranges in ((Reason.BUSY, facts.busy), (Reason.BOOKED, facts.booked)):
        met = sorted(r for r in ranges if r.start < slot.end and slot.start < r.end)
        if met:
            return Answer(reason, met[0])
    return None


def _outside(facts: Facts, slot: Range) -> Answer | None:
    first, last = facts.window
    if slot.start < first:
        return Answer(Reason.TOO_SOON)
    return Answer(Reason.TOO_FAR) if slot.start > last else None
