"""The day as the agenda draws it: a column per resource, a row per quarter of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from .agenda import Entry
from .catalogue import Item
from .dates import day_range, wall

QUARTER_MIN = 15
USUAL_HOURS = (8, 18)
UNASSIGNED = "Non assigné"


@dataclass(frozen=True, slots=True)
class Block:
    """One entry in its column: ``top`` and ``height`` in quarters, ``lane`` of ``lanes`` across."""

    entry: Entry
    top: float
    height: float
    lane: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Column:
    """One resource (None: « Non assigné ») and what it holds that day."""

    name: str
    resource_id: str | None
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Grid:
    """A day: its hours and its columns."""

    hours: range
    columns: Sequence[Column]


def day_grid(
    day: date, resources: Sequence[Item], entries: Sequence[Entry], zone: ZoneInfo
) -> Grid:
    """Lay out the ``entries`` of ``day``.

    Resources that are gone keep a column while they still hold an entry that day: nothing of the
    agenda may disappear from sight.
    """
    spans = {entry.id: _span(entry, day, zone) for entry in entries}
    first = min([USUAL_HOURS[0], *(start // 60 for start, _ in spans.values())])
    last = max([USUAL_HOURS[1], *(-(-end // 60) for _, end in spans.values())])
    used = {entry.resource_id for entry in entries}
    shown = [item for item in resources if (item.active and not item.deleted) or item.id in used]
    known = {item.id for item in shown}
    columns = [Column(UNASSIGNED, None, _blocks([e for e in entries if e.resource_id not in known],
                                                spans, first))]  # fmt: skip
    for item in shown:
        own = [entry for entry in entries if entry.resource_id == item.id]
        columns.append(Column(item.fr or item.en, item.id, _blocks(own, spans, first)))
    return Grid(range(first, last), columns)


def _span(entry: Entry, day: date, zone: ZoneInfo) -> tuple[int, int]:
    start, end = day_range(day, zone)
    first, last = wall(max(entry.starts_at, start), zone), wall(min(entry.ends_at, end), zone)
    minutes = first.hour * 60 + first.minute
    return minutes, 1440 if last.date() > day else max(minutes + 5, last.hour * 60 + last.minute)


def _blocks(
    entries: Sequence[Entry], spans: dict[str, tuple[int, int]], first_hour: int
) -> list[Block]:
    blocks: list[Block] = []
    for cluster in _clusters(sorted(entries, key=lambda e: spans[e.id]), spans):
        ends: list[int] = []
        lanes: list[int] = []
        for entry in cluster:
            start, end = spans[entry.id]
            lane = next((n for n, taken in enumerate(ends) if taken <= start), len(ends))
            ends[lane : lane + 1] = [end]
            lanes.append(lane)
        for entry, lane in zip(cluster, lanes, strict=True):
            start, end = spans[entry.id]
            top = (start - first_hour * 60) / QUARTER_MIN
            blocks.append(Block(entry, top, (end - start) / QUARTER_MIN, lane, len(ends)))
    return blocks


def _clusters(entries: Sequence[Entry], spans: dict[str, tuple[int, int]]) -> list[list[Entry]]:
    clusters: list[list[Entry]] = []
    reach = -1
    for entry in entries:
        start, end = spans[entry.id]
        if start >= reach:
            clusters.append([])
        clusters[-1].append(entry)
        reach = max(reach, end)
    return clusters
