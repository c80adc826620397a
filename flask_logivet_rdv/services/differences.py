"""What a snapshot changes: its rows compared with those that are stored, without a lock."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from . import upload_agenda, upload_catalogue
from .upload_catalogue import CATALOGUE
from .uploads import NEVER_SEEN, CatalogueData, Change, Data, Held, Kind

Counts = dict[str, dict[str, int]]
"""Of each kind, how many rows are ``added``, ``changed``, ``removed`` and ``unchanged``."""


@dataclass(frozen=True, slots=True)
class Differences:
    """The rows to write, and those to remove, which have no data; `counts` is for people."""

    written: list[Change]
    removed: list[Change]
    counts: Counts

    def chunks(self, size: int) -> Iterator[list[Change]]:
        """Yield the differences, `size` at most at a time.

        What is added comes first and what is removed last, so that free time is not offered early.
        """
        for rows in (self.written, self.removed):
            for first in range(0, len(rows), size):
                yield rows[first : first + size]


def compare(
    session: Session,
    account_id: uuid.UUID,
    kinds: Sequence[Kind],
    window: tuple[int | None, int | None],
    sent: Iterable[Change],
) -> Differences:
    """Return how what was sent differs from what is stored of the given kinds.

    Of the agenda, only ranges that touch `window` (UTC seconds, half-open) are removed. A row
    sent twice counts as the last. Tombstones are removed, and not counted.
    """
    counts: Counts = {
        kind: dict.fromkeys(("added", "changed", "removed", "unchanged"), 0) for kind in kinds
    }
    held, removable = _stored(session, account_id, kinds, window)
    written: dict[tuple[Kind, str], Change] = {}
    told: dict[tuple[Kind, str], str] = {}
    for row in sent:
        key = (row.kind, row.id)
        told[key] = _what(held.get(key), row)
        if told[key] == "unchanged":
            written.pop(key, None)
        else:
            written[key] = row
    gone = {key: held[key] for key in removable - told.keys()}
    for (kind, _), what in told.items():
        counts[kind][what] += 1
    for (kind, _), stored in gone.items():
        counts[kind]["removed"] += _is_live(stored)
    order = (*CATALOGUE, "busy")
    return Differences(
        sorted(
            written.values(),
            key=lambda row: (order.index(row.kind), told[row.kind, row.id] != "added"),
        ),
        sorted(
            (Change(kind, key, NEVER_SEEN, None) for kind, key in gone),
            key=lambda row: (-order.index(row.kind), row.id),
        ),
        counts,
    )


def _stored(
    session: Session,
    account_id: uuid.UUID,
    kinds: Sequence[Kind],
    window: tuple[int | None, int | None],
) -> tuple[dict[tuple[Kind, str], Held], set[tuple[Kind, str]]]:
    """Return the rows that are stored, and the keys of those that may be removed."""
    held: dict[tuple[Kind, str], Held] = {}
    kept: set[tuple[Kind, str]] = set()
    for kind in kinds:
        if kind == "busy":
            for key, row, inside in upload_agenda.stored(session, account_id, *window):
                held[kind, key] = row
                if not inside:
                    kept.add((kind, key))
        else:
            for key, row in upload_catalogue.stored(session, account_id, kind):
                held[kind, key] = row
    return held, held.keys() - kept


def _what(held: Held | None, row: Change) -> str:
    """Return what a row that was sent does to the one that is stored."""
    if held is None or held.data is None:
        return "added"
    data = _kept(row)
    return "unchanged" if held == (row.version, data) else "changed"


def _kept(row: Change) -> Data | None:
    if isinstance(row.data, CatalogueData):
        return upload_catalogue.kept(row.kind, row.data)
    return row.data


def _is_live(held: Held) -> bool:
    return held.data is not None and not (
        isinstance(held.data, CatalogueData) and not held.data.active
    )
