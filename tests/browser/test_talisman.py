"""A host with Flask-Talisman as it comes, set up before the package or after it (A4)."""

from collections.abc import Iterator

import pytest
from flask_talisman import Talisman

import host_example.portal
from tests.browser.sites import OURS, address
from tests.browser.stage import BLOCKED, CLINIC, EVIL, WIDGET_SHOWN, Stage, opened, portal, tab

pytestmark = pytest.mark.xdist_group("embedding")


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
