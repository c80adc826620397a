import uuid

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Category
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from host_example.models import Clinic, User, db
from tests.blueprints.account.conftest import PREFIX, Page, Staff
from tests.support.clinics import DOLITTLE, TestClinic
from tests.support.portal import login

NOBODY = "00000000-0000-4000-8000-000000000000"

LISTS = ("/", "/categories", "/especes", "/ressources")
SUBSCRIBE = (
    "Vous devez être abonné au service de rendez-vous en ligne via LogiVet"
    " afin de pouvoir utiliser cette fonction."
)


def unsubscribe(clinic: TestClinic) -> None:
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: set_subscription(tx, False))


@pytest.mark.parametrize("path", LISTS)
def test_nobody_enters_without_a_login(portal: Flask, path: str) -> None:
    answer = portal.test_client().get(PREFIX + path)
    assert answer.status_code == 302
    assert "/connexion" in answer.location


@pytest.mark.parametrize("path", LISTS)
def test_head_is_answered_as_get_is(staff: Staff, path: str) -> None:
    assert staff.client.head(PREFIX + path).status_code == 200


@pytest.mark.parametrize("tab", ["categories", "disponibilites"])
def test_head_of_a_resource_is_answered_as_get_is(
    clinic: TestClinic, staff: Staff, tab: str
) -> None:
    path = f"{PREFIX}/ressources/{clinic.resources[DOLITTLE]}/{tab}"
    assert staff.client.head(path).status_code == 200


def test_without_a_login_wall_the_login_manager_answers(
    portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(portal.before_request_funcs, None, [])
    monkeypatch.setattr(portal.login_manager, "unauthorized", lambda: ("Qui est là?", 401))
    answer = portal.test_client().get(f"{PREFIX}/categories")
    assert (answer.status_code, answer.text) == (401, "Qui est là?")


def test_without_a_login_manager_it_is_a_401(
    portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with portal.app_context():
        monkeypatch.setattr(type(state().host), "actor", lambda _self: None)
    monkeypatch.setitem(portal.before_request_funcs, None, [])
    monkeypatch.delattr(portal, "login_manager")
    assert portal.test_client().get(f"{PREFIX}/categories").status_code == 401


def test_a_person_of_no_clinic_gets_a_403_page(portal: Flask) -> None:
    with portal.app_context():
        user = User(email=f"{uuid.uuid4()}@x.ca", name="Soutien", password_hash="x", clinic=None)
        db.session.add(user)
        db.session.commit()
        user_id = user.id
    page = Page(login(portal, user_id).get(f"{PREFIX}/categories"))
    assert page.status == 403
    assert "Votre compte n'est rattaché à aucune clinique." in page.text


def test_a_clinic_without_an_account_reads_and_is_told_to_subscribe(portal: Flask) -> None:
    with portal.app_context():
        clinic = Clinic(
            slug=uuid.uuid4().hex,
            name_fr="Neuve",
            name_en="New",
            address="",
            phone="",
            email="",
            time_zone="America/Toronto",
            locale="fr",
            accent="#35513f",
        )
        user = User(email=f"{uuid.uuid4()}@x.ca", name="Léa", password_hash="x", clinic=clinic)
        db.session.add_all([clinic, user])
        db.session.commit()
        user_id = user.id
    staff = Staff(login(portal, user_id))
    for path in LISTS:
        page = staff.get(path)
        assert (page.status, SUBSCRIBE in page.text) == (200, True)
    assert not staff.get("/").body.select("textarea")
    assert staff.send("/categories").status == 403


def test_an_inactive_subscription_leaves_the_pages_readable(
    clinic: TestClinic, staff: Staff
) -> None:
    unsubscribe(clinic)
    page = staff.get("/categories")
    assert page.status == 200
    assert SUBSCRIBE in page.text
    assert "soutien@logivet.exemple.ca" in page.text
    assert page.body.select_one("form fieldset[disabled]")
    assert "ENREGISTRER" not in page.names(".rdv-save button")


def test_an_inactive_subscription_refuses_writes(clinic: TestClinic, staff: Staff, row) -> None:
    unsubscribe(clinic)
    examen = clinic.categories["Examen"]
    assert staff.send("/categories", {}).status == 403
    assert row(Category, clinic, examen).online


def test_a_person_who_may_not_edit_reads_only(
    clinic: TestClinic, staff: Staff, session: Session, row
) -> None:
    session.get(User, clinic.user_id).may_edit = False
    session.commit()
    page = staff.get("/categories")
    assert "Vous pouvez consulter ces réglages, mais pas les modifier." in page.text
    assert staff.send("/categories", {}).status == 403
    assert row(Category, clinic, clinic.categories["Examen"]).online


@pytest.mark.parametrize("tab", ["categories", "disponibilites"])
def test_another_clinics_resource_is_not_found(
    staff: Staff, bare_clinic: TestClinic, tab: str
) -> None:
    path = f"/ressources/{bare_clinic.resources[DOLITTLE]}/{tab}"
    assert staff.get(path).status == 404
    assert staff.send(path).status == 404


@pytest.mark.parametrize("resource", [NOBODY, "42", "'; --"])
def test_an_unknown_or_malformed_resource_is_not_found(staff: Staff, resource: str) -> None:
    assert staff.get(f"/ressources/{resource}/categories").status == 404


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/categories", "online-{}"),
        ("/categories", "duration-{}"),
        ("/especes", "online-{}"),
        ("/especes", "categories-{}"),
    ],
)
@pytest.mark.parametrize("key", ["theirs", NOBODY, "zzz", f"{{{NOBODY}}}"])
def test_another_clinics_rows_are_not_found(
    staff: Staff, bare_clinic: TestClinic, path: str, field: str, key: str
) -> None:
    theirs = bare_clinic.categories if path == "/categories" else bare_clinic.species
    key = str(next(iter(theirs.values()))) if key == "theirs" else key
    value = str(next(iter(bare_clinic.categories.values())))
    assert staff.send(path, {field.format(key): value}).status == 404


def test_a_post_without_the_csrf_token_stores_nothing(
    clinic: TestClinic, staff: Staff, row
) -> None:
    assert staff.client.post(f"{PREFIX}/categories", data={}).status_code == 400
    assert row(Category, clinic, clinic.categories["Examen"]).online


def test_the_form_has_its_own_token_where_the_host_protects_nothing(
    clinic: TestClinic, staff: Staff, row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(clinic.app.config, "WTF_CSRF_CHECK_DEFAULT", False)
    page = Page(staff.client.post(f"{PREFIX}/categories", data={}))
    assert page.status == 422
    assert page.problems == [
        "Ce formulaire a expiré. Rien n'a été enregistré : envoyez-le de nouveau."
    ]
    assert row(Category, clinic, clinic.categories["Examen"]).online


@pytest.mark.parametrize("path", ["/", "/categories", "/especes"])
def test_a_field_sent_twice_is_refused(clinic: TestClinic, staff: Staff, path: str) -> None:
    twice = {"": {"domain": ["a.ca", "b.ca"]}, "categories": {"op": ["save", "save"]}}
    fields = twice.get(path[1:], {f"online-{clinic.species['Canin']}": ["1", "1"]})
    assert staff.send(path, fields).status == 400


@pytest.mark.parametrize("path", ["/", "/categories", "/especes"])
def test_an_unknown_button_is_refused(staff: Staff, path: str) -> None:
    assert staff.send(path, {"op": "erase"}).status == 400


def test_a_page_speaks_the_persons_language_whatever_the_clinics(
    staff: Staff, clinic: TestClinic, session: Session
) -> None:
    session.get(User, clinic.user_id).locale = "en"
    session.commit()
    page = staff.get("/categories")
    assert session.get(Clinic, clinic.clinic_id).locale == "fr"
    assert page.body["lang"] == "en-CA"
    assert page.names("h1") == ["Appointment categories"]
