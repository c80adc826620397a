"""Weekly hours on the clinic's wall clock, and the way from wall time to UTC instants.

Zone data come from the PyPI ``tzdata`` package: a system's own copy may be years old, and then
disagrees by an hour for zones whose law has changed.
"""

from calendar import timegm
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_S = 86_400


class Opening(NamedTuple):
    """One weekly interval: ``weekday`` 0 (Sunday) to 6, wall-clock minutes of the day.

    ``start_min`` is included, ``end_min`` excluded: ``0 <= start_min < end_min <= 1440``.
    """

    weekday: int
    start_min: int
    end_min: int


class Segment(NamedTuple):
    """Instants ``start <= t < end`` (UTC epoch seconds) during which the offset stays the same.

    ``midnight`` is where the day's wall clock would read 00:00 at that offset, so that a wall
    minute ``m`` is the instant ``midnight + 60 * m`` wherever the segment holds it.
    """

    start: int
    end: int
    midnight: int


@cache
def zone_names() -> frozenset[str]:
    """Return every time-zone name of the installed ``tzdata`` package."""
    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name, from the ``tzdata`` package; the same object each time.

    Raises ValueError when the name is not one of :func:`zone_names`, whatever it holds.
    """
    if name not in zone_names():
        raise ValueError(f"Unknown time zone: {name!r}")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@cache
def canadian_zones() -> tuple[str, ...]:
    """Return the ``Canada/*`` names of ``tzdata``, in alphabetical order."""
    return tuple(sorted(name for name in zone_names() if name.startswith("Canada/")))


@lru_cache(maxsize=4096)
def segments(day: date, zone: tzinfo) -> tuple[Segment, ...]:
    """Cut the time around a local day where the zone's offset changes: one segment or two."""
    midnight = timegm(day.timetuple())
    # fold=0 at one end and fold=1 at the other: a change at midnight itself is seen as well
    before = _offset(datetime.combine(day, time(), zone))
    after = _offset(datetime.combine(day + timedelta(days=1), time(fold=1), zone))
    low, high = midnight - before - DAY_S, midnight - after + 2 * DAY_S
    if before == after:
        return (Segment(low, high, midnight - before),)
    change = _change(low, high, before, zone)
    return Segment(low, change, midnight - before), Segment(change, high, midnight - after)


def instants(day: date, minute: int, zone: tzinfo) -> tuple[int, ...]:
    """Return the UTC epoch seconds at which the wall clock of ``zone`` shows a minute of a day.

    ``minute`` goes from 0 to 1440, which is 00:00 of the next day. The answer has one instant,
    none where the clock jumps over that minute, two where it shows it twice.
    """
    if minute == DAY_S // 60:
        return instants(day + timedelta(days=1), 0, zone)
    return tuple(
        segment.midnight + 60 * minute
        for segment in segments(day, zone)
        if segment.start <= segment.midnight + 60 * minute < segment.end
    )


@lru_cache(maxsize=4096)
def midnight(day: date, zone: tzinfo) -> int:
    """Return the instant (UTC epoch seconds) at which a local day begins."""
    return int(datetime.combine(day, time(), zone).timestamp())


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("A time zone is needed to place wall time.")
    return offset // timedelta(seconds=1)


def _change(low: int, high: int, before: int, zone: tzinfo) -> int:
    """Return the first instant in (low, high] whose offset is not ``before``, by bisection."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == before:
            low = middle
        else:
            high = middle
    return high
