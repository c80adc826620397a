"""LogiVet's support: who may enter, and the list of clinics that it finds."""

import secrets

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.account import views_support
from flask_logivet_rdv.models import Outbox
from flask_logivet_rdv.services import accounts, keys
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from host_example.models import Clinic
from tests.blueprints.account.conftest import PREFIX, Page, Staff, words
from tests.blueprints.account.support import (
    Support,
    add_portal_clinic,
    changeable,
    posts,
    rename,
    support_person,
)
from tests.support.clinics import TestClinic, at
from tests.support.portal import MONDAY_MORNING, Clock

ONLY_SUPPORT = "Cette page est réservée au soutien de LogiVet."
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def support(portal: Flask) -> Support:
    return support_person(portal)


def open_many(session: Session, mark: str, count: int) -> None:
    """Open online booking for new clinics that have a mark in their name."""
    for _ in range(count):
        clinic_id = add_portal_clinic(f"Clinique {mark} {secrets.token_hex(4)}")
        facts = state().facts(clinic_id)
        account_id = accounts.open_account(session, clinic_id, facts, MONDAY_MORNING)
        transact(jobs.desk(), account_id, keys.create_key)


def only_row(support: Support, wanted: str) -> list[str]:
    """Return the cells of the only clinic found."""
    [found] = support.get("/soutien", q=wanted).body.select("tbody tr")
    return [words(cell) for cell in found.find_all(["th", "td"])]


def test_nobody_enters_without_a_login(portal: Flask, clinic: TestClinic) -> None:
    for path in ("/soutien", "/soutien/ouvrir", f"/soutien/{clinic.account_id}"):
        answer = portal.test_client().get(PREFIX + path)
        assert answer.status_code == 302
        assert "/connexion" in answer.location


def test_a_clinics_staff_reads_nothing(
    clinic: TestClinic, bare_clinic: TestClinic, staff: Staff
) -> None:
    for path in (
        "/soutien",
        "/soutien/ouvrir",
        f"/soutien/{clinic.account_id}",
        f"/soutien/{bare_clinic.account_id}",
        f"/soutien/{UNKNOWN}",
    ):
        page = staff.get(path, q="P&C")
        assert (page.status, page.names("h1")) == (403, [ONLY_SUPPORT])
        assert not page.body.select("form, table, dl")


@pytest.mark.parametrize("whose", ["clinic", "bare_clinic"])
def test_a_clinics_staff_changes_nothing(
    request: pytest.FixtureRequest, staff: Staff, session: Session, whose: str
) -> None:
    target = request.getfixturevalue(whose)
    before = changeable(session, target)
    for path, fields in posts(target).items():
        page = staff.send(path, fields)
        assert (page.status, page.names("h1")) == (403, [ONLY_SUPPORT])
    assert changeable(session, target) == before


def test_a_person_of_a_clinic_is_no_support_whatever_the_portal_says(
    portal: Flask, clinic: TestClinic
) -> None:
    assert support_person(portal, clinic_id=clinic.clinic_id).get("/soutien").status == 403


def test_support_uses_no_clinics_own_pages(support: Support) -> None:
    for path in ("/", "/categories", "/especes", "/ressources"):
        page = support.get(path)
        assert page.status == 403
        assert page.names("h1") == ["Votre compte n'est rattaché à aucune clinique."]


def test_support_that_may_not_edit_reads_only(
    portal: Flask, clinic: TestClinic, session: Session
) -> None:
    reader = support_person(portal, may_edit=False)
    page = reader.get(f"/soutien/{clinic.account_id}")
    assert page.status == 200
    assert not page.body.select("form, details.rdv-sure")
    before = changeable(session, clinic)
    for path, fields in posts(clinic).items():
        assert reader.send(path, fields).status == 403
    assert changeable(session, clinic) == before


def test_a_post_without_the_portals_token_changes_nothing(
    clinic: TestClinic, support: Support, session: Session
) -> None:
    before = changeable(session, clinic)
    for path, fields in posts(clinic).items():
        assert support.client.post(PREFIX + path, data=fields).status_code == 400
    assert changeable(session, clinic) == before


def test_the_forms_have_their_own_token_where_the_host_protects_nothing(
    clinic: TestClinic, support: Support, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(clinic.app.config, "WTF_CSRF_CHECK_DEFAULT", False)
    before = changeable(session, clinic)
    for path, fields in posts(clinic).items():
        page = Page(support.client.post(PREFIX + path, data=fields))
        assert (page.status, len(page.problems)) == (422, 1)
    assert changeable(session, clinic) == before


def test_an_unknown_clinic_is_not_found(support: Support) -> None:
    assert support.get(f"/soutien/{UNKNOWN}").status == 404
    for path in ("abonnement", "cles", "cles/abc/revocation"):
        assert support.send(f"/soutien/{UNKNOWN}/{path}", {"active": "1"}).status == 404


def test_support_has_its_own_entry_of_the_menu_and_no_clinics(support: Support) -> None:
    page = support.get("/soutien")
    menu = [words(link) for link in page.soup.select(".menu a")]
    assert menu[-1] == "Soutien"
    assert "Rendez-vous en ligne" not in menu
    assert words(page.soup.select_one("[aria-current=page]")) == "Soutien"


def test_the_entry_stays_marked_on_a_clinics_page(clinic: TestClinic, support: Support) -> None:
    page = support.get(f"/soutien/{clinic.account_id}")
    assert words(page.soup.select_one(".menu [aria-current=true]")) == "Soutien"


def test_a_clinics_staff_has_no_entry_of_the_support(staff: Staff) -> None:
    assert "Soutien" not in words(staff.get("/").soup.select_one(".menu"))


def test_the_portals_first_page_leads_the_support_there(support: Support) -> None:
    home = Page(support.client.get("/"))
    assert home.soup.select_one("main a.primary")["href"] == f"{PREFIX}/soutien"


def test_a_clinic_that_logivet_never_called(
    bare_clinic: TestClinic, support: Support, session: Session
) -> None:
    name = rename(session, bare_clinic, "Muette")
    assert only_row(support, name) == [
        name,
        "Actif",
        "Jamais vu Synchronisé il y a 1 minute",
        "Rien à signaler",
    ]


def test_the_list_says_what_somebody_should_look_at(
    clinic: TestClinic, support: Support, session: Session, clock: Clock
) -> None:
    name = rename(session, clinic, "Silencieuse")
    booking_id = clinic.book(at("2026-03-18", "10:00"))
    keys.note_use(session, clinic.key.split("_")[1], MONDAY_MORNING, "10.0.0.1", "LogiVet/5")
    dead = {"kind": "confirmation", "locale": "fr", "not_before": 0, "state": "dead"}
    of = {"account_id": clinic.account_id, "booking_id": booking_id}
    session.add_all([Outbox(dedupe_key=key, **of, **dead) for key in "ab"])
    session.commit()
    clock.advance(hours=2)
    assert only_row(support, name) == [
        name,
        "Actif",
        "Vu il y a 2 heures Synchronisé il y a 2 heures",
        "1 événement non reçu depuis 2 heures 2 courriels non livrés",
    ]


def test_a_clinic_is_found_by_name_number_and_widget(
    clinic: TestClinic, support: Support, session: Session
) -> None:
    name = rename(session, clinic, "Hôpital Écho")
    mark = name.split()[-1]
    for wanted in (name, f" hopital echo {mark}", str(clinic.account_id)):
        assert only_row(support, wanted)[0] == name
    assert name in support.get("/soutien", q=str(clinic.clinic_id)).column()


def test_what_is_not_found_is_looked_for_in_the_portal(support: Support) -> None:
    page = support.get("/soutien", q="Nulle part & jamais")
    assert not page.body.select("tbody tr")
    link = page.body.select_one("a[href*='ouvrir?q=']")
    assert Page(support.client.get(link["href"])).value("q") == "Nulle part & jamais"


def test_the_headings_sort_and_keep_what_was_looked_for(
    clinic: TestClinic, bare_clinic: TestClinic, support: Support, session: Session
) -> None:
    mark = secrets.token_hex(4)
    for found, letter in ((clinic, "B"), (bare_clinic, "É")):
        session.get(Clinic, found.clinic_id).name_fr = f"{letter} {mark}"
    session.commit()
    transact(jobs.desk(), clinic.account_id, lambda tx: accounts.set_subscription(tx, False))
    keys.note_use(session, bare_clinic.key.split("_")[1], MONDAY_MORNING, "", "")

    def order(**query: str) -> str:
        return "".join(name[0] for name in support.get("/soutien", q=mark, **query).column())

    assert order() == "BÉ"
    assert order(sort="name", dir="desc") == "ÉB"
    assert order(sort="subscription", dir="desc") == "ÉB"
    assert order(sort="seen") == "ÉB"
    first = support.get("/soutien", q=mark).body.select_one("th a")
    assert first["href"] == f"{PREFIX}/soutien?q={mark}&sort=name&dir=desc"


def test_a_page_holds_fifty_clinics() -> None:
    assert views_support.PAGE_SIZE == 50


def test_the_pages_together_hold_every_clinic_once(
    support: Support, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = secrets.token_hex(4)
    open_many(session, mark, 5)
    monkeypatch.setattr(views_support, "PAGE_SIZE", 2)
    pages = [support.get("/soutien", q=mark, page=n) for n in (1, 2, 3)]
    assert [len(page.column()) for page in pages] == [2, 2, 1]
    assert len({name for page in pages for name in page.column()}) == 5
    links = pages[0].body.select("nav[aria-label=Pages] a")
    assert [words(link) for link in links] == ["1", "2", "3"]
    assert Page(support.client.get(links[2]["href"])).column() == pages[2].column()


@pytest.mark.parametrize("page", ["9", "0", "-1", "x", "9" * 30])
def test_a_page_that_is_none_shows_one_that_is(support: Support, page: str) -> None:
    assert support.get("/soutien", page=page).status == 200


def test_the_list_costs_the_same_for_many_clinics(
    support: Support, session: Session, ran: list[str]
) -> None:
    mark = secrets.token_hex(4)
    open_many(session, mark, 1)
    ran.clear()
    assert len(support.get("/soutien", q=mark).column()) == 1
    few = len(ran)
    open_many(session, mark, 30)
    ran.clear()
    assert len(support.get("/soutien", q=mark).column()) == 31
    assert len(ran) == few <= 9


def test_the_list_speaks_the_persons_language(portal: Flask, clinic: TestClinic) -> None:
    page = support_person(portal, locale="en").get("/soutien", q=str(clinic.account_id))
    assert page.names("h1") == ["Support"]
    headings = ["Clinic ▲", "Subscription ▼", "LogiVet ▼", "To look at ▼"]
    assert page.names("thead th a") == headings
    assert [page.column(n)[0] for n in (0, 1, 3)] == ["P&C Clinic", "On", "Nothing to report"]
