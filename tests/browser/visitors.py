"""What people do in their browser: pet owners in the widget, staff in the account."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Frame, Locator, Page, expect

from tests.browser.demo import Clinic, Demo

WEDNESDAY = 2
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));"""
# A form refused with 422 is an answer; the browser calls each of them an error.
EXPECTED = re.compile(r"the server responded with a status of 422\b")


@contextmanager
def visitor(browser: Browser, **options: Any) -> Iterator[Page]:
    """Someone in Montréal, with a browser profile of their own; no page may report an error."""
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            errors.append(f"{message.text} ({message.location['url']})")

    context = browser.new_context(locale="fr-CA", timezone_id="America/Toronto", **options)
    context.set_default_timeout(10_000)
    context.on("console", listen)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.add_init_script(TELL_VIOLATIONS)
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not errors, errors


@dataclass(frozen=True)
class Owner:
    name: str
    pet: str
    email: str
    phone: str = "514 555-0177"
    reason: str = "Boite de la patte arrière depuis hier."


def widget_in(page: Page, address: str) -> Frame:
    """Open a clinic's page and return the frame of its widget."""
    page.goto(address)
    return page.frames[1]


def choose(widget: Frame | Page, species: str, category: str, *, scripts: bool = True) -> None:
    """Choose a species, a category, and Dr John Dolittle."""
    names = {"species": species, "category": category, "resource": "Dr John Dolittle"}
    for name, label in names.items():
        widget.locator(f"select[name={name}]").select_option(label=label)
        if not scripts:
            widget.locator("form.rdv-choices").get_by_role("button").click()
        expect(widget.locator(f"select[name={name}] option:checked")).to_have_text(label)
    expect(widget.locator(".rdv-cal")).to_be_visible()
    # a click that begins on a page and ends on the next is nobody's
    expect(widget.locator("#rdv")).not_to_have_attribute("aria-busy", "true")


def open_day(widget: Frame | Page, weekday: int = WEDNESDAY) -> str:
    """Open the first `weekday` (0 is Monday) at least 25 hours away; return its ISO date."""
    soonest = date.today() + timedelta(days=3)  # noqa: DTZ011 any zone's today will do
    for _ in range(3):
        days = widget.locator("button[name=day]")
        offered = [day.get_attribute("value") for day in days.all()]
        fitting = [d for d in map(date.fromisoformat, offered) if d >= soonest]
        if chosen := next((d for d in fitting if d.weekday() == weekday), None):
            widget.locator(f"button[name=day][value='{chosen}']").click()
            times_of_day = f"form[action*=details] input[value='{chosen}']"
            expect(widget.locator(times_of_day)).to_be_attached()
            return str(chosen)
        shown = widget.locator("#rdv-month").inner_text()
        widget.locator("button[data-to=next]").click()
        expect(widget.locator("#rdv-month")).not_to_have_text(shown)
    raise AssertionError("no such day is offered")


def times(widget: Frame | Page) -> list[str]:
    """The instants offered on the open day, as UTC."""
    return [str(one.get_attribute("value")) for one in widget.locator("input[name=start]").all()]


def pick_first_time(widget: Frame | Page) -> str:
    """Choose the first time of the open day, go on to the form, and return its instant."""
    first = widget.locator(".rdv-slot").first
    first.click()
    start = first.locator("input").get_attribute("value")
    widget.locator("form[action*=details] button").click()
    expect(widget.locator("input[name=email]")).to_be_visible()
    return str(start)


def fill(widget: Frame | Page, owner: Owner) -> None:
    """Fill the form and consent."""
    for field in ("name", "email", "phone", "reason"):
        widget.locator(f"[name={field}]").fill(getattr(owner, field))
    widget.locator("[name=pet_name]").fill(owner.pet)
    widget.locator("[name=consent]").check()


def reserve(widget: Frame | Page) -> None:
    """Send the form."""
    widget.locator(".rdv-go .rdv-btn").first.click()


def slots_of(page: Page, address: str, day: str) -> list[str]:
    """The instants that the widget at `address` offers on `day` for a dog's exam."""
    page.goto(address)
    choose(page, "Canin", "Examen")
    page.goto(f"{page.url}&day={day}")
    return times(page)


def cancel_link(mail: Any) -> str:
    """The link of a confirmation."""
    text = mail.get_body(("plain",)).get_content()
    found = re.search(r"^http\S+/annuler/\S+", text, re.MULTILINE)
    assert found
    return found.group()


def log_in(page: Page, demo: Demo, clinic: Clinic) -> None:
    """Log a clinic's staff in."""
    page.goto(f"{demo.portal_url}/connexion")
    page.locator("input[name=email]").fill(clinic.email)
    page.locator("input[name=password]").fill(clinic.password)
    page.locator("main form button").click()
    expect(page.locator("form.who")).to_be_visible()


def open_entry(page: Page, entry: str) -> None:
    """Go to an entry of the « Compte » menu."""
    page.get_by_role("link", name="Compte", exact=True).click()
    page.locator("nav.menu").get_by_role("link", name=entry, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(entry)
    page.wait_for_load_state()  # its style and script are part of the page


def save(page: Page) -> None:
    """Press ENREGISTRER; the page says that it is saved."""
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_text("Modifications enregistrées.")).to_be_visible()


def associate(page: Page, species: str, *categories: str) -> None:
    """Put a species online with its categories, in a table of A2 or A4a."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=species))
    row.get_by_label(f"Rendez-vous en ligne : {species}").check()
    row.locator("summary").click()
    for category in categories:
        row.locator("details").get_by_label(category, exact=True).check()


def day_of_week(page: Page, day: str) -> Locator:
    """The line of a day among the weekly hours."""
    return page.locator(".rdv-week > div").filter(has=page.get_by_text(day, exact=True))


def add_hours(page: Page, day: str, start: str, end: str) -> None:
    """Add a range to a day with its « + »."""
    line = day_of_week(page, day)
    before = line.locator(".rdv-hour").count()
    line.get_by_role("button", name=f"Ajouter une plage le {day.lower()}").click()
    expect(line.locator(".rdv-hour")).to_have_count(before + 2)
    line.locator(".rdv-hour").nth(before).fill(start)
    line.locator(".rdv-hour").nth(before + 1).fill(end)


def hours(page: Page, day: str) -> list[str]:
    """The times of a day as they stand in the fields."""
    return [field.input_value() for field in day_of_week(page, day).locator(".rdv-hour").all()]
