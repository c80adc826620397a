"""What goes together: species and categories, for the clinic and for each of its resources."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import (
    Category,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
)

from .catalogue import category_links, resource_settings
from .many import insert_all
from .saving import Saved, audited, living_resource, own_rows
from .transaction import Tx


@dataclass(frozen=True, slots=True)
class SpeciesEdit:
    """A species, on a page of the clinic or of a resource, with its associated categories."""

    id: uuid.UUID
    online: bool
    categories: frozenset[uuid.UUID]


def save_species(tx: Tx, edits: Sequence[SpeciesEdit], actor: Actor | None) -> Saved:
    """Save toggles and associated categories (S21). Raises UnknownRowError.

    The associations of a species that is off are kept as they were (S25), and so are those with
    categories that LogiVet has deleted.
    """
    rows, vanished = own_rows(tx, Species, [edit.id for edit in edits])
    categories, gone = _living_categories(tx, edits)
    links = category_links(tx.session, tx.account_id)
    before, after, changes = {}, {}, []
    for edit in edits:
        row = rows.get(edit.id)
        if row is None:
            continue
        held = links.get(edit.id, frozenset())
        kept = _kept(held, categories, edit)
        if (row.online, held) != (edit.online, kept):
            before[str(row.id)], after[str(row.id)] = (
                _pair(row.online, held),
                _pair(edit.online, kept),
            )
            row.online = edit.online
            changes.append((edit.id, held, kept))
    _replace_categories(tx, SpeciesCategory, {}, changes)
    return audited(tx, "species", actor, before, after, vanished + gone)


def save_offers(
    tx: Tx, resource_id: uuid.UUID, edits: Sequence[SpeciesEdit], actor: Actor | None
) -> Saved:
    """Save which species a resource sees and its categories for each (S38, S39).

    Those that its page does not show, no longer associated with the species, are kept as they
    were. Raises UnknownRowError, also for the resource.
    """
    living_resource(tx, resource_id)
    rows, vanished = own_rows(tx, Species, [edit.id for edit in edits])
    categories, gone = _living_categories(tx, edits)
    settings = resource_settings(tx.session, tx.account_id, resource_id)
    links, known = category_links(tx.session, tx.account_id), _species_rows(tx, resource_id)
    before, after, changes = {}, {}, []
    for edit in edits:
        if edit.id not in rows:
            continue
        held = settings.categories.get(edit.id, frozenset())
        kept = _kept(held, categories & links.get(edit.id, frozenset()), edit)
        was = edit.id in settings.online
        if (was, held) == (edit.online, kept):
            continue
        before[str(edit.id)], after[str(edit.id)] = _pair(was, held), _pair(edit.online, kept)
        row = known.get(edit.id) or ResourceSpecies(
            account_id=tx.account_id, resource_id=resource_id, species_id=edit.id
        )
        row.online = edit.online
        tx.session.add(row)
        changes.append((edit.id, held, kept))
    tx.session.flush()
    _replace_categories(tx, ResourceOffer, {"resource_id": resource_id}, changes)
    return audited(tx, f"resource:{resource_id}:categories", actor, before, after, vanished + gone)


def _living_categories(
    tx: Tx, edits: Sequence[SpeciesEdit]
) -> tuple[frozenset[uuid.UUID], tuple[tuple[str, str], ...]]:
    """Return all living categories, and the names of the deleted ones that `edits` choose.

    Refuses those that were never of this clinic.
    """
    rows, vanished = own_rows(tx, Category, _all_categories(edits), Category.deleted_at.is_(None))
    return frozenset(rows), vanished


def _all_categories(edits: Sequence[SpeciesEdit]) -> list[uuid.UUID]:
    return list({category for edit in edits for category in edit.categories})


def _kept(
    held: frozenset[uuid.UUID], shown: frozenset[uuid.UUID], edit: SpeciesEdit
) -> frozenset[uuid.UUID]:
    """Return the associations after an edit: hidden ones stay, and all do while it is off."""
    return (held - shown) | (edit.categories & shown) if edit.online else held


def _species_rows(tx: Tx, resource_id: uuid.UUID) -> dict[uuid.UUID, ResourceSpecies]:
    """Return what is kept of each species that a resource was ever given, by its id."""
    rows = tx.session.scalars(
        sa.select(ResourceSpecies).where(
            ResourceSpecies.account_id == tx.account_id,
            ResourceSpecies.resource_id == resource_id,
        )
    )
    return {row.species_id: row for row in rows}


def _replace_categories(
    tx: Tx,
    model: type[SpeciesCategory] | type[ResourceOffer],
    owner: dict[str, uuid.UUID],
    changes: Collection[tuple[uuid.UUID, frozenset[uuid.UUID], frozenset[uuid.UUID]]],
) -> None:
    """Replace the associations of species, held by kept ones: a statement for all of a kind."""
    of = {"account_id": tx.account_id, **owner}
    gone = [{"of": key, "it": it} for key, held, kept in changes for it in held - kept]
    if gone:
        table: Any = model.__table__  # of which the ORM deletes no list of pairs
        match = [table.c[name] == value for name, value in of.items()]
        match += [
            table.c.species_id == sa.bindparam("of"),
            table.c.category_id == sa.bindparam("it"),
        ]
        tx.session.execute(sa.delete(table).where(*match), gone)
    come = [
        {"species_id": key, "category_id": new, **of}
        for key, held, kept in changes
        for new in kept - held
    ]
    if come:
        insert_all(tx.session, model, come)


def _pair(online: bool, categories: frozenset[uuid.UUID]) -> list[object]:
    return [online, sorted(map(str, categories))]
