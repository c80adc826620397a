"""The example's data: the manual's catalogue, and an agenda that depends on today alone.

Dr John Dolittle's printed hours stay mostly free, and every Wednesday entirely.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from . import agenda, catalogue
from .agenda import Entry, EntryType
from .catalogue import Item
from .dates import wall_epoch
from .store import Kind, Store, set_state

Demo = Literal["first", "second", "none"]
WEEKS = 6

NAMES: dict[Kind, tuple[tuple[str, str], ...]] = {
    "category": (
        ("Chirurgie", "Surgery"),
        ("Consultation comportementale", "Behavioral Consultation"),
        ("Dentisterie", "Dentistry"),
        ("Euthanasie", "Euthanasia"),
        ("Examen", "Exam"),
    ),
    "species": (
        ("Autre", "Other"),
        ("Aviaire", "Avian"),
        ("Canin", "Canine"),
        ("Félin", "Feline"),
        ("Reptile", "Reptile"),
        ("Rongeur", "Rodent"),
    ),
    "resource": (
        ("Dr Gregory House", "Dr Gregory House"),
        ("Dr John Dolittle", "Dr John Dolittle"),
        ("Technicien(nes)", "Technicians"),
    ),
}
HOUSE, DOLITTLE, TECHNICIANS = "1", "2", "3"


class Plan(NamedTuple):
    """One entry of a weekday (0 is Monday), every ``every`` weeks, local times ``HH:MM``."""

    weekday: int
    start: str
    end: str
    resource_id: str | None
    type: EntryType
    title: str
    language: str = ""
    every: int = 1


FIRST = (
    Plan(0, "09:00", "09:30", DOLITTLE, "appointment", "Marie Tremblay", "fr"),
    Plan(0, "10:30", "11:00", DOLITTLE, "appointment", "Luc Gagnon", "fr", 2),
    Plan(0, "13:00", "13:15", DOLITTLE, "note", "Rappeler le laboratoire"),
    Plan(0, "09:00", "12:00", HOUSE, "reservation", "Chirurgies du matin"),
    Plan(0, "13:30", "14:00", HOUSE, "appointment", "Emma Roy", "fr"),
    Plan(1, "14:00", "15:00", DOLITTLE, "reservation", "Réunion d'équipe", every=2),
    Plan(1, "09:00", "09:15", None, "note", "Livraison de nourriture"),
    Plan(1, "10:00", "10:45", HOUSE, "appointment", "John Smith", "en"),
    Plan(1, "12:00", "13:00", TECHNICIANS, "unavailability", "Dîner"),
    Plan(3, "09:30", "10:15", DOLITTLE, "appointment", "Sarah Cohen", "en", 2),
    Plan(3, "15:00", "16:00", DOLITTLE, "unavailability", "Formation continue"),
    Plan(3, "13:00", "17:00", HOUSE, "unavailability", "Absent"),
    Plan(3, "10:00", "10:30", TECHNICIANS, "appointment", "Nathalie Côté", "fr"),
    Plan(4, "08:00", "17:00", DOLITTLE, "unavailability", "Congé"),
    Plan(4, "09:00", "09:45", HOUSE, "appointment", "Olivier Lavoie", "fr"),
    Plan(4, "13:00", "13:30", TECHNICIANS, "reservation", "Prises de sang"),
    Plan(5, "11:00", "11:30", DOLITTLE, "appointment", "Nguyen Thi Mai", "fr", 2),
)
SECOND = (
    Plan(0, "09:00", "10:00", HOUSE, "appointment", "Paul Bouchard", "fr"),
    Plan(1, "13:00", "14:00", DOLITTLE, "unavailability", "Réunion"),
    Plan(3, "09:00", "09:30", TECHNICIANS, "appointment", "Kate Wilson", "en", 2),
)
PLANS: dict[Demo, tuple[Plan, ...]] = {"first": FIRST, "second": SECOND}


def logivet_ids() -> dict[str, dict[str, str]]:
    """Return LogiVet's ids by French name, under ``categories``, ``species``, ``resources``."""
    plural: tuple[tuple[str, Kind], ...] = (
        ("categories", "category"), ("species", "species"), ("resources", "resource"),
    )  # fmt: skip
    return {key: {item.fr: item.id for item in _items(kind)} for key, kind in plural}


def entries(demo: Demo, today: date, zone: ZoneInfo) -> list[Entry]:
    """Return the demo's agenda from ``today`` (a day of ``zone``) on, the same at every call."""
    return [
        _entry(number, day, plan, zone)
        for number, (day, plan) in enumerate(_days(PLANS.get(demo, ()), today), start=1001)
    ]


def seed(store: Store, demo: Demo, zone: ZoneInfo) -> None:
    """Fill a store that was never filled; a store that has its data keeps them."""
    if demo == "none" or store.state("demo"):
        return
    with store.write() as db:
        for kind in NAMES:
            for item in _items(kind):
                catalogue.save(db, item)
        for entry in entries(demo, datetime.now(zone).date(), zone):
            agenda.save(db, entry)
        set_state(db, "demo", demo)


def _items(kind: Kind) -> list[Item]:
    return [
        Item(kind, str(number), fr, en, position=number if kind == "resource" else 0)
        for number, (fr, en) in enumerate(NAMES[kind], start=1)
    ]


def _days(plans: tuple[Plan, ...], today: date) -> Iterator[tuple[date, Plan]]:
    monday = today - timedelta(days=today.weekday())
    for week in range(WEEKS + 1):
        for plan in plans:
            day = monday + timedelta(weeks=week, days=plan.weekday)
            if day >= today and week % plan.every == 0:
                yield day, plan


def _entry(number: int, day: date, plan: Plan, zone: ZoneInfo) -> Entry:
    return Entry(
        id=f"A-{number}",
        type=plan.type,
        resource_id=plan.resource_id,
        starts_at=wall_epoch(f"{day}T{plan.start}", zone),
        ends_at=wall_epoch(f"{day}T{plan.end}", zone),
        title=plan.title,
        language=plan.language,
    )
