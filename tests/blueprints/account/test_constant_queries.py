"""A page costs as many statements for a clinic with many rows as for one with few."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    Category,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
    WeeklyOpening,
)
from host_example.models import db
from tests.blueprints.account.conftest import Staff
from tests.support.clinics import DOLITTLE, TestClinic

MANY = 12


@pytest.fixture
def ran(portal: Flask) -> Iterator[list[str]]:
    """Collect the statements that the database runs."""
    found: list[str] = []

    def note(*given: Any) -> None:
        found.append(given[2])

    with portal.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)


def grow(session: Session, clinic: TestClinic) -> None:
    """Give a clinic many more rows of every kind."""
    of, resource_id = {"account_id": clinic.account_id}, clinic.resources[DOLITTLE]
    for n in range(MANY):
        row = of | {"logivet_id": f"more{n}", "version": 1, "name_fr": f"n{n}", "name_en": f"n{n}"}
        category = Category(**row, online=True, duration_min=30)
        species = Species(**row, online=True)
        session.add_all([category, species, Resource(**row, enabled=True)])
        session.flush()
        pair = of | {"species_id": species.id, "category_id": category.id}
        mine = of | {"resource_id": resource_id}
        session.add(SpeciesCategory(**pair))
        session.add(ResourceSpecies(**mine, species_id=species.id, online=True))
        session.flush()
        session.add(ResourceOffer(**pair, resource_id=resource_id))
        session.add(WeeklyOpening(**mine, weekday=0, start_min=60 * n, end_min=60 * n + 30))
    session.commit()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/categories",
        "/especes",
        "/ressources",
        "/ressources/{}/categories",
        "/ressources/{}/disponibilites",
    ],
)
def test_a_page_costs_the_same_for_many_rows(
    clinic: TestClinic, staff: Staff, session: Session, ran: list[str], path: str
) -> None:
    path = path.format(clinic.resources[DOLITTLE])
    few = staff.get(path)
    cost_of_few = len(ran)
    grow(session, clinic)
    ran.clear()
    many = staff.get(path)
    assert len(many.answer.text) > len(few.answer.text) or path == "/"
    assert len(ran) == cost_of_few
    assert cost_of_few <= 11
