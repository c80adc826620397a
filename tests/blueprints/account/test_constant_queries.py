"""A page costs as many statements for a clinic with many rows as for one with few."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from flask_logivet_rdv.models import (
    Busy,
    Category,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
    WeeklyOpening,
)
from tests.blueprints.account.conftest import PREFIX, Page, Staff
from tests.browser.rows import with_rows
from tests.support.clinics import DOLITTLE, TestClinic, at
from tests.support.portal import login

MANY = 12


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


PAGES = (
    "/",
    "/categories",
    "/especes",
    "/ressources",
    "/ressources/{}/categories",
    "/ressources/{}/disponibilites",
)


def changed(page: Page) -> MultiDict[str, str]:
    """Return a page's own fields with something else in every row."""
    fields = page.fields()
    for name in list(fields):
        if name.startswith("categories-"):
            fields.setlist(name, fields.getlist(name)[1:])
        elif name.startswith("duration-"):
            fields[name] = "45"
    if "domain" in fields:
        fields["domain"] = "www.clinique.ca"
    for day in range(7):
        fields.update({f"start-{day}-0": f"{day}h", f"end-{day}-0": "23h"})
    return fields


@pytest.mark.parametrize("path", PAGES)
def test_a_page_and_its_save_cost_the_same_for_1_row_and_for_30(
    portal: Flask, ran: list[str], path: str
) -> None:
    costs = []
    for rows in (1, 30):
        full = with_rows(portal, rows)
        somebody, page = Staff(login(portal, full.user_id)), path.format(full.resource)
        ran.clear()
        shown = somebody.get(page)
        costs.append([len(ran)])
        if page != "/ressources":
            ran.clear()
            assert somebody.client.post(PREFIX + page, data=changed(shown)).status_code == 303
            costs[-1].append(len(ran))
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 19


@pytest.mark.parametrize("path", PAGES)
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


def test_the_history_costs_the_same_for_many_changes(
    clinic: TestClinic, staff: Staff, ran: list[str]
) -> None:
    def changes() -> int:
        ran.clear()
        page = staff.get("/historique", subject="categories")
        return len(page.names(".rdv-history > li"))

    exam = clinic.categories["Examen"]
    assert changes() == 1
    cost_of_one = len(ran)
    for n in range(29):
        fields = {f"online-{exam}": "1", f"duration-{exam}": str(5 + 5 * (n % 2))}
        assert staff.send("/categories", fields).status == 303
    assert changes() == 30
    assert len(ran) == cost_of_one <= 4


def test_why_a_time_is_not_offered_costs_the_same_for_many_rows(
    clinic: TestClinic, staff: Staff, session: Session, ran: list[str]
) -> None:
    asked = {
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": clinic.resources[DOLITTLE],
        "day": "2026-03-18",
        "time": "10h00",
    }
    start, of = at("2026-03-18", "10:00"), {"account_id": clinic.account_id, "version": 1}

    def add(first: int, last: int) -> None:
        for n in range(first, last):
            row = of | {"logivet_id": f"more{n}"}
            names = {"name_fr": f"n{n}", "name_en": f"n{n}"}
            session.add_all(model(**row, **names) for model in (Category, Species, Resource))
            span = {"starts_at": start, "ends_at": start + 60 * (n + 1)}
            mine = {"resource_id": clinic.resources[DOLITTLE], "kind": "note"}
            session.add(Busy(**row, **mine, **span))
        session.commit()

    def options() -> int:
        ran.clear()
        page = staff.get("/pourquoi", **asked)
        assert "occupe la plage" in page.notes[0]
        return len(page.body.select("[name=species] option"))

    add(0, 1)
    few, cost_of_few = options(), len(ran)
    add(1, 30)
    assert options() == few + 29
    assert len(ran) == cost_of_few <= 13
