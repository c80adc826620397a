"""The widget in the pages of others, in a real browser over https: who may frame it (A1)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from flask_logivet_rdv.domains import parse
from tests.browser.sites import OTHER_PORT, OURS, address
from tests.browser.stage import (
    BLOCKED,
    CLINIC,
    EVIL,
    REFUSED,
    WIDGET,
    WIDGET_SHOWN,
    Stage,
    blocked,
    opened,
    portal,
    tab,
)
from tests.support.clinics import make_clinic
from tests.support.links import Link

pytestmark = pytest.mark.xdist_group("embedding")
ACCENTS = "clinique-vétérinaire.test"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with opened(portal(tmp_path_factory.mktemp("embedding"))) as running:
        yield running


@pytest.fixture
def page(stage: Stage) -> Iterator[Page]:
    with tab(stage) as new:
        yield new


YES, NO = True, False
CASES = [
    ("listed", ["www.clinique.test"], CLINIC, YES),
    ("listed among others", ["autre.test", "www.clinique.test"], CLINIC, YES),
    ("unlisted", ["www.clinique.test"], EVIL, NO),
    ("none saved", [], CLINIC, NO),
    ("www, the apex is listed", ["clinique.test"], CLINIC, NO),
    ("apex, www is listed", ["www.clinique.test"], "https://clinique.test", NO),
    ("other port", ["www.clinique.test"], f"{CLINIC}:{OTHER_PORT}", NO),
    ("the port that is listed", [f"www.clinique.test:{OTHER_PORT}"], f"{CLINIC}:{OTHER_PORT}", YES),
    ("not the port that is listed", [f"www.clinique.test:{OTHER_PORT}"], CLINIC, NO),
    ("http", ["www.clinique.test"], "http://www.clinique.test", NO),
    ("wildcard: www", ["*.clinique.test"], CLINIC, YES),
    ("wildcard: deeper", ["*.clinique.test"], "https://a.b.clinique.test", YES),
    ("wildcard: the apex", ["*.clinique.test"], "https://clinique.test", NO),
    ("wildcard: evilclinique", ["*.clinique.test"], "https://evilclinique.test", NO),
    ("wildcard: in front of another", ["*.clinique.test"], "https://clinique.test.mal.test", NO),
    ("accents", [parse(ACCENTS)], f"https://{ACCENTS}", YES),
    ("accents: another", [parse(ACCENTS)], EVIL, NO),
    ("accents never encoded", [ACCENTS], EVIL, NO),
    ("accents never encoded: itself", [ACCENTS, "www.clinique.test"], CLINIC, NO),
    ("injected: *", ["www.clinique.test", "x *"], EVIL, NO),
    ("injected: * alone", ["*"], EVIL, NO),
    ("injected: a directive", ["www.clinique.test; frame-ancestors *"], EVIL, NO),
    ("injected: a policy", ["www.clinique.test, frame-ancestors *"], EVIL, NO),
    ("injected: a scheme", ["https:"], EVIL, NO),
    ("injected: a keyword", ["'self' *"], EVIL, NO),
    ("injected: a header", ["x\r\nContent-Security-Policy: frame-ancestors *"], EVIL, NO),
]


@pytest.mark.parametrize(
    ("domains", "parent", "may"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_it_is_framed_by_the_clinics_sites_alone(
    stage: Stage, page: Page, domains: list[str], parent: str, may: bool
) -> None:
    """A parent that names itself may be told kindly; one that hides is refused all the same."""
    stage.save(*domains)
    named = stage.shows(page, address(parent, stage.widget))
    hidden = stage.shows(page, address(parent, stage.widget, policy="no-referrer"))
    if may:
        assert (named, hidden) == (WIDGET_SHOWN, WIDGET_SHOWN)
    else:
        assert named in {REFUSED, BLOCKED}
        assert hidden == BLOCKED


def test_a_site_that_is_not_listed_is_told_so_kindly(stage: Stage, page: Page) -> None:
    stage.save("www.clinique.test")
    assert stage.shows(page, address(EVIL, stage.widget)) == REFUSED


@pytest.mark.parametrize(
    ("outer", "inner", "shown"),
    [
        (EVIL, CLINIC, BLOCKED),
        (CLINIC, EVIL, BLOCKED),
        (CLINIC, CLINIC, WIDGET_SHOWN),
    ],
)
def test_every_frame_around_it_must_be_listed(
    stage: Stage, page: Page, outer: str, inner: str, shown: str
) -> None:
    stage.save("www.clinique.test")
    within = address(inner, stage.widget, policy="no-referrer")
    assert stage.shows(page, address(outer, within)) == shown


@pytest.mark.parametrize("where", ["details", "confirmation/x", "annuler/x", "annuler"])
@pytest.mark.parametrize("parent", [CLINIC, EVIL])
def test_a_page_about_nobody_may_be_framed_but_for_cancellation(
    stage: Stage, page: Page, where: str, parent: str
) -> None:
    page.goto(address(parent, f"{WIDGET}/{where}", policy="no-referrer"))
    assert blocked(page) == where.startswith("annuler")


def test_a_cancellation_page_is_framed_by_nobody(stage: Stage, page: Page) -> None:
    stage.save("www.clinique.test")
    path = Link(make_clinic(stage.app, configured=True)).path
    page.goto(address(CLINIC, OURS + path))
    assert blocked(page)
    page.goto(OURS + path)
    assert page.locator("textarea[name=reason]").count() == 1
