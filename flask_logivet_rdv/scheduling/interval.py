"""Half-open ranges of time, in integer UTC epoch seconds."""

from typing import NamedTuple

CELL_S = 300


class Range(NamedTuple):
    """A stretch of time, ``start`` included and ``end`` excluded; ``start < end``."""

    start: int
    end: int


NEVER = Range(1 << 62, 1 << 62)
"""After every range there is."""


def cells(r: Range) -> range:
    """Return the numbers (epoch // 300) of every 5-minute cell that the range enters."""
    return range(r.start // CELL_S, -(-r.end // CELL_S))
