"""The portal in another layout: same menu, same wall, same forms; and with Flask-Talisman."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_talisman import Talisman

from host_example import portal as host
from host_example.models import db
from tests.support.clinics import TestClinic, make_clinic
from tests.support.portal import make_portal, migrate

ACCOUNT = "/compte/rendez-vous-en-ligne"
MENU = [
    "Gestion des utilisateurs",
    "Gabarits de courriel",
    "Rendez-vous en ligne",
    "Catégories de rendez-vous",
    "Espèces de rendez-vous",
    "Gestion des ressources",
]
FRAMEWORK = {"bootstrap": "/bootstrap/static/css/bootstrap.min.css", "plain": "/static/plain.css"}


@pytest.fixture(scope="module", params=FRAMEWORK)
def layout(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def clinic(layout: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClinic]:
    app = make_portal(tmp_path_factory.mktemp(layout), RDV_DEMO_LAYOUT=layout)
    migrate(app)
    yield make_clinic(app, configured=True)
    with app.app_context():
        db.engine.dispose()


def soup(clinic: TestClinic, path: str) -> BeautifulSoup:
    return BeautifulSoup(clinic.login().get(path).text, "html.parser")


def test_the_menu_is_the_manuals_with_the_current_entry_marked(clinic: TestClinic) -> None:
    """S7, S8."""
    menu = soup(clinic, f"{ACCOUNT}/especes").select_one("nav.menu")
    assert [link.text.strip() for link in menu.select("a")][:6] == MENU
    assert [a.text.strip() for a in menu.select("[aria-current]")] == ["Espèces de rendez-vous"]


def test_its_own_styles_come_from_this_machine(clinic: TestClinic, layout: str) -> None:
    head = soup(clinic, f"{ACCOUNT}/").head
    styles = [link["href"] for link in head.select("link[rel=stylesheet]")]
    assert styles[0] == FRAMEWORK[layout]
    assert all(address.startswith("/") for address in styles)
    for address in styles:
        with clinic.login().get(address) as answer:
            assert answer.status_code == 200


def test_strangers_get_the_login_page_with_its_styles(clinic: TestClinic, layout: str) -> None:
    stranger = clinic.app.test_client()
    assert stranger.get(f"{ACCOUNT}/").location.startswith("/connexion?")
    assert stranger.get("/connexion").status_code == 200
    with stranger.get(FRAMEWORK[layout]) as styles:
        assert styles.status_code == 200


def test_what_was_saved_is_told_by_the_layout(clinic: TestClinic) -> None:
    client = clinic.login()
    page = BeautifulSoup(client.get(f"{ACCOUNT}/categories").text, "html.parser")
    token = page.select_one(".rdv-a [name=csrf_token]")["value"]
    answer = client.post(f"{ACCOUNT}/categories", data={"csrf_token": token}, follow_redirects=True)
    told = BeautifulSoup(answer.text, "html.parser").select("main > [role=status]")
    assert [note.text for note in told] == ["Modifications enregistrées."]


def test_a_layout_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="RDV_DEMO_LAYOUT must be one of logivet, bootstrap, plain"
    ):
        make_portal(tmp_path, RDV_DEMO_LAYOUT="bootstrap3")


@pytest.mark.parametrize("first", ["talisman", "package"])
class TestTalisman:
    """The portal with Flask-Talisman, set up before or after the package."""

    @pytest.fixture
    def guarded(
        self, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[TestClinic]:
        def guard(app: Flask) -> None:
            Talisman(app, force_https=False, session_cookie_secure=False)

        if first == "talisman":
            mail = host.mail.init_app
            monkeypatch.setattr(host.mail, "init_app", lambda app: (guard(app), mail(app)))
        app = make_portal(tmp_path, RDV_DEMO_LAYOUT="bootstrap")
        if first == "package":
            guard(app)
        migrate(app)
        yield make_clinic(app, configured=True)
        with app.app_context():
            db.engine.dispose()

    def test_account_pages_keep_its_policy_and_cannot_be_framed(self, guarded) -> None:
        headers = guarded.login().get(f"{ACCOUNT}/categories").headers
        policies = headers.getlist("Content-Security-Policy")
        assert any(policy.startswith("default-src 'self'") for policy in policies)
        assert "frame-ancestors 'none'" in policies
        assert headers["X-Frame-Options"] == "DENY"

    def test_account_pages_ask_nothing_that_its_policy_refuses(self, guarded) -> None:
        page = soup(guarded, f"{ACCOUNT}/categories")
        assert page.select("[style], style, script:not([src])") == []
        assert all(tag["src"].startswith("/") for tag in page.select("[src]"))

    def test_a_form_without_the_portals_token_saves_nothing(self, guarded) -> None:
        answer = guarded.login().post(f"{ACCOUNT}/categories", data={"op": "save"})
        assert answer.status_code == 400
