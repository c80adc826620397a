"""The manual's sentences that a script makes handy: S14 to S16, S24, S63 and S64."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.scenes import SCENES, Portal, portals
from tests.browser.visitors import visitor

pytestmark = pytest.mark.xdist_group("account pages")

SHOWN_CODE = ".rdv-code[data-lang] > textarea:visible"
CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portals(tmp_path_factory.mktemp("portal"), ("plain",), ("fr",)) as made:
        yield made["plain"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visitor(browser, permissions=CLIPBOARD) as opened:
        opened.on("dialog", lambda dialog: dialog.accept())
        yield opened


def show(portal: Portal, page: Page, name: str) -> None:
    portal.show(page, next(scene for scene in SCENES if scene.name == name), "fr")


def row(page: Page, name: str) -> Locator:
    header = page.get_by_role("rowheader", name=name, exact=True)
    return page.get_by_role("row").filter(has=header)


def test_s14_plus_raises_a_duration_and_minus_lowers_it_down_to_the_least(
    portal: Portal, page: Page
) -> None:
    show(portal, page, "A1")
    typed = page.get_by_label("Durée de Examen, en minutes")
    plus, minus = (
        page.get_by_label(f"{do} la durée de Examen") for do in ("Augmenter", "Diminuer")
    )
    seen = []
    for button in (plus, plus, minus, minus, minus, minus):
        button.click()
        seen.append(typed.input_value())
    assert seen == ["45", "60", "45", "30", "15", "5"]
    minus.click()
    expect(typed).to_have_value("5")
    typed.fill("470")
    plus.click()
    plus.click()
    expect(typed).to_have_value("480")


def test_s15_a_row_that_is_not_online_has_an_empty_stepper_that_is_off(
    portal: Portal, page: Page
) -> None:
    show(portal, page, "A1")
    stepper = row(page, "Chirurgie").locator(".rdv-stepper")
    expect(stepper.locator("input")).to_have_value("")
    for part in stepper.locator("input, button").all():
        expect(part).to_be_disabled()
    box = page.get_by_label("Rendez-vous en ligne : Consultation comportementale")
    typed = page.get_by_label("Durée de Consultation comportementale, en minutes")
    box.uncheck()
    expect(typed).to_have_value("")
    expect(typed).to_be_disabled()
    box.check()
    expect(typed).to_have_value("45")


def test_s16_a_row_that_is_put_online_is_proposed_half_an_hour(portal: Portal, page: Page) -> None:
    show(portal, page, "A1")
    page.get_by_label("Rendez-vous en ligne : Chirurgie").check()
    expect(page.get_by_label("Durée de Chirurgie, en minutes")).to_have_value("30")


def test_s24_a_category_that_is_chosen_becomes_a_chip(portal: Portal, page: Page) -> None:
    show(portal, page, "A2")
    cat = row(page, "Félin")
    expect(cat.locator(".rdv-chip span")).to_have_text(["Examen"])
    cat.locator("summary").click()
    cat.get_by_label("Consultation comportementale").check()
    expect(cat.locator(".rdv-chip span")).to_have_text(["Consultation comportementale", "Examen"])
    expect(cat.get_by_role("button", name="Retirer Consultation comportementale")).to_be_visible()


def test_s63_the_list_of_languages_changes_the_code_that_is_shown(
    portal: Portal, page: Page
) -> None:
    show(portal, page, "A0")
    shown = page.locator(SHOWN_CODE)
    languages = page.get_by_label("Langue du widget")
    for choice, lang in (("Anglais", "en"), ("Français", "fr")):
        languages.select_option(label=choice)
        expect(shown).to_have_count(1)
        assert f'&lang={lang}"' in shown.input_value()


def test_s64_the_code_that_is_shown_is_copied(portal: Portal, page: Page) -> None:
    show(portal, page, "A0")
    page.get_by_label("Langue du widget").select_option(label="Anglais")
    page.get_by_role("button", name="Copier le code").click()
    expect(page.get_by_role("button", name="Code copié")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(SHOWN_CODE).input_value()
    assert '&lang=en"' in copied
