"""Half-open ranges of time, in integer UTC epoch seconds."""

from collections.abc import Iterable
from typing import NamedTuple

CELL_S = 300


class Range(NamedTuple):
    """A stretch of time, ``start`` included and ``end`` excluded; ``start < end``."""

    start: int
    end: int


def merge(ranges: Iterable[Range]) -> list[Range]:
    """Return the same time as sorted ranges that neither overlap nor touch.

    ``ranges`` come in any order and may overlap, touch, nest or repeat.
    """
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1].end:
            if end > merged[-1].end:
                merged[-1] = Range(merged[-1].start, end)
        else:
            merged.append(Range(start, end))
    return merged


def overlaps(a: Range, b: Range) -> bool:
    """Tell whether two ranges share time; ranges that only touch do not."""
    return a.start < b.end and b.start < a.end


def cells(r: Range) -> range:
    """Return the numbers (epoch // 300) of every 5-minute cell that the range enters."""
    return range(r.start // CELL_S, -(-r.end // CELL_S))
