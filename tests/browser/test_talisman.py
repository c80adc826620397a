"""A host with Flask-Talisman as it comes, set up before the package or after it (A4)."""

from collections.abc import Iterator

import pytest
from flask_talisman import Talisman
from playwright.sync_api import expect

import host_example.portal
from tests.browser.people import PREFIX
from tests.browser.sites import OURS, address
from tests.browser.stage import BLOCKED, CLINIC, EVIL, WIDGET_SHOWN, Stage, opened, portal, tab
from tests.support.clinics import DOLITTLE

pytestmark = pytest.mark.xdist_group("embedding")

CSP = "content-security-policy"


@pytest.fixture(scope="module", params=["before", "after"])
def strict(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patched:
        if request.param == "before":
            mail = host_example.portal.mail
            init = mail.init_app
            patched.setattr(mail, "init_app", lambda app: (Talisman(app), init(app)))
        app = portal(tmp_path_factory.mktemp("talisman"))
    if request.param == "after":
        Talisman(app)
    with opened(app) as running:
        yield running


@pytest.mark.parametrize(("parent", "shown"), [(CLINIC, WIDGET_SHOWN), (EVIL, BLOCKED)])
def test_the_list_decides_who_frames_the_widget(strict: Stage, parent: str, shown: str) -> None:
    strict.save("www.clinique.test")
    with tab(strict) as page:
        within = address(parent, strict.widget, policy="no-referrer")
        assert strict.shows(page, within) == shown


def test_the_hosts_own_pages_keep_their_policy(strict: Stage) -> None:
    with tab(strict) as page:
        headers = page.goto(f"{OURS}/connexion").headers
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["content-security-policy"].startswith("default-src 'self'")


def test_the_account_pages_work_under_the_hosts_policy(strict: Stage) -> None:
    refused: list[str] = []
    cookie = strict.clinic.login().get_cookie("logivet", path="/")
    assert cookie
    week = f"{PREFIX}/ressources/{strict.clinic.resources[DOLITTLE]}/disponibilites"
    with tab(strict) as page:
        page.context.add_cookies([{"name": "logivet", "value": cookie.value, "url": OURS}])
        page.on("console", lambda told: refused.append(told.text) if told.type == "error" else None)
        answer = page.goto(f"{OURS}{week}")
        policies = [h["value"] for h in answer.headers_array() if h["name"].lower() == CSP]
        assert policies[0].startswith("default-src 'self'")
        page.get_by_role("button", name="Ajouter une plage le mardi").click()
        expect(page.locator("#start-2-1")).to_be_focused()
        assert (
            page.locator(".rdv-switch").evaluate("one => getComputedStyle(one).display") == "flex"
        )
    assert refused == []
