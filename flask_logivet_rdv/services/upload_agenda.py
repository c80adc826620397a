"""The agenda half of an upload: busy ranges, and the online bookings that they land on."""

import uuid
from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import CONFIRMED, Booking, Busy, Conflict, Resource
from flask_logivet_rdv.models.catalogue import FromLogivet

from .offering import blocking
from .transaction import Tx
from .upload_catalogue import hidden, known
from .uploads import NEVER_SEEN, BusyData, Change, Conflicts, Held, Status, newness


def apply(tx: Tx, changes: list[tuple[int, Change]], *, wins: bool) -> dict[int, Status]:
    """Write numbered changes of the agenda, and return what became of each.

    A deleted range leaves a tombstone that remembers its version.
    """
    held = {
        row.logivet_id: row
        for row in tx.session.scalars(
            sa.select(Busy).where(
                Busy.account_id == tx.account_id,
                Busy.logivet_id.in_([change.id for _, change in changes]),
            )
        )
    }
    resources = _resources(tx, changes)
    statuses: dict[int, Status] = {}
    for n, change in changes:
        row = held.get(change.id)
        statuses[n] = newness(row.version if row else None, change.version, wins=wins)
        if statuses[n] != "applied":
            continue
        if row is None:
            row = held[change.id] = Busy(
                account_id=tx.account_id, logivet_id=change.id, kind="", version=NEVER_SEEN
            )
            tx.session.add(row)
        row.version = change.version
        _place(tx, row, change.data if isinstance(change.data, BusyData) else None, resources)
    return statuses


def forget(tx: Tx, ids: Collection[str]) -> None:
    """Delete ranges and tombstones with their versions: LogiVet may send any version again."""
    for model, key in ((Conflict, Conflict.busy_id), (Busy, Busy.logivet_id)):
        tx.session.execute(sa.delete(model).where(model.account_id == tx.account_id, key.in_(ids)))


def stored(
    session: Session, account_id: uuid.UUID, start: int | None, end: int | None
) -> Iterator[tuple[str, Held, bool]]:
    """Yield every range with its key, and whether it touches ``[start, end)``, None no bound.

    A tombstone has no data and counts as touching it.
    """
    rows = session.execute(
        sa.select(
            Busy.logivet_id,
            Busy.version,
            Resource.logivet_id.label("resource"),
            Busy.kind,
            Busy.starts_at,
            Busy.ends_at,
            Busy.booking_id,
        )
        .outerjoin(
            Resource,
            (Resource.account_id == Busy.account_id) & (Resource.id == Busy.resource_id),
        )
        .where(Busy.account_id == account_id)
    )
    for key, version, resource, kind, starts_at, ends_at, booking_id in rows:
        if starts_at is None or ends_at is None:
            yield key, Held(version, None), True
            continue
        inside = (end is None or starts_at < end) and (start is None or ends_at > start)
        yield key, Held(version, BusyData(resource, kind, starts_at, ends_at, booking_id)), inside


def _resources(tx: Tx, changes: list[tuple[int, Change]]) -> dict[str, FromLogivet]:
    """Return the resources of the ranges; an unknown one is made, hidden, as it may yet come.

    Its ranges are stored, block nobody until then, and never jam a batch.
    """
    wanted = {
        change.data.resource
        for _, change in changes
        if isinstance(change.data, BusyData) and change.data.resource is not None
    }
    found = known(tx, Resource, wanted)
    missing = {name: hidden(tx, Resource, name) for name in sorted(wanted - found.keys())}
    tx.session.flush()
    return found | missing


def _place(tx: Tx, row: Busy, data: BusyData | None, resources: dict[str, FromLogivet]) -> None:
    if data is None:
        row.deleted_at = tx.now
        row.resource_id = row.starts_at = row.ends_at = row.booking_id = None
        return
    row.deleted_at, row.kind = None, data.kind
    row.resource_id = resources[data.resource].id if data.resource is not None else None
    row.starts_at, row.ends_at, row.booking_id = data.start, data.end, data.booking_id


def note_conflicts(tx: Tx, busy_ids: Collection[str]) -> Conflicts:
    """Return the confirmed bookings under the given ranges, other than those they mirror.

    Both are kept, and a person decides; the event is written when a pair begins to conflict.
    """
    if not busy_ids:
        return []
    pairs = standing_conflicts(tx, Busy.logivet_id.in_(busy_ids))
    noted = {
        (row.booking_id, row.busy_id): row
        for row in tx.session.scalars(
            sa.select(Conflict).where(
                Conflict.account_id == tx.account_id, Conflict.busy_id.in_(busy_ids)
            )
        )
    }
    for ended in noted.keys() - set(pairs):
        tx.session.delete(noted[ended])
    for booking_id, busy_id in pairs:
        if (booking_id, busy_id) not in noted:
            tx.session.add(
                Conflict(
                    account_id=tx.account_id,
                    booking_id=booking_id,
                    busy_id=busy_id,
                    opened_at=tx.now,
                )
            )
            tx.event("booking.conflict", booking_id, busy_id=busy_id)
    return pairs


def standing_conflicts(tx: Tx, *among: sa.ColumnElement[bool]) -> Conflicts:
    """Return the bookings to come and the ranges `among` all that lie on them unmirrored."""
    found = tx.session.execute(
        sa.select(Booking.id, Busy.logivet_id)
        .join(
            Busy,
            (Busy.account_id == Booking.account_id)
            & (Busy.resource_id == Booking.resource_id)
            & (Busy.starts_at < Booking.ends_at)
            & (Busy.ends_at > Booking.starts_at),
        )
        .where(
            Booking.account_id == tx.account_id,
            Booking.status == CONFIRMED,
            Booking.ends_at > tx.instant,
            sa.or_(Busy.booking_id.is_(None), Busy.booking_id != Booking.id),
            blocking(),
            *among,
        )
        .order_by(Booking.starts_at, Busy.logivet_id)
    )
    return [(booking_id, busy_id) for booking_id, busy_id in found]
