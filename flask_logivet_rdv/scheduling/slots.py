"""From weekly hours to candidate slots, and from candidates to free ones."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta, tzinfo
from functools import lru_cache

from .interval import NEVER, Range
from .opening import Opening, Segment, segments


def grid(
    openings: Sequence[Opening],
    *,
    zone: tzinfo,
    first: date,
    last: date,
    step_min: int,
    minutes: int,
) -> tuple[Range, ...]:
    """Return every slot that the weekly hours hold, taken or not, sorted and unique.

    Local days ``first`` to ``last``, both included. Slots start every ``step_min`` wall-clock
    minutes from the start of an interval and last ``minutes`` real minutes, during all of which
    the wall clock stays inside that interval. A wall time that the clock shows twice gives two
    slots, one that it jumps over gives none. Both numbers are positive.
    """
    return _grid(tuple(openings), zone, first, last, step_min, minutes)


@lru_cache(maxsize=128)
def _grid(
    openings: tuple[Opening, ...], zone: tzinfo, first: date, last: date, step: int, minutes: int
) -> tuple[Range, ...]:
    """Return `grid`: the same for the same hours all day long, whatever is booked in them."""
    week: dict[int, list[Opening]] = {}
    for opening in openings:
        week.setdefault(opening.weekday, []).append(opening)
    starts: set[int] = set()
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if hours := week.get(day.isoweekday() % 7):
            parts = segments(day, zone)
            for opening in hours:
                for found in _starts(opening, parts, 60 * step, 60 * minutes):
                    starts.update(found)
    return tuple(Range(start, start + 60 * minutes) for start in sorted(starts))


def _starts(opening: Opening, parts: Sequence[Segment], step: int, length: int) -> Iterator[range]:
    """Yield the starts that fit in one interval of one day, in seconds, segment by segment."""
    later: Range | None = None
    for part in reversed(parts):
        origin = part.midnight + 60 * opening.start_min
        start = max(part.start, origin)
        end = min(part.end, part.midnight + 60 * opening.end_min)
        if start >= end:
            continue
        # across a change of the clock a slot may run on, if the interval is still open there
        open_until = later.end if later and later.start == end else end
        first = origin + -(-(start - origin) // step) * step
        yield range(first, min(end, open_until - length + 1), step)
        later = Range(start, open_until)


def free(grid: Sequence[Range], busy: Sequence[tuple[int, int]]) -> list[Range]:
    """Return the slots of ``grid`` that share no time with ``busy``, in the same order.

    ``grid`` is sorted; ``busy`` comes in any order and may overlap itself in any way.
    Slots that only touch a busy range stay.
    """
    blocks = iter(sorted(busy))
    taken, until = next(blocks, NEVER)
    found: list[Range] = []
    for slot in grid:
        start, end = slot
        while until <= start:
            taken, until = next(blocks, NEVER)
        if end <= taken:
            found.append(slot)
    return found


def nearest(free: Sequence[Range], wanted: int, limit: int, *, since: int) -> list[Range]:
    """Return at most ``limit`` free slots around a wanted start, in order of time.

    Half of them start before ``wanted`` and not before ``since``, more where fewer come after;
    the others follow. ``free`` is sorted; instants are UTC epoch seconds.
    """
    later = [slot for slot in free if slot.start >= wanted][:limit]
    earlier = [slot for slot in free if since <= slot.start < wanted]
    before = min(len(earlier), max(limit // 2, limit - len(later)))
    return earlier[len(earlier) - before :] + later[: limit - before]
