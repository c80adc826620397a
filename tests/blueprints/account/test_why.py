"""« Pourquoi cette plage n'est-elle pas offerte? »: the first rule in the way."""

import pytest

from flask_logivet_rdv.models import Category
from tests.support.clinics import DOLITTLE, at, make_clinic

WEDNESDAY = {"day": "2026-03-18", "time": "10h00"}


@pytest.fixture
def choices(clinic):
    return {
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": clinic.resources[DOLITTLE],
    }


@pytest.fixture
def ask(staff, choices):
    return lambda **changed: staff.get("/pourquoi", **(choices | WEDNESDAY | changed))


def test_the_form_comes_first_and_asks_for_nothing(staff):
    page = staff.get("/pourquoi")
    assert (page.status, page.problems) == (200, [])
    assert page.names("label") == ["Espèce", "Catégorie", "Ressource", "Date", "Heure"]


@pytest.mark.parametrize("typed", ["10h00", "10h", "10:00", "1000", "10 h 00"])
def test_a_time_that_is_offered_is_said_to_be(ask, typed):
    page = ask(time=typed)
    assert page.names("h2") == ["mercredi 18 mars 2026 à 10:00"]
    assert page.notes == [
        "mercredi 18 mars 2026 à 10:00 Cette plage est offerte : rien n'y fait obstacle."
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"time": "08h00"}, "La visite n'entre pas dans les disponibilités en ligne"),
        ({"time": "10h10"}, "La ressource est disponible, mais aucun rendez-vous ne commence"),
        ({"day": "2026-03-16", "time": "13h00"}, "Il est trop tard pour réserver"),
        ({"day": "2026-03-16", "time": "13h00"}, "dans un délai de moins de 12 heures."),
        ({"day": "2026-05-20"}, "Il est trop tôt pour réserver"),
        ({"day": "2026-05-20"}, "plus de 2 mois à l'avance."),
    ],
)
def test_the_first_rule_in_the_way_is_said(ask, changed, sentence):
    assert sentence in ask(**changed).notes[0]


def test_a_booking_is_said_with_its_range(ask, clinic):
    clinic.book(at("2026-03-18", "10:00"))
    assert "Un rendez-vous en ligne occupe la plage de 10 h à 10 h 30." in ask().notes[0]


def test_where_the_clinic_can_mend_it_the_page_leads_there(ask, clinic, session):
    row = session.get(Category, (clinic.account_id, clinic.categories["Examen"]))
    row.online = False
    session.commit()
    page = ask()
    assert "La catégorie n'est pas en ligne." in page.notes[0]
    assert page.body.select_one(".rdv-box a")["href"].endswith("/categories")


def test_a_time_that_the_clock_jumps_over_does_not_exist(ask):
    assert "elle n'existe pas" in ask(day="2027-03-14", time="02h30").notes[0]


def test_a_time_that_the_clock_shows_twice_is_explained_twice(ask):
    assert len(ask(day="2026-11-01", time="01h30").notes) == 2


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"species": ""}, "Espèce est obligatoire."),
        ({"category": "x"}, "Catégorie est obligatoire."),
        ({"resource": "'"}, "Ressource est obligatoire."),
        ({"day": "hier"}, "Date est obligatoire."),
        ({"day": "0001-01-01"}, "Date est obligatoire."),
        ({"time": ""}, "Heure est obligatoire."),
        ({"time": "25h"}, "« 25h » n'est pas une heure valide. Exemple : 09h00"),
    ],
)
def test_what_is_missing_or_malformed_is_said_by_its_field(ask, changed, problem):
    page = ask(**changed)
    assert (page.status, page.problems) == (422, [problem])


def test_a_row_of_another_clinic_is_no_row(ask, portal):
    other = make_clinic(portal, configured=True)
    page = ask(species=other.species["Canin"])
    assert page.problems == ["Choisissez de nouveau : un des choix n'existe plus."]


@pytest.mark.parametrize(
    ("typed", "kept"), [("2026-03-18", "2026-03-18"), ("20260318", "2026-03-18"), ("hier", "")]
)
def test_the_date_is_put_back_as_a_date_field_takes_it(ask, typed, kept):
    assert ask(day=typed).value("day") == kept
