"""Moments between the protocol (RFC 3339), the agenda (epoch seconds) and French readers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
DEFAULT_ZONE = "America/Toronto"
YEARS = range(2000, 2199)


def zone_of(name: str) -> ZoneInfo:
    """Return the zone called ``name``, or the default one when it is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(DEFAULT_ZONE)


def rfc3339(moment: int) -> str:
    """Return epoch seconds as ``2026-03-18T17:30:00Z``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(text: str) -> int:
    """Return RFC 3339 ``text`` as epoch seconds; ValueError when it is not or has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no offset in {text!r}")
    return int(moment.timestamp())


def wall_epoch(text: str, zone: ZoneInfo) -> int:
    """Return a local ``2026-03-18T13:30`` of ``zone`` as epoch seconds.

    Raises ValueError if it is not one, or of a year that the protocol does not carry.
    """
    local = datetime.fromisoformat(text)
    if local.year not in YEARS:
        raise ValueError(f"no year of an agenda in {text!r}")
    return int(local.replace(tzinfo=zone).timestamp())


def wall(moment: int, zone: ZoneInfo) -> datetime:
    """Return epoch seconds on the wall clock of ``zone``, aware."""
    return datetime.fromtimestamp(moment, zone)


def day_range(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the half-open epoch range of ``day`` in ``zone``: 23, 24 or 25 hours."""
    first, last = (
        int(datetime(d.year, d.month, d.day, tzinfo=zone).timestamp())
        for d in (day, day + timedelta(days=1))
    )
    return first, last


def long_day(day: date) -> str:
    """Return « mercredi, 18 mars »."""
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]}"


def long_moment(moment: int, zone: ZoneInfo) -> str:
    """Return « mercredi 18 mars 2026, 13 h 30 » on the wall clock of ``zone``."""
    local = wall(moment, zone)
    day = f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local.hour}\u00a0h\u00a0{local.minute:02}"
