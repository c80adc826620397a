"""The manual's sentences S3 to S31: subscription, menu, categories and species, one test each."""

from dataclasses import replace

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, Category, Species
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION
from tests.blueprints.account.conftest import PREFIX, Page, words
from tests.blueprints.account.rows import (
    cells,
    checked,
    chips,
    choices,
    headings,
    offered,
    row_of,
    send,
    spoken,
)
from tests.blueprints.account.support import support_person
from tests.support.clinics import DOLITTLE
from tests.support.links import Link

CONSULTATION, EXAM = "Consultation comportementale", "Examen"
LISTS = ("/", "/categories", "/especes", "/ressources")
SUBSCRIBE = (
    "Vous devez être abonné au service de rendez-vous en ligne via LogiVet"
    " afin de pouvoir utiliser cette fonction."
)
ASKS_SUPPORT = "Contactez un de nos agents de support pour obtenir le formulaire d'abonnement."


@pytest.fixture
def ended(clinic):
    """A clinic whose subscription has ended."""
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: set_subscription(tx, False))
    return clinic


@pytest.fixture
def pages(clinic):
    """Every page of the account."""
    resource = f"/ressources/{clinic.resources[DOLITTLE]}"
    return (*LISTS, f"{resource}/categories", f"{resource}/disponibilites")


def test_s03_without_a_subscription_nothing_can_be_set_or_booked(ended, staff, owner, pages, row):
    for path in pages:
        page = staff.get(path)
        assert (page.status, SUBSCRIBE in page.text) == (200, True)
        for form in page.body.select("form"):
            assert form.find("fieldset").has_attr("disabled")
            assert not form.select(".rdv-save")
        if path != "/ressources":
            assert staff.send(path, {"op": "save"}).status == 403
    assert row(Category, ended, ended.categories[EXAM]).online
    widget = owner.calendar()
    assert "n'est pas offerte pour le moment" in widget.text
    assert not widget.all("form, table")


def test_s03_what_is_booked_can_still_be_cancelled(clinic, session):
    link = Link(clinic)
    transact(jobs.desk(), clinic.account_id, lambda tx: set_subscription(tx, False))
    assert link.post().status_code == 303
    session.rollback()
    assert session.get(Booking, (clinic.account_id, link.booking_id)).status == "cancelled"


def test_s04_the_banner_says_how_to_reach_support(ended, staff, pages):
    for path in pages:
        banner = staff.get(path).body.select_one(".rdv-box--warn")
        assert ASKS_SUPPORT in words(banner)
        assert banner.a["href"] == "mailto:soutien@logivet.exemple.ca"


def test_s05_logivet_activates_the_service_and_the_clinic_cannot(ended, portal, staff):
    address = f"/soutien/{ended.account_id}/abonnement"
    assert staff.send(address, {"active": "1"}).status == 403
    assert SUBSCRIBE in staff.get("/").text
    assert support_person(portal).send(address, {"active": "1"}).status == 303
    assert SUBSCRIBE not in staff.get("/").text
    assert staff.send("/", {"op": "save"}).status == 303


def test_s06_a_login_is_needed_and_leads_to_the_own_clinic_only(
    portal, clinic, staff, bare_staff, pages
):
    for path in pages:
        answer = portal.test_client().get(PREFIX + path)
        assert (answer.status_code, "/connexion" in answer.location) == (302, True)
    entry = staff.get("/categories").soup.select_one(f".menu a[href='{PREFIX}/']")
    assert words(entry) == "Rendez-vous en ligne"
    assert str(clinic.account_id) in staff.get("/").answer.text
    assert str(clinic.account_id) not in bare_staff.get("/").answer.text
    assert not bare_staff.get("/categories").body.select("input[checked]")
    assert bare_staff.get(pages[-1]).status == 404


def test_s07_the_menu_is_the_manuals(staff):
    entries = staff.get("/").soup.select(".menu a")
    assert words(staff.get("/").soup.select_one(".menu h2")) == "Compte"
    assert [words(entry) for entry in entries] == [
        "Gestion des utilisateurs",
        "Gabarits de courriel",
        "Rendez-vous en ligne",
        "Catégories de rendez-vous",
        "Espèces de rendez-vous",
        "Gestion des ressources",
    ]
    below = entries[2].find_parent("li").select(":scope > ul a")
    assert [words(entry) for entry in below] == [words(entry) for entry in entries[3:]]


@pytest.mark.parametrize("printed", [False, True])
def test_s08_one_entry_is_marked_as_the_current_one(
    clinic, staff, pages, monkeypatch, printed: bool
):
    here = clinic.app.extensions[EXTENSION]
    settings = replace(here.settings, subnav=printed)
    monkeypatch.setitem(clinic.app.extensions, EXTENSION, replace(here, settings=settings))
    pages = (*pages, "/historique", "/pourquoi")
    names = {
        "/": "Rendez-vous en ligne",
        "/historique": "Rendez-vous en ligne",
        "/pourquoi": "Rendez-vous en ligne",
        "/categories": "Catégories de rendez-vous",
        "/especes": "Espèces de rendez-vous",
    }
    menu = ".rdv-a > nav" if printed else ".menu"
    for path in pages:
        marked = staff.get(path).soup.select(f"{menu} [aria-current]")
        assert [words(a) for a in marked] == [names.get(path, "Gestion des ressources")]


def test_s09_categories_are_identified_with_their_duration(clinic, staff):
    surgery, exam = clinic.categories["Chirurgie"], clinic.categories[EXAM]
    fields = {f"online-{surgery}": "1", f"duration-{surgery}": "120", f"duration-{exam}": "35"}
    assert send(staff, "/categories", fields).status == 303
    page = staff.get("/categories")
    assert (checked(page, "Chirurgie"), page.value(f"duration-{surgery}")) == (True, "120")
    assert (checked(page, EXAM), page.value(f"duration-{exam}")) == (True, "35")


def test_s10_the_categories_have_the_manuals_title_and_sentence(staff):
    page = staff.get("/categories")
    assert page.names("h1, .rdv-lead") == [
        "Catégories de rendez-vous",
        "Sélectionnez les catégories pour lesquelles il est possible de prendre"
        " rendez-vous en ligne.",
    ]


def test_s11_columns_of_categories(staff):
    assert headings(staff.get("/categories")) == [
        ("Français ▲", "ascending"),
        ("Anglais ▼", "none"),
        ("Rendez-vous en ligne ▼", "none"),
        ("Durée (minutes)", None),
    ]
    page = staff.get("/categories", sort="en", dir="asc")
    assert [sort for _, sort in headings(page)] == ["none", "ascending", "none", None]
    assert headings(page)[1][0] == "Anglais ▲"
    assert len(page.body.select("thead button")) == 3


def test_s12_rows_are_in_french_alphabetical_order(staff, logivet):
    logivet.has("category", "c9", "Écho", "Ultrasound")
    assert staff.get("/categories").column(0) == [
        "Chirurgie",
        "Consultation comportementale",
        "Dentisterie",
        "Écho",
        "Euthanasie",
        "Examen",
    ]


def test_s13_each_row_has_a_checkbox_of_its_own_and_some_are_checked(staff):
    boxes = staff.get("/categories").body.select("tbody input[type=checkbox]")
    found = {spoken(box["aria-label"]): box.has_attr("checked") for box in boxes}
    assert found == {
        "Rendez-vous en ligne : Chirurgie": False,
        "Rendez-vous en ligne : Consultation comportementale": True,
        "Rendez-vous en ligne : Dentisterie": False,
        "Rendez-vous en ligne : Euthanasie": False,
        "Rendez-vous en ligne : Examen": True,
    }


def test_s14_a_duration_stands_between_minus_and_plus(staff):
    page = staff.get("/categories")
    for name, minutes in ((CONSULTATION, "45"), (EXAM, "30")):
        minus, typed, plus = row_of(page, name).select_one(".rdv-stepper").find_all(True)
        assert (words(minus), typed["value"], words(plus)) == ("−", minutes, "+")
        assert (minus["data-step"], plus["data-step"]) == ("-15", "15")
        assert minus["aria-label"] == f"Diminuer la durée de {name}"
        assert plus["aria-label"] == f"Augmenter la durée de {name}"


def test_s15_what_is_not_online_has_no_duration(clinic, staff, row):
    surgery = clinic.categories["Chirurgie"]
    assert staff.get("/categories").value(f"duration-{surgery}") == ""
    assert send(staff, "/categories", {f"duration-{surgery}": "60"}).status == 303
    assert row(Category, clinic, surgery).duration_min is None
    assert staff.get("/categories").value(f"duration-{surgery}") == ""


def test_s16_online_needs_a_duration(clinic, staff, row):
    surgery = clinic.categories["Chirurgie"]
    page = send(staff, "/categories", {f"online-{surgery}": "1", f"duration-{surgery}": ""})
    assert (page.status, page.problems) == (422, ["Durée de Chirurgie est obligatoire."])
    assert words(row_of(page, "Chirurgie").select_one(".rdv-wrong")) == page.problems[0]
    assert not row(Category, clinic, surgery).online


def steals_the_name_of(staff, path, row_id):
    """Return the status of a form that names a row anew, and the names of the page's fields."""
    fields = [field["name"] for field in staff.get(path).body.select("table [name]")]
    stolen = dict.fromkeys(("name", "name_fr", f"name-{row_id}", f"name_fr-{row_id}"), "Volé")
    return send(staff, path, stolen).status, {name.partition("-")[0] for name in fields}


def test_s17_the_names_of_categories_are_logivets_own(clinic, staff, row):
    exam = clinic.categories[EXAM]
    status, fields = steals_the_name_of(staff, "/categories", exam)
    assert (status, fields) == (303, {"op", "online", "duration"})
    assert row(Category, clinic, exam).name_fr == EXAM


def test_s18_a_new_category_comes_off_and_a_renamed_one_keeps_its_settings(
    staff, logivet, owner, clinic
):
    logivet.has("category", "c9", "Vaccin", "Vaccine")
    logivet.has("category", clinic.logivet[f"category:{EXAM}"], "Examen annuel", "Yearly exam")
    page = staff.get("/categories")
    assert not checked(page, "Vaccin")
    assert row_of(page, "Vaccin").select_one(".rdv-stepper input")["value"] == ""
    assert checked(page, "Examen annuel")
    assert row_of(page, "Examen annuel").select_one(".rdv-stepper input")["value"] == "30"
    assert EXAM not in page.column(0)
    assert offered(owner, "category", species=clinic.species["Canin"]) == [
        CONSULTATION,
        "Examen annuel",
    ]


def is_gone_everywhere(staff, owner, clinic, name):
    """Tell whether a category is on no page of the account and not in the widget."""
    offers = f"/ressources/{clinic.resources[DOLITTLE]}/categories"
    seen = [name in staff.get(path).text for path in ("/categories", "/especes", offers)]
    dogs = offered(owner, "category", species=clinic.species["Canin"])
    return not any(seen) and name not in dogs


def test_s19_a_category_switched_off_in_logivet_is_removed(clinic, staff, logivet, owner, row):
    link = Link(clinic)
    assert not is_gone_everywhere(staff, owner, clinic, EXAM)
    logivet.deactivates("category", EXAM, "Exam")
    assert is_gone_everywhere(staff, owner, clinic, EXAM)
    booking = row(Booking, clinic, link.booking_id)
    assert booking.labels["category"] == {"fr": "Examen", "en": "Exam"}
    assert "mercredi 25 mars 2026, 10 h à 10 h 30" in spoken(Page(link.get()).text)
    assert link.post().status_code == 303
    logivet.has("category", clinic.logivet[f"category:{EXAM}"], EXAM, "Exam")
    page = staff.get("/categories")
    assert not checked(page, EXAM)
    assert row_of(page, EXAM).select_one(".rdv-stepper input")["value"] == ""


def test_s20_a_category_deleted_in_logivet_is_removed(clinic, staff, logivet, owner):
    link = Link(clinic)
    logivet.deletes("category", EXAM)
    assert is_gone_everywhere(staff, owner, clinic, EXAM)
    assert link.post().status_code == 303


def test_s21_species_are_identified_with_their_categories(clinic, staff):
    rodent = clinic.species["Rongeur"]
    both = [str(clinic.categories[name]) for name in (CONSULTATION, EXAM)]
    fields = {f"online-{rodent}": "1", f"categories-{rodent}": both}
    assert send(staff, "/especes", fields).status == 303
    page = staff.get("/especes")
    assert checked(page, "Rongeur")
    assert chips(page, "Rongeur") == [CONSULTATION, EXAM]
    assert chips(page, "Félin") == [EXAM]


def test_s22_the_species_have_the_manuals_title_and_sentence(staff):
    assert staff.get("/especes").names("h1, .rdv-lead") == [
        "Espèces de rendez-vous",
        "Sélectionnez les espèces pour lesquelles il est possible de prendre rendez-vous en ligne"
        " et associez-les à des catégories de rendez-vous.",
    ]


def test_s23_columns_of_species(staff):
    assert headings(staff.get("/especes")) == [
        ("Français ▲", "ascending"),
        ("Anglais ▼", "none"),
        ("Rendez-vous en ligne ▼", "none"),
        ("Catégories de rendez-vous associées", None),
    ]


def test_s24_associated_categories_are_chips_with_a_cross_beside_a_list_to_choose_from(
    clinic, staff, owner
):
    dog, exam = clinic.species["Canin"], clinic.categories[EXAM]
    page = staff.get("/especes")
    assert chips(page, "Canin") == [CONSULTATION, EXAM]
    assert [x["aria-label"] for x in row_of(page, "Canin").select(".rdv-x")] == [
        f"Retirer {CONSULTATION}",
        f"Retirer {EXAM}",
    ]
    assert choices(page, "Canin") == [CONSULTATION, EXAM]
    removed = send(staff, "/especes", {"op": f"remove:{dog}:{exam}"})
    assert chips(removed, "Canin") == [CONSULTATION]
    fields = staff.get("/categories").fields()
    del fields[f"online-{exam}"]
    assert staff.client.post(f"{PREFIX}/categories", data=fields).status_code == 303
    assert chips(staff.get("/especes"), "Canin") == [CONSULTATION, f"{EXAM} (hors ligne)"]
    assert offered(owner, "category", species=dog) == [CONSULTATION]


def test_s25_a_species_that_is_not_online_shows_none_and_keeps_its_own(clinic, staff):
    cat = clinic.species["Félin"]
    form = staff.get("/especes").fields()
    del form[f"online-{cat}"]
    assert staff.client.post(f"{PREFIX}/especes", data=form).status_code == 303
    assert chips(staff.get("/especes"), "Félin") == []
    assert send(staff, "/especes", {f"online-{cat}": "1"}).status == 303
    assert chips(staff.get("/especes"), "Félin") == [EXAM]


def test_s26_what_is_offered_is_each_species_own(clinic, owner):
    assert offered(owner, "category", species=clinic.species["Félin"]) == [EXAM]
    assert offered(owner, "category", species=clinic.species["Canin"]) == [CONSULTATION, EXAM]


def test_s27_the_names_of_species_are_logivets_own(clinic, staff, row):
    dog = clinic.species["Canin"]
    status, fields = steals_the_name_of(staff, "/especes", dog)
    assert (status, fields) == (303, {"op", "online", "categories"})
    assert row(Species, clinic, dog).name_fr == "Canin"


def test_s28_a_species_may_have_no_abbreviation_and_one_language(staff, logivet):
    logivet.has("species", "s9", "Furet", "", short_fr="", short_en="")
    logivet.has("species", "s10", "", "Lizard", short_en="Liz")
    page = staff.get("/especes")
    assert cells(page, "Furet")[:2] == ["Furet", "Furet"]
    assert cells(page, "Lizard")[:2] == ["Lizard", "Lizard"]
    assert "Liz" not in page.column(0)


def test_s29_a_new_species_comes_off_and_a_renamed_one_keeps_its_settings(
    clinic, staff, logivet, owner
):
    logivet.has("species", "s9", "Furet", "Ferret")
    logivet.has("species", clinic.logivet["species:Canin"], "Chien", "Dog")
    page = staff.get("/especes")
    assert (checked(page, "Furet"), chips(page, "Furet")) == (False, [])
    assert (checked(page, "Chien"), chips(page, "Chien")) == (True, [CONSULTATION, EXAM])
    assert offered(owner, "species") == ["Chien", "Félin"]


@pytest.mark.parametrize("how", ["deletes", "deactivates"])
def test_s30_a_species_deleted_in_logivet_is_removed(clinic, staff, logivet, owner, how: str):
    link = Link(clinic)
    getattr(logivet, how)("species", "Canin")
    offers = f"/ressources/{clinic.resources[DOLITTLE]}/categories"
    assert "Canin" not in staff.get("/especes").column(0)
    assert staff.get(offers).column(0) == ["Félin"]
    assert offered(owner, "species") == ["Félin"]
    assert link.post().status_code == 303


def test_s31_the_resources_have_the_manuals_title_and_sentence(staff):
    assert staff.get("/ressources").names("h1, .rdv-lead") == [
        "Gestion des ressources",
        "Sélectionnez les ressources pour lesquelles il est possible de prendre"
        " rendez-vous en ligne.",
    ]
