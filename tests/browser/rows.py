"""Clinics with as many rows as wanted in every list."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask

from flask_logivet_rdv.models import (
    Category,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
)
from host_example.models import db
from tests.support.clinics import make_clinic


@dataclass(frozen=True)
class Full:
    """A clinic's staff, and the resource that offers everything."""

    user_id: Any
    resource: UUID


def with_rows(app: Flask, count: int) -> Full:
    """Make a clinic with `count` categories, species and resources, and each list of choices full.

    Every species is online with its first five categories, for the first resource too.
    """
    clinic = make_clinic(app, configured=False)
    of = {"account_id": clinic.account_id}
    with app.app_context():
        session = db.session()
        for model in (Category, Species, Resource):
            session.query(model).filter_by(**of).delete()
        categories = [
            Category(**_row(of, n, "Consultation"), duration_min=30) for n in range(count)
        ]
        species = [Species(**_row(of, n, "Espèce")) for n in range(count)]
        resources = [Resource(**_row(of, n, "Dre Marie-Ève Tremblay")) for n in range(count)]
        for row in (*categories, *species):
            row.online = True
        session.add_all([*categories, *species, *resources])
        session.flush()
        first = resources[0].id
        pairs = [(one.id, other.id) for one in species for other in categories[:5]]
        session.add_all(SpeciesCategory(**of, species_id=s, category_id=c) for s, c in pairs)
        session.add_all(
            ResourceSpecies(**of, resource_id=first, species_id=one.id, online=True)
            for one in species
        )
        session.flush()
        session.add_all(
            ResourceOffer(**of, resource_id=first, species_id=s, category_id=c) for s, c in pairs
        )
        session.commit()
    return Full(clinic.user_id, first)


def _row(of: dict[str, Any], n: int, name: str) -> dict[str, Any]:
    return of | {
        "logivet_id": f"row-{n}",
        "version": 1,
        "name_fr": f"{name} {n + 1}",
        "name_en": f"{name} {n + 1} (English)",
    }
