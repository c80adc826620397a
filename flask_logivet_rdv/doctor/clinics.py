"""LogiVet at each active clinic: when it was seen, what it sent, what it has not fetched."""

from collections.abc import Iterator
from datetime import datetime

from flask import Flask

from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.messages.plain import one_line
from flask_logivet_rdv.services.standing import Standing, standings
from flask_logivet_rdv.state import state

from .finding import DAY_S, MINUTE_S, Finding, Level, counted, duration

NAME = "clinics"
QUIET_S, LOST_S = 15 * MINUTE_S, DAY_S


def look(app: Flask) -> Iterator[Finding]:
    """Yield how many clinics are active and silent, then how each active one stands."""
    here = state()
    now = here.clock()
    active = [one for one in standings(here.db.session(), now) if one.active]
    facts = here.host.clinics([one.clinic_id for one in active])
    found = [of_clinic(one, facts.get(one.clinic_id), now) for one in active]
    silent = sum(is_silent(one, now) for one in active)
    told = f"{counted(len(active), 'clinic')} active, {silent} of them silent."
    if not active:
        told += " Activate one with « flask rdv clinic activate »."
    yield Finding(NAME, Level.OK, told)
    yield from found


def is_silent(one: Standing, now: datetime) -> bool:
    """Tell whether LogiVet was not seen for a quarter of an hour; it asks every half minute."""
    return one.seen_at is None or (now - one.seen_at).total_seconds() > QUIET_S


def of_clinic(one: Standing, facts: ClinicFacts | None, now: datetime) -> Finding:
    """Return how LogiVet stands at an active clinic, of which the host says `facts`."""
    lost = one.seen_at is None or (now - one.seen_at).total_seconds() > LOST_S
    name = one_line(facts.name_fr or facts.name_en) if facts else "unknown to the portal"
    told = (
        f"{name}: LogiVet seen {ago(one.seen_at, now)}, last upload {ago(one.uploaded_at, now)},"
        f" {counted(one.unfetched.events, 'event')} not fetched."
    )
    level = Level.OK
    if is_silent(one, now) or facts is None:
        level = Level.WARNING
    if lost and one.unfetched.bookings:
        level = Level.ERROR
        told += f" {counted(one.unfetched.bookings, 'booking event')} missing from its agenda:"
        told += " call the clinic."
    if not one.valid_keys:
        level = max(level, Level.WARNING, key=list(Level).index)
        told += f" No valid key: run « flask rdv key create {one.clinic_id} »."
    return Finding(f"clinic {one.clinic_id}", level, told)


def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was."""
    return f"{duration(max(0, (now - at).total_seconds()))} ago" if at else "never"
