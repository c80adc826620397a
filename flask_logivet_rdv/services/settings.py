"""What the clinic sets on its account pages. Each verb audits what it changed.

What goes together, species and categories, is in `associations`.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import sqlalchemy as sa

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Category, WeeklyOpening
from flask_logivet_rdv.scheduling.opening import Opening

from .availability import openings
from .catalogue import offered_resources, resources_with_hours
from .saving import Saved, audited, living_resource, own_rows
from .transaction import Tx


@dataclass(frozen=True, slots=True)
class CategoryEdit:
    """A category as the page sends it; `duration_min` in minutes, None when not online."""

    id: uuid.UUID
    online: bool
    duration_min: int | None


class Missing(StrEnum):
    """What a resource lacks before it can be enabled (S54)."""

    CATEGORIES = "categories"
    OPENINGS = "openings"


def save_categories(tx: Tx, edits: Sequence[CategoryEdit], actor: Actor | None) -> Saved:
    """Save toggles and durations (S9, S15). Raises UnknownRowError."""
    rows, vanished = own_rows(tx, Category, [edit.id for edit in edits])
    before, after = {}, {}
    for edit in edits:
        row = rows.get(edit.id)
        if row is None:
            continue
        old = [row.online, row.duration_min]
        row.online, row.duration_min = edit.online, edit.duration_min if edit.online else None
        if old != [row.online, row.duration_min]:
            before[str(row.id)], after[str(row.id)] = old, [row.online, row.duration_min]
    return audited(tx, "categories", actor, before, after, vanished)


def save_openings(
    tx: Tx, resource_id: uuid.UUID, week: Collection[Opening], actor: Actor | None
) -> Saved:
    """Replace the weekly hours of a resource (S46, S47). Raises UnknownRowError.

    The intervals must be multiples of 5 minutes, in order and not overlap within a day: the
    form says so in words, this raises ValueError.
    """
    living_resource(tx, resource_id)
    wanted = sorted(week)
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
            WeeklyOpening(account_id=tx.account_id, resource_id=resource_id, **opening._asdict())
            for opening in wanted
        )
    before, after = ([list(opening) for opening in hours] for hours in (held, wanted))
    return audited(tx, f"resource:{resource_id}:openings", actor, before, after, ())


def set_enabled(
    tx: Tx, resource_id: uuid.UUID, on: bool, actor: Actor | None
) -> tuple[Missing, ...]:
    """Switch a resource on or off at once; return what it lacks when it is refused (S53, S54).

    Raises UnknownRowError.
    """
    resource = living_resource(tx, resource_id)
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
    return audited(tx, "domains", actor, before, tx.account.domains, ())
