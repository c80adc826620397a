"""When a visit can take place, read without a lock: the weekly hours, and what is taken."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    CANCELLED,
    CONFIRMED,
    Booking,
    Busy,
    ClinicAccount,
    WeeklyOpening,
)
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling import slots
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.scheduling.opening import Opening, midnight, zone
from flask_logivet_rdv.scheduling.rules import Rules

from .accounts import Tenant
from .connection import Database, plain_rows, rows
from .offering import Label, Offer

Account = ClinicAccount | Tenant
Source = Session | Database
"""What is asked for an agenda: a transaction under way, or what is committed."""
Agenda = tuple[list[Opening], list[tuple[int, int]]]
"""The weekly intervals of a resource, and the ranges that are taken; both in order."""
OTHER_RESOURCES = 3
"""How many other resources a refusal proposes: each costs a query."""


def openings(session: Session, account_id: uuid.UUID, resource_id: uuid.UUID) -> list[Opening]:
    """Return the weekly intervals of a resource, in order."""
    found = rows(session, _hours(), {"account": account_id, "resource": resource_id})
    return sorted(Opening(*row) for row in found)


@cache
def _hours() -> Any:
    """Return the query of `openings`, built once, as the next: that costs more than running it."""
    return sa.select(WeeklyOpening.weekday, WeeklyOpening.start_min, WeeklyOpening.end_min).where(
        WeeklyOpening.account_id == sa.bindparam("account"),
        WeeklyOpening.resource_id == sa.bindparam("resource"),
    )


def agenda(source: Source, account_id: uuid.UUID, resource_id: uuid.UUID, span: Range) -> Agenda:
    """Return the weekly intervals of a resource, and what takes its time within `span`.

    The second are bookings and busy ranges, sorted. One query reads both.
    """
    asked = {"account": account_id, "resource": resource_id, "from": span.start, "to": span.end}
    return _sorted(plain_rows(source, _agenda(), asked))


def agenda_and(
    session: Session, query: sa.Select[Any], asked: dict[str, Any], span: Range
) -> tuple[Any, Agenda]:
    """Return the one row of a query of columns and the `agenda`, read together.

    `asked` has what the query asks for, and the ``account`` and ``resource`` of the agenda.
    """
    found = rows(session, _agenda_and(query), asked | {"from": span.start, "to": span.end})
    return found[0][:-3], _sorted([row[-3:] for row in found if row[-1] is not None])


def _sorted(found: Sequence[Any]) -> Agenda:
    hours = sorted([row for row in found if row[0] is not None])
    taken = sorted([row[1:] for row in found if row[0] is None])
    return [Opening(*row) for row in hours], taken


@cache
def _agenda_and(query: sa.Select[Any]) -> Any:
    first, second = query.subquery("first"), _agenda().subquery("agenda")
    return sa.select(*first.c, *second.c).select_from(first.outerjoin(second, sa.true()))


@cache
def _agenda() -> Any:
    first: sa.BindParameter[int] = sa.bindparam("from")
    last: sa.BindParameter[int] = sa.bindparam("to")
    booked = sa.select(sa.null(), Booking.starts_at, Booking.ends_at).where(
        Booking.account_id == sa.bindparam("account"),
        Booking.resource_id == sa.bindparam("resource"),
        Booking.status == CONFIRMED,
        Booking.ends_at > first,
        Booking.starts_at < last,
    )
    busy = sa.select(sa.null(), Busy.starts_at, Busy.ends_at).where(
        Busy.account_id == sa.bindparam("account"),
        Busy.resource_id == sa.bindparam("resource"),
        Busy.ends_at > first,
        Busy.starts_at < last,
        blocking(),
    )
    return sa.union_all(_hours(), booked, busy)


@cache
def blocking() -> sa.ColumnElement[bool]:
    """Return the condition that a busy row takes its range.

    A tombstone takes nothing, nor does the mirror of a cancelled booking: its time returns to the
    offer before LogiVet has caught up. The mirrored booking is asked for its status row by row, by
    its key: as a join, with statistics missing or old, each range was compared with all bookings.
    """
    mirrored = sa.orm.aliased(Booking)
    status = sa.select(mirrored.status).where(
        mirrored.account_id == Busy.account_id, mirrored.id == Busy.booking_id
    )
    stands = sa.func.coalesce(status.scalar_subquery(), CONFIRMED) != CANCELLED
    return sa.and_(Busy.deleted_at.is_(None), sa.or_(Busy.booking_id.is_(None), stands))


def free_slots(
    source: Source, account: Account, triple: Triple, first: date, last: date, rules: Rules
) -> list[Range]:
    """Return the free slots of a triple on the clinic's days `first` to `last`, included.

    No bound on the time of booking is applied: that is `rules.listing` and `rules.bookable`.
    """
    read = agenda(source, account.id, triple.resource, days(account, first, last))
    return free_within(read, account, triple, first, last, rules)


def days(account: Account, first: date, last: date) -> Range:
    """Return the clinic's days `first` to `last`, included."""
    here = zone(account.time_zone)
    return Range(midnight(first, here), midnight(last + timedelta(days=1), here))


def free_within(
    read: Agenda, account: Account, triple: Triple, first: date, last: date, rules: Rules
) -> list[Range]:
    """Return `free_slots` of an agenda that was read of those days."""
    hours, taken = read
    grid = slots.grid(
        hours,
        zone=zone(account.time_zone),
        first=first,
        last=last,
        step_min=rules.step_min or triple.minutes,
        minutes=triple.minutes,
    )
    return slots.free(grid, taken)


def bookable_slots(
    source: Source, account: Account, triple: Triple, now: datetime, rules: Rules
) -> list[Range]:
    """Return every slot of a triple that can be booked now: free and within the bounds."""
    clinic_zone = zone(account.time_zone)
    window = limits.window(now, clinic_zone, rules)
    first, last = (datetime.fromtimestamp(end, clinic_zone).date() for end in window)
    return limits.listing(free_slots(source, account, triple, first, last, rules), window)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A slot near one that was lost, with the resource that offers it."""

    slot: Range
    resource_id: uuid.UUID
    resource: Label


def alternatives(
    source: Source,
    account: Account,
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
    since = midnight(datetime.fromtimestamp(wanted, clinic_zone).date(), clinic_zone)
    same_visit = [o for o in offers if o.triple[:2] == triple[:2]]
    same_visit.sort(key=lambda o: o.triple.resource != triple.resource)
    found: list[Alternative] = []
    for offer in same_visit[: 1 + OTHER_RESOURCES]:
        own = offer.triple.resource == triple.resource
        free = bookable_slots(source, account, offer.triple, now, rules)
        near = slots.nearest(free, wanted, limit if own else limit // 2, since=since)
        found += [Alternative(slot, offer.triple.resource, offer.resource) for slot in near]
    return found
