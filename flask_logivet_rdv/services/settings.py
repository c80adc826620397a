"""What the clinic sets on its account pages. Each verb audits what it changed."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar

import sqlalchemy as sa

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import (
    Category,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
    WeeklyOpening,
)
from flask_logivet_rdv.models.catalogue import FromLogivet
from flask_logivet_rdv.scheduling.opening import Opening

from .availability import openings
from .catalogue import category_links, offered_resources, resource_settings, resources_with_hours
from .transaction import Tx

Row = TypeVar("Row", bound=FromLogivet)


class UnknownRowError(LookupError):
    """An id that is not of this clinic."""


@dataclass(frozen=True, slots=True)
class CategoryEdit:
    """A category as the page sends it; `duration_min` in minutes, None when not online."""

    id: uuid.UUID
    online: bool
    duration_min: int | None


@dataclass(frozen=True, slots=True)
class SpeciesEdit:
    """A species, on a page of the clinic or of a resource, with its associated categories."""

    id: uuid.UUID
    online: bool
    categories: frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Saved:
    """The edits were saved, except those of rows that LogiVet deleted meanwhile, named here."""

    vanished: tuple[tuple[str, str], ...] = ()
    """Names (fr, en)."""


class Missing(StrEnum):
    """What a resource lacks before it can be enabled (S54)."""

    CATEGORIES = "categories"
    OPENINGS = "openings"


def save_categories(tx: Tx, edits: Sequence[CategoryEdit], actor: Actor | None) -> Saved:
    """Save toggles and durations (S9, S15). Raises UnknownRowError."""
    rows, vanished = _rows(tx, Category, [edit.id for edit in edits])
    before, after = {}, {}
    for edit in edits:
        row = rows.get(edit.id)
        if row is None:
            continue
        old = [row.online, row.duration_min]
        row.online, row.duration_min = edit.online, edit.duration_min if edit.online else None
        if old != [row.online, row.duration_min]:
            before[str(row.id)], after[str(row.id)] = old, [row.online, row.duration_min]
    return _saved(tx, "categories", actor, before, after, vanished)


def save_species(tx: Tx, edits: Sequence[SpeciesEdit], actor: Actor | None) -> Saved:
    """Save toggles and associated categories (S21). Raises UnknownRowError.

    The associations of a species that is off are kept as they were (S25), and so are those with
    categories that LogiVet has deleted.
    """
    rows, vanished = _rows(tx, Species, [edit.id for edit in edits])
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
    return _saved(tx, "species", actor, before, after, vanished + gone)


def save_offers(
    tx: Tx, resource_id: uuid.UUID, edits: Sequence[SpeciesEdit], actor: Actor | None
) -> Saved:
    """Save which species a resource sees and its categories for each (S38, S39).

    Those that its page does not show, no longer associated with the species, are kept as they
    were. Raises UnknownRowError, also for the resource.
    """
    _living_resource(tx, resource_id)
    rows, vanished = _rows(tx, Species, [edit.id for edit in edits])
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
    return _saved(tx, f"resource:{resource_id}:categories", actor, before, after, vanished + gone)


def save_openings(
    tx: Tx, resource_id: uuid.UUID, week: Collection[Opening], actor: Actor | None
) -> Saved:
    """Replace the weekly hours of a resource (S46, S47). Raises UnknownRowError.

    The intervals must be multiples of 5 minutes, in order and not overlap within a day: the
    form says so in words, this raises ValueError.
    """
    _living_resource(tx, resource_id)
    wanted = sorted(week, key=lambda o: (o.weekday, o.start_min))
    for one, following in pairwise(wanted):
        if one.weekday == following.weekday and following.start_min < one.end_min:
            raise ValueError(f"{one} and {following} overlap.")
    held = openings(tx.session, tx.account_id, resource_id)
    if held != wanted:
        of_resource = (
            WeeklyOpening.account_id == tx.account_id,
            WeeklyOpening.resource_id == resource_id,
        )
        tx.session.execute(sa.delete(WeeklyOpening).where(*of_resource))
        tx.session.add_all(
            WeeklyOpening(
                account_id=tx.account_id,
                resource_id=resource_id,
                weekday=o.weekday,
                start_min=o.start_min,
                end_min=o.end_min,
            )
            for o in wanted
        )
    before, after = ([[o.weekday, o.start_min, o.end_min] for o in w] for w in (held, wanted))
    return _saved(tx, f"resource:{resource_id}:openings", actor, before, after, ())


def set_enabled(
    tx: Tx, resource_id: uuid.UUID, on: bool, actor: Actor | None
) -> tuple[Missing, ...]:
    """Switch a resource on or off at once; return what it lacks when it is refused (S53, S54).

    Raises UnknownRowError.
    """
    resource = _living_resource(tx, resource_id)
    missing = missing_for(tx, resource_id) if on else ()
    if missing:
        return missing
    before, resource.enabled = resource.enabled, on
    if before != on:
        tx.audit(f"resource:{resource_id}:enabled", actor, before, on)
    return ()


def missing_for(tx: Tx, resource_id: uuid.UUID) -> tuple[Missing, ...]:
    """Return what a resource lacks to be offered."""
    lacks = (
        (Missing.CATEGORIES, offered_resources(tx.session, tx.account_id)),
        (Missing.OPENINGS, resources_with_hours(tx.session, tx.account_id)),
    )
    return tuple(what for what, having in lacks if resource_id not in having)


def save_domains(tx: Tx, domains: Sequence[str], actor: Actor | None) -> Saved:
    """Save the sites that may show the widget, as `domains.parse` gives them (S57, S58)."""
    before, tx.account.domains = list(tx.account.domains), list(dict.fromkeys(domains))
    return _saved(tx, "domains", actor, before, tx.account.domains, ())


def _rows(
    tx: Tx, model: type[Row], ids: Sequence[uuid.UUID], *others: sa.ColumnElement[bool]
) -> tuple[dict[uuid.UUID, Row], tuple[tuple[str, str], ...]]:
    """Return the living rows by id and the names of the deleted ones; refuse foreign ids.

    The rows of `others` are returned as well.
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


def _living_categories(
    tx: Tx, edits: Sequence[SpeciesEdit]
) -> tuple[frozenset[uuid.UUID], tuple[tuple[str, str], ...]]:
    """Return all living categories, and the names of the deleted ones that `edits` choose.

    Refuses those that were never of this clinic.
    """
    rows, vanished = _rows(tx, Category, _all_categories(edits), Category.deleted_at.is_(None))
    return frozenset(rows), vanished


def _living_resource(tx: Tx, resource_id: uuid.UUID) -> Resource:
    rows, _ = _rows(tx, Resource, [resource_id])
    if resource_id not in rows:
        raise UnknownRowError(str(resource_id))
    return rows[resource_id]


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
    """Replace the associations of species, held by kept ones: one statement for all that go."""
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
    tx.session.add_all(
        model(species_id=key, category_id=new, **of)
        for key, held, kept in changes
        for new in kept - held
    )


def _pair(online: bool, categories: frozenset[uuid.UUID]) -> list[object]:
    return [online, sorted(map(str, categories))]


def _saved(
    tx: Tx,
    subject: str,
    actor: Actor | None,
    before: object,
    after: object,
    vanished: tuple[tuple[str, str], ...],
) -> Saved:
    """Audit what changed; nothing changed is no write at all."""
    if before != after:
        tx.audit(subject, actor, before, after)
    return Saved(vanished)
