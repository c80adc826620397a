"""The same steps in a browser without JavaScript: every page is a plain form."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import visitors
from tests.browser.demo import Demo, until
from tests.browser.visitors import Owner, choose, log_in, open_day, open_entry

pytestmark = pytest.mark.xdist_group("browser")

LEA = Owner(name="Léa L'Heureux", pet="Biscuit", email="lea@exemple.ca")


def test_staff_add_hours_with_plus_and_save_them(demo: Demo, scriptless_page: Page) -> None:
    page = scriptless_page
    log_in(page, demo, demo.second)
    open_entry(page, "Gestion des ressources")
    page.get_by_role("link", name="Éditer Dr Gregory House").click()
    page.locator(".rdv-tabs").get_by_role("link", name="Disponibilités en ligne").click()
    visitors.add_hours(page, "Mardi", "13h00", "16h00")
    visitors.save(page)
    page.goto(page.url)
    assert visitors.hours(page, "Mardi") == ["13h00", "16h00"]


def test_an_owner_books_and_cancels(demo: Demo, scriptless_page: Page) -> None:
    page = scriptless_page
    widget = visitors.widget_in(page, demo.first.page_url)
    choose(widget, "Félin", "Examen", scripts=False)
    open_day(widget)
    visitors.pick_first_time(widget)
    visitors.fill(widget, LEA)
    visitors.reserve(widget)
    expect(widget.get_by_role("heading", level=1)).to_have_text("Votre rendez-vous est réservé!")
    until(lambda: demo.mails(LEA.email), 5)
    page.goto(visitors.cancel_link(demo.mails(LEA.email)[0]))
    page.get_by_role("button", name="Annuler la réservation").click()
    expect(page.get_by_role("alert")).to_contain_text("Raison de l'annulation est obligatoire.")
    page.get_by_label("Raison de l'annulation").fill("Guéri")
    page.get_by_role("button", name="Annuler la réservation").click()
    expect(page).to_have_title(re.compile("Votre réservation a été annulée avec succès!"))
    until(lambda: demo.first.entry(LEA.name)["status"] == "Annulé", 5)
