"""The month on the left and the times on the right, as plain values for the template."""

from bisect import bisect_left
from calendar import SUNDAY, Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from flask_logivet_rdv.i18n import Words, local
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import midnight, zone

from .reading import written
from .zones import Zones


class Day(NamedTuple):
    """One cell: its date, how many times are free, and how it stands in the month shown."""

    date: date
    free: int
    outside: bool
    today: bool
    chosen: bool

    @property
    def level(self) -> int:
        """Return how full the bar under the day is, 1 to 3."""
        return 1 + (self.free > 2) + (self.free > 5)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the clinic's days, weeks from Sunday (S73).

    `previous` and `following` are None at the bounds. `chosen` is the day whose times are shown,
    None in a month without any; `first` is then the first day that has some, if one has.
    """

    start: date
    weeks: list[list[Day]]
    previous: date | None
    following: date | None
    offered: int
    chosen: date | None
    first: date | None


@dataclass(frozen=True, slots=True)
class Time:
    """A free time as its button shows it; `note` tells apart what would read the same.

    `own` is the clinic's time, where the owner reads another.
    """

    value: str
    start: str
    end: str
    said: str
    note: str
    own: str


def by_day(free: Sequence[Range], zone_name: str) -> dict[date, list[Range]]:
    """Return free slots under the local day on which they start, in order."""
    days: dict[date, list[Range]] = {}
    here, at = zone(zone_name), 0
    while at < len(free):
        day = datetime.fromtimestamp(free[at].start, here).date()
        ends = midnight(day + timedelta(days=1), here)
        # where clocks go back over midnight, the day goes on after its first end
        over = max(at + 1, bisect_left(free, (ends,), at))
        days.setdefault(day, []).extend(free[at:over])
        at = over
    return days


def month(
    days: Mapping[date, Sequence[Range]],
    *,
    today: date,
    last: date,
    wanted: date | None,
    day: date | None,
) -> Month:
    """Return the month to show: of `day` if it has times, else the `wanted` one, else the first.

    `days` are in order. `today` and `last` bound the months; out of them `wanted` is not followed.
    """
    bounds = (today.replace(day=1), last.replace(day=1))
    first = min(days, default=None)
    if day is not None and day in days:
        start = day.replace(day=1)
    elif wanted and bounds[0] <= wanted <= bounds[1]:
        start = wanted
    else:
        start = (first or today).replace(day=1)
    inside = [d for d in days if (d.year, d.month) == (start.year, start.month)]
    chosen = day if day in inside else next(iter(inside), None)
    weeks = Calendar(SUNDAY).monthdatescalendar(start.year, start.month)
    return Month(
        start=start,
        weeks=[
            [
                Day(d, len(days.get(d, ())), d.month != start.month, d == today, d == chosen)
                for d in week
            ]
            for week in weeks
        ],
        previous=(start - timedelta(days=1)).replace(day=1) if start > bounds[0] else None,
        following=(start + timedelta(days=31)).replace(day=1) if start < bounds[1] else None,
        offered=len(inside),
        chosen=chosen,
        first=first,
    )


def times(
    words: Words, free: Sequence[Range], day: date, zones: Zones, zone_name: str
) -> list[Time]:
    """Return the buttons of a day's free slots, in the zone that the owner reads (S76, S77).

    An hour that comes twice shows its abbreviation; a start that falls on another date than the
    clinic's `day` shows that date.
    """
    return [_time(words, slot, day, zones.own, zone_name) for slot in free]


@lru_cache(maxsize=4096)
def _time(words: Words, slot: Range, day: date, own_zone: str, zone_name: str) -> Time:
    start, end = local(slot.start, zone_name), local(slot.end, zone_name)
    other_day = words.plain_date(start.date()) if start.date() != day else ""
    own = local(slot.start, own_zone)
    return Time(
        value=written(slot.start),
        start=words.clock(start),
        end=words.clock(end),
        said=words.time(start),
        note=words.twice(start) or other_day,
        own=words.exact_time(own) if zone_name != own_zone else "",
    )
