"""The manual from its first page to its last: LogiVet, staff and an owner, on the real demo."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import visitors
from tests.browser.demo import Demo, until
from tests.browser.visitors import Owner, choose, log_in, open_day, open_entry, visitor

pytestmark = pytest.mark.xdist_group("browser")

MENU = [
    "Gestion des utilisateurs",
    "Gabarits de courriel",
    "Rendez-vous en ligne",
    "Catégories de rendez-vous",
    "Espèces de rendez-vous",
    "Gestion des ressources",
]
CATALOGUE = {
    "Catégories de rendez-vous": [
        "Chirurgie", "Consultation comportementale", "Dentisterie", "Euthanasie", "Examen",
    ],
    "Espèces de rendez-vous": ["Autre", "Aviaire", "Canin", "Félin", "Reptile", "Rongeur"],
    "Gestion des ressources": ["Dr Gregory House", "Dr John Dolittle", "Technicien(nes)"],
}  # fmt: skip
BOTH = ("Consultation comportementale", "Examen")
ZOE = Owner(name="Zoé D'Amours-Côté", pet="Éclair", email="zoe@exemple.ca")
REASON = "Mon horaire a changé, l'animal va mieux."


@dataclass(frozen=True)
class Booked:
    owner: Owner
    day: str
    start: str
    slots_before: list[str]
    title: str
    seconds_to_logivet: float
    seconds_to_mail: float
    mail: EmailMessage
    cookies: list[object]


@dataclass(frozen=True)
class Cancelled:
    refusal: str
    slots_before: list[str]
    title: str
    text: str
    seconds_to_logivet: float
    mail: EmailMessage
    slots_after: list[str]


@pytest.fixture(scope="module")
def configured(demo: Demo, browser: Browser) -> str:
    """The second clinic, set up by its staff from nothing; the code of its widget."""
    with visitor(browser) as page:
        log_in(page, demo, demo.second)
        set_up_categories(page)
        set_up_species(page)
        set_up_dolittle(page)
        return set_up_site(page, demo)


def set_up_categories(page: Page) -> None:
    open_entry(page, "Catégories de rendez-vous")
    for category in BOTH:
        page.get_by_label(f"Rendez-vous en ligne : {category}").check()
    page.get_by_label(f"Augmenter la durée de {BOTH[0]}").click()
    visitors.save(page)


def set_up_species(page: Page) -> None:
    open_entry(page, "Espèces de rendez-vous")
    visitors.associate(page, "Canin", *BOTH)
    visitors.associate(page, "Félin", "Examen")
    visitors.save(page)


def set_up_dolittle(page: Page) -> None:
    open_entry(page, "Gestion des ressources")
    page.get_by_role("link", name="Éditer Dr John Dolittle").click()
    visitors.associate(page, "Canin", *BOTH)
    visitors.associate(page, "Félin", "Examen")
    visitors.save(page)
    page.locator(".rdv-tabs").get_by_role("link", name="Disponibilités en ligne").click()
    visitors.add_hours(page, "Lundi", "09h00", "11h30")
    visitors.add_hours(page, "Lundi", "13h00", "16h00")
    visitors.add_hours(page, "Mercredi", "10h00", "12h00")
    visitors.save(page)
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")


def set_up_site(page: Page, demo: Demo) -> str:
    open_entry(page, "Rendez-vous en ligne")
    host = demo.site_url.removeprefix("http://")
    page.get_by_label("Ajouter un domaine").fill(demo.site_url)
    page.get_by_role("button", name="Ajouter ce domaine").click()
    expect(page.locator(".rdv-chip")).to_contain_text(host)
    visitors.save(page)
    return page.get_by_label("Français", exact=True).input_value()


@pytest.fixture(scope="module")
def booked(demo: Demo, browser: Browser) -> Booked:
    """An owner's booking on the first clinic's own site."""
    with visitor(browser) as page:
        widget = visitors.widget_in(page, demo.first.page_url)
        choose(widget, "Canin", "Examen")
        day = open_day(widget)
        offered = visitors.times(widget)
        start = visitors.pick_first_time(widget)
        visitors.fill(widget, ZOE)
        with page.expect_response(lambda reply: reply.request.method == "POST"):
            visitors.reserve(widget)
        answered = time.monotonic()
        until(lambda: demo.first.entry(ZOE.name) and demo.first.messages(ZOE.name), 10)
        seconds_to_logivet = time.monotonic() - answered
        until(lambda: demo.mails(ZOE.email), 10)
        seconds_to_mail = time.monotonic() - answered
        return Booked(
            owner=ZOE,
            day=day,
            start=start,
            slots_before=offered,
            title=widget.get_by_role("heading", level=1).inner_text(),
            seconds_to_logivet=seconds_to_logivet,
            seconds_to_mail=seconds_to_mail,
            mail=demo.mails(ZOE.email)[0],
            cookies=list(page.context.cookies()),
        )


@pytest.fixture(scope="module")
def cancelled(demo: Demo, browser: Browser, booked: Booked) -> Cancelled:
    """The same owner's change of mind, by the link of the mail."""
    offer = demo.widget_url(demo.first)
    with visitor(browser) as page:
        slots_before = visitors.slots_of(page, offer, booked.day)
        page.goto(visitors.cancel_link(booked.mail))
        page.get_by_role("button", name="Annuler la réservation").click()
        refusal = page.get_by_role("alert").inner_text()
        page.get_by_label("Raison de l'annulation").fill(REASON)
        page.get_by_role("button", name="Annuler la réservation").click()
        title = page.get_by_role("heading", level=1)
        expect(title).to_have_text("Votre réservation a été annulée avec succès!")
        answered = time.monotonic()
        until(lambda: len(demo.first.messages(ZOE.name)) == 2, 10)
        seconds_to_logivet = time.monotonic() - answered
        until(lambda: len(demo.mails(ZOE.email)) > 1, 10)
        return Cancelled(
            refusal=refusal,
            slots_before=slots_before,
            title=title.inner_text(),
            text=page.locator("main").inner_text(),
            seconds_to_logivet=seconds_to_logivet,
            mail=demo.mails(ZOE.email)[1],
            slots_after=visitors.slots_of(page, offer, booked.day),
        )


@pytest.fixture
def staff(demo: Demo, browser: Browser) -> Iterator[Page]:
    with visitor(browser) as page:
        log_in(page, demo, demo.first)
        yield page


# 1. LogiVet sends what it has.


def test_logivet_is_connected_and_has_sent_everything(demo: Demo) -> None:
    until(lambda: demo.first.desktop()["connected"], 5)
    assert demo.first.desktop()["pending"] == 0


@pytest.mark.parametrize("entry", CATALOGUE)
def test_the_account_lists_what_logivet_sent(staff: Page, entry: str) -> None:
    open_entry(staff, entry)
    assert staff.get_by_role("rowheader").all_inner_texts() == CATALOGUE[entry]


# 2. The clinic's staff set up the service.


def test_the_menu_has_the_manuals_order(staff: Page) -> None:
    staff.get_by_role("link", name="Compte", exact=True).click()
    assert staff.locator("nav.menu a").all_inner_texts() == MENU


def test_the_code_is_the_iframe_of_the_clinics_widget(demo: Demo, configured: str) -> None:
    assert configured.startswith(f'<iframe src="{demo.widget_url(demo.second)}"')
    assert configured.endswith("></iframe>")


def test_the_menu_of_languages_changes_the_code(demo: Demo, staff: Page) -> None:
    open_entry(staff, "Rendez-vous en ligne")
    staff.get_by_label("Langue du widget").select_option("Anglais")
    code = staff.locator(".rdv-code:visible > textarea")
    expect(code).to_have_value(re.compile(re.escape(demo.widget_url(demo.first, "en"))))


def test_what_was_saved_is_there_for_the_next_person(
    demo: Demo, configured: str, page: Page
) -> None:
    log_in(page, demo, demo.second)
    open_entry(page, "Catégories de rendez-vous")
    durations = {name: page.get_by_label(f"Durée de {name}, en minutes") for name in BOTH}
    assert [field.input_value() for field in durations.values()] == ["45", "30"]
    open_entry(page, "Gestion des ressources")
    dolittle = page.get_by_role("row").filter(has_text="Dr John Dolittle")
    expect(dolittle).to_contain_text("Activée")
    dolittle.get_by_role("link", name="Éditer").click()
    page.locator(".rdv-tabs").get_by_role("link", name="Disponibilités en ligne").click()
    assert visitors.hours(page, "Lundi") == ["09h00", "11h30", "13h00", "16h00"]
    assert visitors.hours(page, "Mercredi") == ["10h00", "12h00"]
    assert visitors.hours(page, "Dimanche") == []


@pytest.mark.parametrize(("species", "categories"), [("Canin", list(BOTH)), ("Félin", ["Examen"])])
def test_the_widget_offers_what_was_set_up(
    demo: Demo, configured: str, page: Page, species: str, categories: list[str]
) -> None:
    widget = visitors.widget_in(page, demo.second.page_url)
    widget.locator("select[name=species]").select_option(label=species)
    offered = widget.locator("select[name=category]:enabled option:not([value=''])")
    expect(offered).to_have_text(categories)
    choose(widget, species, "Examen")
    open_day(widget)
    assert len(visitors.times(widget)) == 4, "10h00 to 12h00 has four exams"


# 3. An owner books on the clinic's own site.


def test_this_browser_gives_a_frame_of_another_site_no_cookie(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.portal_url}/connexion")
    page.evaluate("document.cookie = 'probe=1; SameSite=None; Secure'")
    assert "probe" in page.evaluate("document.cookie")
    widget = visitors.widget_in(page, demo.first.page_url)
    assert widget.evaluate("document.cookie") == ""


def test_the_widget_is_framed_by_another_origin(demo: Demo, page: Page) -> None:
    widget = visitors.widget_in(page, demo.site_url)
    assert widget.url == demo.widget_url(demo.first)
    assert not widget.url.startswith(demo.site_url)


def test_the_owner_reads_that_the_appointment_is_booked(booked: Booked) -> None:
    assert booked.title == "Votre rendez-vous est réservé!"


def test_booking_sets_no_cookie(booked: Booked) -> None:
    assert booked.cookies == []


# 4. Mail and LogiVet.


def test_the_confirmation_comes_within_five_seconds(booked: Booked) -> None:
    assert booked.seconds_to_mail < 5


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_the_confirmation_names_owner_pet_and_the_way_to_cancel(booked: Booked, kind: str) -> None:
    text = booked.mail.get_body((kind,)).get_content().replace("&#39;", "'")
    assert f"Bonjour {ZOE.name}," in text
    assert f"Votre rendez-vous pour {ZOE.pet} est confirmé." in text
    assert "ANNULER CE RENDEZ-VOUS" in text
    assert visitors.cancel_link(booked.mail) in text


def test_the_confirmation_has_the_calendar_entry(booked: Booked) -> None:
    calendar = next(booked.mail.iter_attachments())
    assert calendar.get_content_type() == "text/calendar"
    compact = re.sub(r"[-:]", "", booked.start)
    assert f"DTSTART:{compact}" in calendar.get_content()


def test_logivet_has_appointment_and_message_within_a_second(booked: Booked) -> None:
    assert booked.seconds_to_logivet < 1


def test_the_appointment_is_in_the_resources_column(demo: Demo, booked: Booked) -> None:
    entry = demo.first.entry(ZOE.name)
    start = datetime.fromisoformat(booked.start)
    assert entry["resource"] == "Dr John Dolittle"
    assert datetime.fromisoformat(entry["start"]) == start
    assert datetime.fromisoformat(entry["end"]) == start + timedelta(minutes=30)


def test_the_message_centre_tells_of_the_booking(demo: Demo, booked: Booked) -> None:
    message = demo.first.messages(ZOE.name)[-1]
    assert message["subject"] == "Nouveau rendez-vous en ligne"
    assert ZOE.pet in message["body"]
    assert ZOE.reason in message["body"]


def test_logivets_screens_show_appointment_and_message(
    demo: Demo, booked: Booked, page: Page
) -> None:
    page.goto(f"{demo.first.desktop_url}?day={booked.day}")
    column = page.locator("[data-resource='2']")
    expect(column.get_by_role("link").filter(has_text=ZOE.name)).to_be_visible()
    page.goto(f"{demo.first.desktop_url}messages")
    expect(page.get_by_text(ZOE.email).last).to_be_visible()


# The other clinic knows nothing of it.


@pytest.mark.usefixtures("booked")
def test_the_other_clinics_logivet_has_nothing_of_it(demo: Demo) -> None:
    state = demo.second.desktop()
    assert [entry for entry in state["entries"] if entry["booking_id"]] == []
    assert state["messages"] == []


def test_the_other_clinics_account_has_nothing_of_it(
    demo: Demo, booked: Booked, configured: str, page: Page
) -> None:
    log_in(page, demo, demo.second)
    for entry in MENU:
        open_entry(page, entry)
        for mine in (ZOE.name, ZOE.pet, ZOE.email):
            expect(page.locator("body")).not_to_contain_text(mine)


def test_the_other_clinics_widget_still_offers_that_time(
    demo: Demo, booked: Booked, configured: str, page: Page
) -> None:
    offered = visitors.slots_of(page, demo.widget_url(demo.second), booked.day)
    assert booked.start in offered


# 5. The owner cancels by the link of the mail.


def test_a_taken_time_is_no_longer_offered(booked: Booked, cancelled: Cancelled) -> None:
    assert booked.start in booked.slots_before
    assert booked.start not in cancelled.slots_before


def test_cancelling_asks_for_a_reason(cancelled: Cancelled) -> None:
    assert "Raison de l'annulation est obligatoire." in cancelled.refusal


def test_the_owner_reads_that_it_is_cancelled(cancelled: Cancelled) -> None:
    told = (
        "Une communication a été transmise à votre vétérinaire"
        " pour l'annulation de votre rendez-vous."
    )
    assert cancelled.title == "Votre réservation a été annulée avec succès!"
    assert told in cancelled.text


def test_the_cancellation_is_confirmed_by_mail(cancelled: Cancelled, demo: Demo) -> None:
    text = cancelled.mail.get_body(("plain",)).get_content()
    assert f"À votre demande, le rendez-vous prévu pour {ZOE.pet}, le " in text
    assert "a été annulé avec succès." in text
    assert f"L'équipe de {demo.first.name}" in text


def test_logivet_has_the_cancellation_within_a_second(cancelled: Cancelled) -> None:
    assert cancelled.seconds_to_logivet < 1


def test_the_appointment_is_cancelled_in_the_agenda(demo: Demo, cancelled: Cancelled) -> None:
    assert demo.first.entry(ZOE.name)["status"] == "Annulé"


def test_its_description_mentions_the_cancellation(demo: Demo, cancelled: Cancelled) -> None:
    description = demo.first.entry(ZOE.name)["description"]
    assert "Rendez-vous annulé en ligne par le client" in description
    assert description.endswith(f"Raison\N{NO-BREAK SPACE}: {REASON}")
    assert ZOE.reason in description


def test_the_message_centre_tells_of_the_cancellation(demo: Demo, cancelled: Cancelled) -> None:
    message = demo.first.messages(ZOE.name)[0]
    assert message["subject"] == "Rendez-vous en ligne annulé"
    assert REASON in message["body"]


def test_the_time_is_offered_again(booked: Booked, cancelled: Cancelled) -> None:
    assert cancelled.slots_after == booked.slots_before
