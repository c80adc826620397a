"""What saving a page of settings begins and ends with: rows of the clinic's own, and the audit."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Resource
from flask_logivet_rdv.models.catalogue import FromLogivet

from .transaction import Tx

Row = TypeVar("Row", bound=FromLogivet)


class UnknownRowError(LookupError):
    """An id that is not of this clinic."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The edits were saved, except those of rows that LogiVet deleted meanwhile, named here."""

    vanished: tuple[tuple[str, str], ...] = ()
    """Names (fr, en)."""


def own_rows(
    tx: Tx, model: type[Row], ids: Sequence[uuid.UUID], *others: sa.ColumnElement[bool]
) -> tuple[dict[uuid.UUID, Row], tuple[tuple[str, str], ...]]:
    """Return the living rows of `ids` by id, and the names (fr, en) of the deleted ones.

    The rows of `others` are returned as well. Raises UnknownRowError for an id that was never of
    this clinic.
    """
    found = {
        row.id: row
        for row in tx.session.scalars(
            sa.select(model).where(
                model.account_id == tx.account_id, sa.or_(model.id.in_(ids), *others)
            )
        )
    }
    for wanted in ids:
        if wanted not in found:
            raise UnknownRowError(str(wanted))
    vanished = tuple((r.name_fr, r.name_en) for r in found.values() if r.deleted_at is not None)
    return {key: row for key, row in found.items() if row.deleted_at is None}, vanished


def living_resource(tx: Tx, resource_id: uuid.UUID) -> Resource:
    """Return a resource of the clinic; raise UnknownRowError also once LogiVet deleted it."""
    rows, _ = own_rows(tx, Resource, [resource_id])
    if resource_id not in rows:
        raise UnknownRowError(str(resource_id))
    return rows[resource_id]


def audited(
    tx: Tx,
    subject: str,
    actor: Actor | None,
    before: object,
    after: object,
    vanished: tuple[tuple[str, str], ...],
) -> Saved:
    """Audit what changed on a page, and return what is told of it; no change is no write at all."""
    if before != after:
        tx.audit(subject, actor, before, after)
    return Saved(vanished)
