"""The three delays of online booking: 12 hours, 2 months, 24 hours; and who respects them."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from operator import attrgetter

from .interval import Range
from .opening import midnight

_START = attrgetter("start")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """The delays in force (S79, S80, S93): elapsed seconds, calendar months, minutes.

    ``step_min`` is the distance between two starts; None means the category's duration.
    ``reminder_s`` is how long before a visit its reminder is due; 0 means none.
    """

    min_notice_s: int = 43_200
    months_ahead: int = 2
    min_cancel_s: int = 86_400
    step_min: int | None = None
    reminder_s: int = 0


class Refusal(StrEnum):
    """Why a slot cannot be booked, or a booking not cancelled, online."""

    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    TAKEN = "taken"
    """Not among the free slots: taken meanwhile, or outside the hours that are offered."""
    TOO_LATE = "too_late"
    PAST = "past"


def window(now: datetime, zone: tzinfo, rules: Rules) -> tuple[int, int]:
    """Return the first and the last start that may be booked, both included, in epoch seconds.

    ``now`` is aware, or ValueError is raised. The notice is elapsed time. The last day is the
    clinic's local date plus calendar months, clamped to the month's end, and counts whole.
    """
    last_day = _months_after(now.astimezone(zone).date(), rules.months_ahead)
    midnight = datetime.combine(last_day + timedelta(days=1), time(), zone)
    return _ceil(now) + rules.min_notice_s, _ceil(midnight) - 1


def bookable(slot: Range, *, free: Sequence[Range], window: tuple[int, int]) -> Refusal | None:
    """Return why a slot cannot be booked now, or None when it can.

    ``free`` is the sorted list of free slots, ``window`` the two bounds of :func:`window`.
    """
    if refusal := _outside(slot, window):
        return refusal
    place = bisect_left(free, slot)
    return None if place < len(free) and free[place] == slot else Refusal.TAKEN


def listing(free: Sequence[Range], window: tuple[int, int]) -> list[Range]:
    """Return the slots to show: exactly those of ``free`` that :func:`bookable` accepts."""
    first, last = window
    begin = bisect_left(free, first, key=_START)
    return list(free[begin : bisect_right(free, last, key=_START)])


def unchanged_until(listed: Sequence[Range], now: datetime, zone: tzinfo, rules: Rules) -> int:
    """Return the last instant (epoch seconds) at which ``listed`` is still what `listing` gives.

    That is while nothing is booked or changed. ``listed`` was given at ``now``: its first slot
    goes when its notice is no longer given; a day comes when the clinic's day ends.
    """
    day_ends = midnight(now.astimezone(zone).date() + timedelta(days=1), zone) - 1
    return min(day_ends, listed[0].start - rules.min_notice_s) if listed else day_ends


def cancellable(start: int, now: datetime, rules: Rules) -> Refusal | None:
    """Return why a visit can no longer be cancelled online, or None when it can.

    ``start`` is in epoch seconds, ``now`` is aware, or ValueError is raised. The delay is
    elapsed time and its bound is included; a visit that has begun is PAST.
    """
    moment = _ceil(now)
    if start < moment:
        return Refusal.PAST
    return Refusal.TOO_LATE if start - moment < rules.min_cancel_s else None


def _outside(slot: Range, window: tuple[int, int]) -> Refusal | None:
    first, last = window
    if slot.start < first:
        return Refusal.TOO_SOON
    return Refusal.TOO_FAR if slot.start > last else None


def _ceil(moment: datetime) -> int:
    """Return epoch seconds, rounded up: a whole second is never earlier than ``moment``."""
    if moment.utcoffset() is None:
        raise ValueError("An aware datetime is needed.")
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds + bool(since.microseconds)


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
