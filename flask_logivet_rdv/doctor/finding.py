"""What a check says: one line that an operator understands, and nothing personal."""

from dataclasses import dataclass
from enum import StrEnum

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, and what to do about it.

    `name` is stable, for a monitor to know it by; `detail` is one line without personal data.
    """

    name: str
    level: Level
    detail: str


def duration(seconds: float) -> str:
    """Return seconds as an operator says them, in one unit, rounded down: ``3 h``."""
    for unit_s, unit in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds >= unit_s:
            return f"{int(seconds // unit_s)} {unit}"
    return f"{int(seconds)} s"


def counted(n: int, one: str) -> str:
    """Return a number with its noun: ``1 mail``, ``2 mails``."""
    return f"{n} {one}" if n == 1 else f"{n} {one}s"
