"""The portal's own pages: login, the wall, the « Compte » menu."""

import re
from collections.abc import Iterator

import flask_migrate
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from host_example.models import User, db
from host_example.people import Login, login_of, seed_people
from host_example.views import safe_next
from tests.support.portal import make_portal


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_portal(tmp_path_factory.mktemp("portal"))
    with app.app_context():
        flask_migrate.upgrade()
        seed_people()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def anonymous(demo: Flask) -> FlaskClient:
    return demo.test_client()


def token(client: FlaskClient, path: str) -> str:
    field = BeautifulSoup(client.get(path).text, "html.parser").select_one("[name=csrf_token]")
    assert field is not None
    return str(field["value"])


def log_in(
    client: FlaskClient, login: Login, *, password: str | None = None, path: str = "/connexion"
) -> TestResponse:
    form = {"email": login.email, "password": password or login.password}
    return client.post(path, data=form | {"csrf_token": token(client, path)})


@pytest.fixture
def staff(demo: Flask) -> FlaskClient:
    client = demo.test_client()
    log_in(client, login_of("clinique-pc"))
    return client


def test_the_wall_sends_strangers_to_the_login_page_and_remembers_where_they_went(
    anonymous: FlaskClient,
) -> None:
    reply = anonymous.get("/compte/utilisateurs?page=2")
    assert reply.status_code == 302
    assert reply.location == "/connexion?next=/compte/utilisateurs?page%3D2"


def test_the_login_page_and_its_styles_are_open(anonymous: FlaskClient) -> None:
    assert anonymous.get("/connexion").status_code == 200
    with anonymous.get("/static/portal.css") as styles:
        assert styles.status_code == 200


def test_a_right_password_leads_where_the_person_went(anonymous: FlaskClient) -> None:
    reply = log_in(anonymous, login_of("clinique-pc"), path="/connexion?next=/compte/gabarits")
    assert (reply.status_code, reply.location) == (303, "/compte/gabarits")
    assert anonymous.get("/compte/gabarits").status_code == 200


def test_a_wrong_password_says_so_and_keeps_the_address(anonymous: FlaskClient) -> None:
    reply = log_in(anonymous, login_of("clinique-pc"), password="non")
    page = BeautifulSoup(reply.text, "html.parser")
    assert reply.status_code == 422
    assert page.find(role="alert").text == "Courriel ou mot de passe incorrect."
    assert page.find(id="email")["value"] == login_of("clinique-pc").email


def test_a_login_without_the_form_token_is_refused(anonymous: FlaskClient) -> None:
    login = login_of("clinique-pc")
    form = {"email": login.email, "password": login.password}
    assert anonymous.post("/connexion", data=form).status_code == 400


def test_logging_out_closes_the_account(staff: FlaskClient) -> None:
    staff.post("/deconnexion", data={"csrf_token": token(staff, "/compte")})
    assert staff.get("/compte").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/compte", "/compte"),
        ("/compte?tri=fr", "/compte?tri=fr"),
        ("", "/"),
        (None, "/"),
        ("compte", "/"),
        ("https://ailleurs.exemple.ca/", "/"),
        ("//ailleurs.exemple.ca/", "/"),
        ("/\\ailleurs.exemple.ca/", "/"),
        ("/\t/ailleurs.exemple.ca/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_stays_within_the_portal(demo: Flask, wanted: str | None, given: str) -> None:
    with demo.test_request_context():
        assert safe_next(wanted) == given


def test_the_account_menu_has_the_order_of_the_manual(staff: FlaskClient) -> None:
    """S7."""
    menu = BeautifulSoup(staff.get("/compte").text, "html.parser").select_one("nav.menu")
    assert [link.text.strip() for link in menu.select("a")][:6] == [
        "Gestion des utilisateurs",
        "Gabarits de courriel",
        "Rendez-vous en ligne",
        "Catégories de rendez-vous",
        "Espèces de rendez-vous",
        "Gestion des ressources",
    ]


def test_the_menu_marks_the_page_that_is_shown(staff: FlaskClient) -> None:
    page = BeautifulSoup(staff.get("/compte/utilisateurs").text, "html.parser")
    current = page.select("nav.menu a[aria-current=page]")
    assert [link.text.strip() for link in current] == ["Gestion des utilisateurs"]


def test_staff_sees_the_users_of_its_clinic_and_support_sees_all(
    demo: Flask, staff: FlaskClient
) -> None:
    support = demo.test_client()
    log_in(support, login_of(None))
    elsewhere = login_of("estb-1").email
    assert elsewhere not in staff.get("/compte/utilisateurs").text
    assert elsewhere in support.get("/compte/utilisateurs").text


def speak(demo: Flask, locale: str) -> None:
    with demo.app_context():
        db.session.execute(db.update(User).values(locale=locale))
        db.session.commit()


def test_the_portal_speaks_the_language_of_the_user(demo: Flask, staff: FlaskClient) -> None:
    speak(demo, "en")
    page = staff.get("/compte/gabarits").text
    speak(demo, "fr")
    assert "Email templates" in page
    assert not re.search("Gabarits|Courriel|Déconnecter", page)


def test_a_form_that_is_too_old_is_refused_in_words(staff: FlaskClient) -> None:
    reply = staff.post("/deconnexion", data={"csrf_token": "x"})
    assert reply.status_code == 400
    assert BeautifulSoup(reply.text, "html.parser").h1.text == "Cette page a expiré"


def test_a_form_sent_after_a_logout_leads_to_the_login_page(anonymous: FlaskClient) -> None:
    reply = anonymous.post("/compte/rendez-vous-en-ligne/categories")
    assert (reply.status_code, reply.location) == (302, "/connexion")
