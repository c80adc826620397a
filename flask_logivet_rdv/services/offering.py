"""What a clinic offers online, read without a lock: who, for what, when, and what is taken."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    CANCELLED,
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
    WeeklyOpening,
)
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling import slots
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.scheduling.opening import Opening, zone
from flask_logivet_rdv.scheduling.rules import Rules

Label = dict[str, str]
OTHER_RESOURCES = 3
"""How many other resources a refusal proposes: each costs two queries."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A bookable triple with the names (fr, en) of its three parts."""

    triple: Triple
    species: Label
    category: Label
    resource: Label


def bookable_offers(session: Session, account_id: uuid.UUID) -> list[Offer]:
    """Return all that an owner may choose, in one query, in the order of the lists.

    A triple is bookable when the species is online, the category is online with a duration and
    linked to the species, and the resource is enabled, sees the species, offers the category to
    it, and has at least one weekly interval.
    """
    return [
        Offer(
            Triple(species, category, resource, minutes or 0),
            {"fr": species_fr, "en": species_en},
            {"fr": category_fr, "en": category_en},
            {"fr": resource_fr, "en": resource_en},
        )
        for (
            species, category, resource, minutes, species_fr, species_en,
            category_fr, category_en, resource_fr, resource_en,
        ) in session.execute(_bookable(), {"account": account_id})
    ]  # fmt: skip


@cache
def _bookable() -> Any:
    """Return the query of `bookable_offers`, built once: that costs more than running it."""
    of: sa.BindParameter[uuid.UUID] = sa.bindparam("account")
    linked = _linked(of)
    has_hours = (
        sa.select(WeeklyOpening.resource_id)
        .where(WeeklyOpening.account_id == of, WeeklyOpening.resource_id == Resource.id)
        .exists()
    )
    return (
        sa.select(
            Species.id,
            Category.id,
            Resource.id,
            Category.duration_min,
            Species.name_fr,
            Species.name_en,
            Category.name_fr,
            Category.name_en,
            Resource.name_fr,
            Resource.name_en,
        )
        .select_from(linked)
        .join(Species, (Species.account_id == of) & (Species.id == linked.c.species_id))
        .join(Category, (Category.account_id == of) & (Category.id == linked.c.category_id))
        .join(Resource, (Resource.account_id == of) & (Resource.id == linked.c.resource_id))
        .where(
            Species.online,
            Species.deleted_at.is_(None),
            Category.online,
            Category.deleted_at.is_(None),
            Category.duration_min.is_not(None),
            Resource.enabled,
            Resource.deleted_at.is_(None),
            has_hours,
        )
        .order_by(
            Species.name_fr,
            Species.id,
            Category.name_fr,
            Category.id,
            Resource.position,
            Resource.name_fr,
            Resource.id,
        )
    )


def _linked(of: sa.BindParameter[uuid.UUID]) -> sa.CTE:
    """Return the triples whose links stand.

    Materialized, or PostgreSQL weighs all orders of seven tables: 11 ms to plan, 0.3 to run.
    """
    return (
        sa.select(ResourceOffer.species_id, ResourceOffer.category_id, ResourceOffer.resource_id)
        .join(
            ResourceSpecies,
            (ResourceSpecies.account_id == of)
            & (ResourceSpecies.resource_id == ResourceOffer.resource_id)
            & (ResourceSpecies.species_id == ResourceOffer.species_id)
            & ResourceSpecies.online,
        )
        .join(
            SpeciesCategory,
            (SpeciesCategory.account_id == of)
            & (SpeciesCategory.species_id == ResourceOffer.species_id)
            & (SpeciesCategory.category_id == ResourceOffer.category_id),
        )
        .where(ResourceOffer.account_id == of)
        .cte("linked")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def openings(session: Session, account_id: uuid.UUID, resource_id: uuid.UUID) -> list[Opening]:
    """Return the weekly intervals of a resource, in order."""
    rows = session.execute(
        sa.select(WeeklyOpening.weekday, WeeklyOpening.start_min, WeeklyOpening.end_min)
        .where(WeeklyOpening.account_id == account_id, WeeklyOpening.resource_id == resource_id)
        .order_by(WeeklyOpening.weekday, WeeklyOpening.start_min)
    )
    return [Opening(*row) for row in rows]


def occupancy(
    session: Session, account_id: uuid.UUID, resource_id: uuid.UUID, span: Range
) -> list[Range]:
    """Return what takes a resource's time within `span`, sorted: bookings and busy ranges."""
    booked = sa.select(Booking.starts_at, Booking.ends_at).where(
        Booking.account_id == account_id,
        Booking.resource_id == resource_id,
        Booking.status == CONFIRMED,
        Booking.ends_at > span.start,
        Booking.starts_at < span.end,
    )
    busy = sa.select(Busy.starts_at, Busy.ends_at).where(
        Busy.account_id == account_id,
        Busy.resource_id == resource_id,
        Busy.ends_at > span.start,
        Busy.starts_at < span.end,
        blocking(),
    )
    return sorted(Range(start, end) for start, end in session.execute(booked.union_all(busy)))


@cache
def blocking() -> sa.ColumnElement[bool]:
    """Return the condition that a busy row takes its range.

    A tombstone takes nothing, nor does the mirror of a cancelled booking: its time returns to the
    offer before LogiVet has caught up.
    """
    mirrored = sa.orm.aliased(Booking)
    of_cancelled = sa.exists().where(
        mirrored.account_id == Busy.account_id,
        mirrored.id == Busy.booking_id,
        mirrored.status == CANCELLED,
    )
    return sa.and_(Busy.deleted_at.is_(None), ~of_cancelled)


def free_slots(
    session: Session, account: ClinicAccount, triple: Triple, first: date, last: date, rules: Rules
) -> list[Range]:
    """Return the free slots of a triple on the clinic's days `first` to `last`, included.

    No bound on the time of booking is applied: that is `rules.listing` and `rules.bookable`.
    """
    grid = slots.grid(
        openings(session, account.id, triple.resource),
        zone=zone(account.time_zone),
        first=first,
        last=last,
        step_min=rules.step_min or triple.minutes,
        minutes=triple.minutes,
    )
    if not grid:
        return []
    span = Range(grid[0].start, max(slot.end for slot in grid))
    return slots.free(grid, occupancy(session, account.id, triple.resource, span))


def bookable_slots(
    session: Session, account: ClinicAccount, triple: Triple, now: datetime, rules: Rules
) -> list[Range]:
    """Return every slot of a triple that can be booked now: free and within the bounds."""
    clinic_zone = zone(account.time_zone)
    window = limits.window(now, clinic_zone, rules)
    first, last = (datetime.fromtimestamp(end, clinic_zone).date() for end in window)
    return limits.listing(free_slots(session, account, triple, first, last, rules), window)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A slot near one that was lost, with the resource that offers it."""

    slot: Range
    resource_id: uuid.UUID
    resource: Label


def alternatives(
    session: Session,
    account: ClinicAccount,
    offers: Sequence[Offer],
    lost: tuple[Triple, int],
    now: datetime,
    rules: Rules,
    limit: int = 4,
) -> list[Alternative]:
    """Return the slots nearest to a lost one: of its resource first, then of a few others.

    `lost` is the triple and the start (UTC seconds). Half are earlier on the same day, the rest
    later that day or on the next ones. The others offer the same species and category; each adds
    half as many.
    """
    triple, wanted = lost
    clinic_zone = zone(account.time_zone)
    day = datetime.fromtimestamp(wanted, clinic_zone).date()
    midnight = int(datetime.combine(day, time(), clinic_zone).timestamp())
    same_visit = [o for o in offers if o.triple[:2] == triple[:2]]
    same_visit.sort(key=lambda o: o.triple.resource != triple.resource)
    found: list[Alternative] = []
    for offer in same_visit[: 1 + OTHER_RESOURCES]:
        own = offer.triple.resource == triple.resource
        free = bookable_slots(session, account, offer.triple, now, rules)
        near = slots.nearest(free, wanted, limit if own else limit // 2, since=midnight)
        found += [Alternative(slot, offer.triple.resource, offer.resource) for slot in near]
    return found
