"""The agenda half of an upload: busy ranges."""

import uuid
from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Busy, Conflict, Resource
from flask_logivet_rdv.models.catalogue import FromLogivet

from .many import among, insert_all
from .transaction import Tx
from .upload_catalogue import hidden, known
from .uploads import NOWHERE, BusyData, Change, Entry, Held, Status, newness


def apply(
    tx: Tx, changes: list[tuple[int, Change]], *, wins: bool
) -> tuple[dict[int, Status], dict[str, Entry], set[str]]:
    """Write numbered changes of the agenda; return what became of each, and the entries written.

    They come by LogiVet's key, and with them the keys of those that moved. A deleted range leaves a
    tombstone that remembers its version.
    """
    held = entries(tx, {change.id for _, change in changes})
    resources = _resources(tx, changes)
    statuses: dict[int, Status] = {}
    written: dict[str, Entry] = {}
    moved: set[str] = set()
    for n, change in changes:
        entry = written.get(change.id) or held.get(change.id)
        statuses[n] = newness(entry.version if entry else None, change.version, wins=wins)
        if statuses[n] != "applied":
            continue
        written[change.id] = _entry(tx, change, entry, resources)
        if written[change.id].place != (entry.place if entry else NOWHERE):
            moved.add(change.id)
    _replace(tx, held.keys() & written.keys(), written)
    return statuses, written, moved


def entries(tx: Tx, ids: Collection[str]) -> dict[str, Entry]:
    """Return what is stored of ranges and tombstones, by their keys."""
    if not ids:
        return {}
    columns = [getattr(Busy, name) for name in Entry._fields]
    found = tx.session.execute(
        sa.select(Busy.logivet_id, *columns).where(
            Busy.account_id == tx.account_id, among(tx.session, Busy.logivet_id, ids)
        )
    )
    return {key: Entry(*entry) for key, *entry in found}


def forget(tx: Tx, ids: Collection[str]) -> None:
    """Delete ranges and tombstones with their versions: LogiVet may send any version again."""
    for model, key in ((Conflict, Conflict.busy_id), (Busy, Busy.logivet_id)):
        if ids:
            _delete(tx, model, among(tx.session, key, ids))


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


def _entry(
    tx: Tx, change: Change, held: Entry | None, resources: Mapping[str, FromLogivet]
) -> Entry:
    data = change.data
    if not isinstance(data, BusyData):
        return Entry(change.version, held.kind if held else "", deleted_at=tx.now)
    resource_id = None if data.resource is None else resources[data.resource].id
    return Entry(change.version, data.kind, resource_id, data.start, data.end, data.booking_id)


def _replace(tx: Tx, there: Collection[str], written: Mapping[str, Entry]) -> None:
    """Put entries in the place of those that are `there`: two statements, however many."""
    if there:
        _delete(tx, Busy, among(tx.session, Busy.logivet_id, there))
    if written:
        of = {"account_id": tx.account_id}
        rows = [of | {"logivet_id": key, **entry._asdict()} for key, entry in written.items()]
        insert_all(tx.session, Busy, rows)


def _delete(tx: Tx, model: type[Busy | Conflict], which: sa.ColumnElement[bool]) -> None:
    tx.session.execute(
        sa.delete(model)
        .where(model.account_id == tx.account_id, which)
        .execution_options(synchronize_session=False)
    )
