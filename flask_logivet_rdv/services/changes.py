"""Applying what LogiVet uploads: catalogue and agenda rows, by its own keys and versions."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from flask_logivet_rdv.models import (
    CONFIRMED,
    Booking,
    Busy,
    Category,
    Conflict,
    Resource,
    Species,
    SyncState,
)
from flask_logivet_rdv.models.catalogue import FromLogivet

from .offering import blocking
from .transaction import Tx

Kind = Literal["category", "species", "resource", "busy"]
Status = Literal["applied", "unchanged", "stale"]
CATALOGUE: dict[str, type[FromLogivet]] = {
    "category": Category,
    "species": Species,
    "resource": Resource,
}
NEVER_SEEN = -1


@dataclass(frozen=True, slots=True)
class CatalogueData:
    """A category, species or resource as LogiVet has it; `short_*` is a species' abbreviation."""

    name_fr: str
    name_en: str
    short_fr: str = ""
    short_en: str = ""
    active: bool = True
    position: int = 0


@dataclass(frozen=True, slots=True)
class BusyData:
    """A range ``[start, end)`` in UTC seconds; `resource` is LogiVet's key.

    None is the column « Non assigné ».
    """

    resource: str | None
    kind: str
    start: int
    end: int
    booking_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One row: `data` None deletes it. `version` is LogiVet's own counter for the row."""

    kind: Kind
    id: str
    version: int
    data: CatalogueData | BusyData | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a change."""

    kind: Kind
    id: str
    status: Status


@dataclass(frozen=True, slots=True)
class Applied:
    """The batch was applied. `conflicts` pairs bookings with the busy rows that landed on them."""

    token: str
    results: tuple[Result, ...]
    conflicts: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True, slots=True)
class TokenMismatch:
    """The client does not hold the last token: nothing was applied."""


def upload_token(epoch: int, upload_seq: int) -> str:
    """Return the token to send with the next upload."""
    return f"{epoch}:{upload_seq}"


def apply_changes(tx: Tx, token: str, changes: Sequence[Change]) -> Applied | TokenMismatch:
    """Apply a batch, all or nothing, the catalogue before the agenda.

    An older or equal version changes nothing, so that replays and reorderings converge.
    """
    account = tx.account
    if token != upload_token(account.epoch, account.upload_seq):
        return TokenMismatch()
    statuses: dict[int, Status] = {}
    for kind in CATALOGUE:
        statuses |= _apply_catalogue(tx, kind, _of_kind(changes, kind))
    tx.session.flush()
    agenda = _of_kind(changes, "busy")
    statuses |= _apply_agenda(tx, agenda)
    tx.session.flush()
    conflicts = _conflicts(tx, {change.id for n, change in agenda if statuses[n] == "applied"})
    account.upload_seq += 1
    tx.session.execute(
        sa.update(SyncState).where(SyncState.account_id == account.id).values(uploaded_at=tx.now)
    )
    return Applied(
        upload_token(account.epoch, account.upload_seq),
        tuple(Result(c.kind, c.id, statuses[n]) for n, c in enumerate(changes)),
        tuple(conflicts),
    )


def _of_kind(changes: Sequence[Change], kind: str) -> list[tuple[int, Change]]:
    return [(n, change) for n, change in enumerate(changes) if change.kind == kind]


def _newness(held: int | None, version: int) -> Status:
    if held is None or version > held:
        return "applied"
    return "unchanged" if version == held else "stale"


def _apply_catalogue(tx: Tx, kind: str, changes: list[tuple[int, Change]]) -> dict[int, Status]:
    model = CATALOGUE[kind]
    rows = _known(tx, model, (change.id for _, change in changes))
    statuses: dict[int, Status] = {}
    for n, change in changes:
        row = rows.get(change.id)
        statuses[n] = _newness(row.version if row else None, change.version)
        if statuses[n] != "applied":
            continue
        if row is None:
            row = rows[change.id] = _new(tx, model, change.id)
        row.version = change.version
        _overwrite(tx, row, change.data if isinstance(change.data, CatalogueData) else None)
    return statuses


def _known(tx: Tx, model: type[FromLogivet], ids: Iterable[str]) -> dict[str, FromLogivet]:
    found = tx.session.scalars(
        sa.select(model).where(
            model.account_id == tx.account_id, model.logivet_id.in_(sorted(set(ids)))
        )
    )
    return {row.logivet_id: row for row in found}


def _new(tx: Tx, model: type[Any], logivet_id: str) -> Any:
    """Return a hidden row, off: what LogiVet adds is offered only once the clinic says so (S18)."""
    row = model(
        account_id=tx.account_id,
        id=uuid.uuid4(),
        logivet_id=logivet_id,
        version=NEVER_SEEN,
        name_fr="",
        name_en="",
        deleted_at=tx.now,
    )
    tx.session.add(row)
    return row


def _overwrite(tx: Tx, row: FromLogivet, data: CatalogueData | None) -> None:
    """Put LogiVet's data in a row, or hide it; a row that comes back is off again (D3)."""
    if data is not None:
        row.name_fr, row.name_en = data.name_fr or data.name_en, data.name_en or data.name_fr
        if isinstance(row, Species):
            row.short_fr, row.short_en = data.short_fr, data.short_en
        if isinstance(row, Resource):
            row.position = data.position
    if data is None or not data.active:
        row.deleted_at = row.deleted_at or tx.now
        _switch_off(tx, row)
    else:
        row.deleted_at = None


def _switch_off(tx: Tx, row: FromLogivet) -> None:
    """Switch a row off; what the clinic had on is in its history, by LogiVet."""
    if isinstance(row, Resource):
        was, row.enabled = row.enabled, False
        if was:
            tx.audit(f"resource:{row.id}:enabled", None, True, False)
    elif isinstance(row, Category):
        held = [row.online, row.duration_min]
        row.online, row.duration_min = False, None
        if held[0]:
            tx.audit("categories", None, {str(row.id): held}, {str(row.id): [False, None]})
    elif isinstance(row, Species):
        was, row.online = row.online, False
        if was:
            tx.audit("species", None, {str(row.id): [True]}, {str(row.id): [False]})


def _apply_agenda(tx: Tx, changes: list[tuple[int, Change]]) -> dict[int, Status]:
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
        statuses[n] = _newness(row.version if row else None, change.version)
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


def _resources(tx: Tx, changes: list[tuple[int, Change]]) -> dict[str, FromLogivet]:
    """Return the resources of the ranges; an unknown one is made, hidden, as it may yet come.

    Its ranges are stored, block nobody until then, and never jam a batch.
    """
    wanted = {
        change.data.resource
        for _, change in changes
        if isinstance(change.data, BusyData) and change.data.resource is not None
    }
    known = _known(tx, Resource, wanted)
    missing = {name: _new(tx, Resource, name) for name in sorted(wanted - known.keys())}
    tx.session.flush()
    return known | missing


def _place(tx: Tx, row: Busy, data: BusyData | None, resources: dict[str, FromLogivet]) -> None:
    if data is None:
        row.deleted_at = tx.now
        row.resource_id = row.starts_at = row.ends_at = row.booking_id = None
        return
    row.deleted_at, row.kind = None, data.kind
    row.resource_id = resources[data.resource].id if data.resource is not None else None
    row.starts_at, row.ends_at, row.booking_id = data.start, data.end, data.booking_id


def _conflicts(tx: Tx, busy_ids: set[str]) -> list[tuple[uuid.UUID, str]]:
    """Return the confirmed bookings under the given ranges, other than those they mirror.

    Both are kept, and a person decides; the event is written when a pair begins to conflict.
    """
    if not busy_ids:
        return []
    pairs = _overlapping(tx, busy_ids)
    known = {
        (row.booking_id, row.busy_id): row
        for row in tx.session.scalars(
            sa.select(Conflict).where(
                Conflict.account_id == tx.account_id, Conflict.busy_id.in_(busy_ids)
            )
        )
    }
    for ended in known.keys() - set(pairs):
        tx.session.delete(known[ended])
    for booking_id, busy_id in pairs:
        if (booking_id, busy_id) not in known:
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


def _overlapping(tx: Tx, busy_ids: set[str]) -> list[tuple[uuid.UUID, str]]:
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
            Busy.logivet_id.in_(busy_ids),
            sa.or_(Busy.booking_id.is_(None), Busy.booking_id != Booking.id),
            blocking(),
        )
        .order_by(Booking.starts_at, Busy.logivet_id)
    )
    return [(booking_id, busy_id) for booking_id, busy_id in found]
