"""« Historique »: who changed what, on which page."""

from functools import partial
from urllib.parse import parse_qsl

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services import accounts
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from host_example.models import Clinic
from tests.support.clinics import DOLITTLE, at, make_clinic

DAY = {"start-1-0": "09h00", "end-1-0": "10h00"}


@pytest.fixture
def resource(clinic):
    return f"/ressources/{clinic.resources[DOLITTLE]}"


def test_a_change_is_told_with_its_author_its_moment_and_what_it_did(staff, clinic):
    exam = clinic.categories["Examen"]
    staff.send("/categories", {f"online-{exam}": "1", f"duration-{exam}": "45"})
    newest = staff.get("/historique", subject="categories").names(".rdv-history > li")[0]
    assert newest == (
        "Catégories Zoé L'Écuyer, 16 mars 2026 à 10 h"
        " Consultation comportementale : en ligne, 45 minutes → hors ligne"
        " Examen : en ligne, 30 minutes → en ligne, 45 minutes"
    )


@pytest.mark.parametrize(
    ("path", "subject"),
    [("/", "domains"), ("/categories", "categories"), ("/especes", "species"),
     ("/ressources", "resources")],
)  # fmt: skip
def test_each_page_leads_to_its_own_history(staff, path, subject):
    links = [a["href"] for a in staff.get(path).body.select(".rdv-more a")]
    assert links[0].endswith(f"/historique?subject={subject}")
    assert links[1].endswith("/pourquoi")


def test_a_resource_leads_to_its_own_history(staff, clinic, resource):
    staff.send(f"{resource}/disponibilites", DAY)
    link = staff.get(f"{resource}/disponibilites").body.select_one(".rdv-more a")["href"]
    page = staff.get("/historique", subject=link.partition("subject=")[2])
    assert (
        page.names(".rdv-history strong")[0] == f"Ressource – {DOLITTLE}, disponibilités en ligne"
    )
    assert "Retiré : lundi 13h00–16h00" in page.names(".rdv-history li li")


def test_fifty_a_page_and_a_way_to_the_older_ones(staff, clinic):
    exam = clinic.categories["Examen"]
    for n in range(51):
        staff.send("/categories", {f"online-{exam}": "1", f"duration-{exam}": str(5 + 5 * (n % 2))})
    first = staff.get("/historique", subject="categories")
    assert len(first.names(".rdv-history > li")) == 50
    older = first.body.select_one("a.rdv-b")["href"]
    second = staff.get("/historique", **dict(parse_qsl(older.partition("?")[2])))
    assert len(second.names(".rdv-history > li")) == 2
    assert not second.body.select("a.rdv-b")


@pytest.mark.parametrize(
    "query", [{"before": "x"}, {"before": "-1--1"}, {"subject": "\x00"}, {"subject": "x'"}]
)
def test_a_damaged_address_shows_everything(staff, query):
    assert staff.get("/historique", **query).names(".rdv-history > li")


def test_another_clinics_changes_are_not_told(staff, portal, clinic):
    other = make_clinic(portal, configured=True)
    foreign = other.resources[DOLITTLE]
    assert staff.get("/historique", subject=str(foreign)).names(".rdv-history > li") == []
    assert "Rien n'a encore été modifié." in staff.get("/historique", subject=str(foreign)).text


def test_in_english(staff, clinic, session):
    from host_example.models import User, db

    db.session.get(User, clinic.user_id).locale = "en"
    db.session.commit()
    page = staff.get("/historique", subject="species")
    assert "Canine: offline → online (Behavioral Consultation, Exam)" in page.text


def test_a_switch_is_told_from_what_to_what(staff, resource):
    staff.send(f"{resource}/activation", {"active": "0"})
    page = staff.get("/historique", subject="resources")
    assert page.names(".rdv-history > li")[0].endswith(
        "activation Zoé L'Écuyer, 16 mars 2026 à 10 h Activée → Désactivée"
    )


def test_the_bounds_of_a_subscription_are_told_from_what_to_what(staff, clinic):
    def bounds(**given):
        set_bounds = partial(accounts.set_subscription, active=True, **given)
        with clinic.app.app_context():
            transact(jobs.desk(), clinic.account_id, set_bounds)

    first, last = (at(day, "00:00") for day in ("2026-03-01", "2026-04-01"))
    bounds(starts=first, ends=last)
    bounds(starts=first)
    told = staff.get("/historique", subject="domains").names(".rdv-history > li")
    assert told[1].endswith(
        "Premier jour : aucun → 1er mars 2026 Dernier jour : aucun → 31 mars 2026"
    )
    assert told[0].endswith("Dernier jour : 31 mars 2026 → aucun")


def test_a_zone_that_does_not_exist_does_not_hide_the_history(staff, clinic, session):
    session.get(Clinic, clinic.clinic_id).time_zone = "Canada/Nulle_Part"
    session.commit()
    state().clinic_changed(clinic.clinic_id)
    assert staff.get("/historique").names(".rdv-history > li")
