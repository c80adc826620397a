"""The catalogue half of an upload: categories, species and resources."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Category, Resource, Species
from flask_logivet_rdv.models.catalogue import FromLogivet

from .many import among
from .transaction import Tx
from .uploads import NEVER_SEEN, CatalogueData, Change, Held, Status, newness

CATALOGUE: dict[str, type[FromLogivet]] = {
    "category": Category,
    "species": Species,
    "resource": Resource,
}


def apply(tx: Tx, kind: str, changes: list[tuple[int, Change]], *, wins: bool) -> dict[int, Status]:
    """Write numbered changes of one kind, and return what became of each.

    A row that is deleted is hidden, off.
    """
    model = CATALOGUE[kind]
    rows = known(tx, model, (change.id for _, change in changes))
    statuses: dict[int, Status] = {}
    for n, change in changes:
        row = rows.get(change.id)
        statuses[n] = newness(row.version if row else None, change.version, wins=wins)
        if statuses[n] != "applied":
            continue
        if row is None:
            row = rows[change.id] = hidden(tx, model, change.id)
        row.version = change.version
        _overwrite(tx, row, change.data if isinstance(change.data, CatalogueData) else None)
    return statuses


def known(tx: Tx, model: type[FromLogivet], ids: Iterable[str]) -> dict[str, FromLogivet]:
    """Return the rows of the given keys of LogiVet, by key."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = tx.session.scalars(
        sa.select(model).where(
            model.account_id == tx.account_id, among(tx.session, model.logivet_id, wanted)
        )
    )
    return {row.logivet_id: row for row in found}


def hidden(tx: Tx, model: type[Any], logivet_id: str) -> Any:
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


def stored(session: Session, account_id: uuid.UUID, kind: str) -> Iterator[tuple[str, Held]]:
    """Yield every row of a kind that LogiVet has sent, with its key; a deleted one is inactive."""
    model = CATALOGUE[kind]
    rows = session.scalars(
        sa.select(model)
        .where(model.account_id == account_id, model.version != NEVER_SEEN)
        .execution_options(populate_existing=True)
    )
    for row in rows:
        data = CatalogueData(row.name_fr, row.name_en, active=row.deleted_at is None)
        if isinstance(row, Species):
            data = replace(data, short_fr=row.short_fr, short_en=row.short_en)
        if isinstance(row, Resource):
            data = replace(data, position=row.position)
        yield row.logivet_id, Held(row.version, data)


def kept(kind: str, data: CatalogueData) -> CatalogueData:
    """Return what is kept of a row: both names, and no more than its kind has."""
    return CatalogueData(
        data.name_fr or data.name_en,
        data.name_en or data.name_fr,
        data.short_fr if kind == "species" else "",
        data.short_en if kind == "species" else "",
        data.active,
        data.position if kind == "resource" else 0,
    )


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
