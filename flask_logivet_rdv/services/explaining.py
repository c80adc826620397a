"""Why the widget does not offer a time, read from all that decides it, without a lock."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    CONFIRMED,
    Booking,
    Busy,
    Category,
    ClinicAccount,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
)
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling.explain import Facts, Offered, Reason, why
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.scheduling.rules import Rules

from .availability import blocking, openings


class Visit(NamedTuple):
    """What an owner would ask for; ids of the clinic's own rows, `start` in UTC seconds."""

    species: uuid.UUID
    category: uuid.UUID
    resource: uuid.UUID
    start: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The first rule in the way, None for none, and what takes the time where that is it.

    `kind` is LogiVet's word for a busy range: appointment, note, unavailability, reservation.
    """

    reason: Reason | None
    taken: Range | None = None
    kind: str | None = None


def explain(
    session: Session, account: ClinicAccount, visit: Visit, now: datetime, rules: Rules
) -> Explanation:
    """Say why a visit is not offered at a time. Raises LookupError for an id of no such row."""
    species = _row(session, account, Species, visit.species)
    category = _row(session, account, Category, visit.category)
    resource = _row(session, account, Resource, visit.resource)
    minutes = category.duration_min or 0
    span = Range(visit.start, visit.start + 60 * max(minutes, 1))
    busy = _busy(session, account, visit.resource, span)
    answer = why(
        Facts(
            offered=Offered(
                subscribed=account.subscribed(int(now.timestamp())),
                species_kept=species.deleted_at is None,
                species_online=species.online,
                category_kept=category.deleted_at is None,
                category_online=category.online,
                resource_kept=resource.deleted_at is None,
                resource_enabled=resource.enabled,
                **_links(session, account, visit),
            ),
            openings=openings(session, account.id, visit.resource),
            zone=zone(account.time_zone),
            minutes=minutes,
            step_min=rules.step_min or minutes,
            busy=list(busy),
            booked=_booked(session, account, visit.resource, span),
            window=limits.window(now, zone(account.time_zone), rules),
        ),
        visit.start,
    )
    if answer is None:
        return Explanation(None)
    kind = busy[answer.taken] if answer.reason is Reason.BUSY and answer.taken else None
    return Explanation(answer.reason, answer.taken, kind)


def _row(session: Session, account: ClinicAccount, model: type[Any], row_id: uuid.UUID) -> Any:
    found = session.get(model, (account.id, row_id))
    if found is None:
        raise LookupError(str(row_id))
    return found


def _links(session: Session, account: ClinicAccount, visit: Visit) -> dict[str, bool]:
    """Return which of the links between the three rows stand, in one query."""

    def stands(model: Any, *names: str) -> sa.Exists:
        same = (getattr(model, f"{name}_id") == getattr(visit, name) for name in names)
        return sa.exists().where(model.account_id == account.id, *same)

    row = session.execute(
        sa.select(
            stands(SpeciesCategory, "species", "category").label("linked"),
            stands(ResourceSpecies, "resource", "species")
            .where(ResourceSpecies.online)
            .label("species_seen"),
            stands(ResourceOffer, "resource", "species", "category").label("category_offered"),
        )
    ).one()
    return {name: bool(found) for name, found in row._mapping.items()}


def _busy(
    session: Session, account: ClinicAccount, resource_id: uuid.UUID, span: Range
) -> dict[Range, str]:
    """Return LogiVet's ranges that meet a span, with their kind."""
    rows = session.execute(
        sa.select(Busy.starts_at, Busy.ends_at, Busy.kind).where(
            Busy.account_id == account.id,
            Busy.resource_id == resource_id,
            Busy.ends_at > span.start,
            Busy.starts_at < span.end,
            blocking(),
        )
    )
    return {Range(start or 0, end or 0): kind for start, end, kind in rows}


def _booked(
    session: Session, account: ClinicAccount, resource_id: uuid.UUID, span: Range
) -> list[Range]:
    rows = session.execute(
        sa.select(Booking.starts_at, Booking.ends_at).where(
            Booking.account_id == account.id,
            Booking.resource_id == resource_id,
            Booking.status == CONFIRMED,
            Booking.ends_at > span.start,
            Booking.starts_at < span.end,
        )
    )
    return [Range(start, end) for start, end in rows]
