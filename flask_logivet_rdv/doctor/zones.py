"""Zone data: ours come from PyPI; where the system's differ, the rest of the machine is off."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask

from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.scheduling.opening import zone, zone_names
from flask_logivet_rdv.state import state

from .finding import Finding, Level

NAME = "time zones"
AHEAD = timedelta(days=550)
"""More than a year: every rule of summer time is met."""


def look(app: Flask) -> Iterator[Finding]:
    """Yield which zone data are used, and each zone of a clinic that the system has otherwise."""
    here = state()
    used = here.db.session().scalars(
        sa.select(ClinicAccount.time_zone).distinct().order_by(ClinicAccount.time_zone)
    )
    now = here.clock()
    found = [finding for name in used if (finding := _of_zone(name, now))]
    told = f"From the PyPI package tzdata {version('tzdata')}, not from the system."
    yield Finding(NAME, Level.OK, told)
    yield from found


def _of_zone(name: str, now: datetime) -> Finding | None:
    if name not in zone_names():
        told = "A clinic has it, and tzdata does not know it. Correct it in the portal."
        return Finding(f"{NAME}: {name}", Level.ERROR, told)
    systems = system_zone(name)
    day = systems and first_difference(zone(name), systems, now)
    if not day:
        return None
    told = (
        f"The system's clocks differ from tzdata's from {day:%Y-%m-%d} on."
        " Upgrade whichever is older: the system's zone data, or the package tzdata."
    )
    return Finding(f"{NAME}: {name}", Level.WARNING, told)


def system_zone(name: str) -> ZoneInfo | None:
    """Return a zone as the operating system has it, None where it has none."""
    for folder in zoneinfo.TZPATH:
        file = Path(folder, name)
        if file.is_file():
            with file.open("rb") as data:
                return ZoneInfo.from_file(data, key=name)
    return None


def first_difference(ours: ZoneInfo, theirs: ZoneInfo, now: datetime) -> datetime | None:
    """Return the first day, of those to come, on which the clocks of two zones differ."""
    noon = now.astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    for day in (noon + timedelta(days=n) for n in range(AHEAD.days)):
        if day.astimezone(ours).utcoffset() != day.astimezone(theirs).utcoffset():
            return day
    return None
