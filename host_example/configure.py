"""The first clinic's settings, exactly as the manual prints them, by the package's own verbs."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Audit, Category, Resource, Species
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services import associations, settings
from flask_logivet_rdv.services.associations import SpeciesEdit
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.settings import CategoryEdit
from flask_logivet_rdv.services.transaction import Desk, Tx, transact

RESOURCE = "Dr John Dolittle"
DURATIONS = {"Consultation comportementale": 45, "Examen": 30}
CATEGORIES_OF = {"Canin": ("Consultation comportementale", "Examen"), "Félin": ("Examen",)}
HOURS = (
    (1, "09:00", "11:30"),
    (1, "13:00", "16:00"),
    (2, "13:00", "16:00"),
    (3, "10:00", "12:00"),
    (4, "09:00", "11:00"),
    (4, "13:00", "16:00"),
    (6, "09:00", "12:00"),
)
"""Weekday (0 is Sunday) and local times of Dr John Dolittle."""


def configured(session: Session, account_id: uuid.UUID) -> bool:
    """Tell whether anybody has ever saved categories: what people changed since is theirs."""
    of_account = (Audit.account_id == account_id, Audit.subject == "categories")
    return session.scalar(select(Audit.revision).where(*of_account).limit(1)) is not None


def configure(desk: Desk, account_id: uuid.UUID) -> None:
    """Save the manual's settings of an account whose catalogue is there; nobody did before."""
    transact(desk, account_id, _everything)


def _everything(tx: Tx) -> None:
    categories, species = _ids(tx, Category), _ids(tx, Species)
    resource = _ids(tx, Resource)[RESOURCE]
    durations = [CategoryEdit(categories[name], True, m) for name, m in DURATIONS.items()]
    links = [
        SpeciesEdit(species[name], True, frozenset(categories[c] for c in offered))
        for name, offered in CATEGORIES_OF.items()
    ]
    week = [Opening(day, _minutes(start), _minutes(end)) for day, start, end in HOURS]
    settings.save_categories(tx, durations, None)
    associations.save_species(tx, links, None)
    associations.save_offers(tx, resource, links, None)
    settings.save_openings(tx, resource, week, None)
    # What is enabled is read back from the database.
    tx.session.flush()
    settings.set_enabled(tx, resource, True, None)


def _ids(tx: Tx, model: type[Any]) -> dict[str, uuid.UUID]:
    return {row.name_fr: row.id for row in living(tx.session, model, tx.account_id)}


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
