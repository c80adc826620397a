import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from flask_logivet_rdv.models import Category, Resource, ResourceOffer, Species, WeeklyOpening
from flask_logivet_rdv.services.availability import openings
from flask_logivet_rdv.services.catalogue import resource_settings
from tests.blueprints.account.conftest import PREFIX, Page, Staff
from tests.blueprints.account.test_species import CONSULTATION, chips, choices
from tests.support.clinics import DOLITTLE, TestClinic


@pytest.fixture
def offers(clinic: TestClinic) -> str:
    return f"/ressources/{clinic.resources[DOLITTLE]}/categories"


def offered(session: Session, clinic: TestClinic, species: str) -> set[str]:
    session.rollback()
    saved = resource_settings(session, clinic.account_id, clinic.resources[DOLITTLE])
    names = {key: name for name, key in clinic.categories.items()}
    if clinic.species[species] not in saved.online:
        return set()
    return {names[key] for key in saved.categories.get(clinic.species[species], ())}


def test_the_list_says_what_the_manual_says(staff: Staff) -> None:
    page = staff.get("/ressources")
    assert page.names("h1") == ["Gestion des ressources"]
    assert page.names(".rdv-lead") == [
        "Sélectionnez les ressources pour lesquelles il est possible de prendre"
        " rendez-vous en ligne."
    ]
    assert page.names("thead th") == ["Français ▲", "Anglais ▼", "Activé ▼", "Éditer"]
    assert page.column(0) == ["Dr Gregory House", "Dr John Dolittle", "Technicien(nes)"]
    assert page.column(1)[2] == "Technicians"
    assert page.column(2) == ["Désactivée", "Activée", "Désactivée"]
    assert len(page.body.select("td .rdv-state svg")) == 3


def test_each_resource_has_an_edit_link_with_its_name(clinic: TestClinic, staff: Staff) -> None:
    link = staff.get("/ressources").body.select_one("[aria-label='Éditer Dr John Dolittle']")
    assert link["href"] == f"{PREFIX}/ressources/{clinic.resources[DOLITTLE]}/categories"


def test_the_list_sorts_by_enabled(staff: Staff) -> None:
    page = staff.get("/ressources", sort="enabled", dir="desc")
    assert page.column(0) == ["Dr John Dolittle", "Dr Gregory House", "Technicien(nes)"]


@pytest.mark.parametrize(
    ("model", "missing"),
    [(ResourceOffer, "au moins une catégorie"), (WeeklyOpening, "au moins une disponibilité")],
)
def test_an_enabled_resource_that_lost_something_is_marked(
    clinic: TestClinic, staff: Staff, session: Session, model: type, missing: str
) -> None:
    session.execute(sa.delete(model).where(model.account_id == clinic.account_id))
    session.commit()
    page = staff.get("/ressources")
    assert page.column(2)[1] == f"Activée Non offerte en ligne : définissez {missing}."
    assert page.column(2)[0] == "Désactivée"


def test_a_resource_has_its_title_and_two_tabs(staff: Staff, offers: str) -> None:
    page = staff.get(offers)
    assert page.names("h1") == ["Ressource – Dr John Dolittle"]
    assert page.names(".rdv-page .rdv-tabs a") == [
        "Catégories de rendez-vous",
        "Disponibilités en ligne",
    ]
    assert page.names(".rdv-page .rdv-tabs [aria-current=page]") == ["Catégories de rendez-vous"]
    assert page.names("thead th") == [
        "Espèce ▲",
        "Rendez-vous en ligne ▼",
        "Catégories de rendez-vous associées",
    ]
    assert page.names(".rdv-save > *") == ["ANNULER", "ENREGISTRER"]


def test_only_species_online_are_listed(staff: Staff, offers: str) -> None:
    assert staff.get(offers).column(0) == ["Canin", "Félin"]


@pytest.mark.parametrize(
    ("species", "shown"), [("Canin", [CONSULTATION, "Examen"]), ("Félin", ["Examen"])]
)
def test_the_choices_are_the_categories_of_the_species(
    staff: Staff, offers: str, species: str, shown: list[str]
) -> None:
    page = staff.get(offers)
    assert choices(page, species) == shown
    assert chips(page, species) == shown


def test_saving_stores_species_and_categories(
    clinic: TestClinic, staff: Staff, session: Session, offers: str
) -> None:
    canin = clinic.species["Canin"]
    fields = {f"online-{canin}": "1", f"categories-{canin}": str(clinic.categories[CONSULTATION])}
    sent = staff.send(offers, fields)
    assert (sent.status, sent.answer.location) == (303, PREFIX + offers)
    assert staff.get(offers).notes == ["Modifications enregistrées."]
    assert offered(session, clinic, "Canin") == {CONSULTATION}
    assert offered(session, clinic, "Félin") == set()


def test_a_category_not_associated_with_the_species_is_refused(
    clinic: TestClinic, staff: Staff, session: Session, offers: str
) -> None:
    felin = clinic.species["Félin"]
    fields = {f"online-{felin}": "1", f"categories-{felin}": str(clinic.categories[CONSULTATION])}
    page = staff.send(offers, fields)
    assert page.status == 422
    assert page.problems == [
        f"Une catégorie choisie n'est pas offerte pour Félin : {CONSULTATION}."
    ]
    assert offered(session, clinic, "Félin") == {"Examen"}


def test_a_species_that_is_not_online_is_refused(
    clinic: TestClinic, staff: Staff, session: Session, offers: str
) -> None:
    page = staff.send(offers, {f"online-{clinic.species['Reptile']}": "1"})
    assert page.status == 422
    assert page.problems == ["Une espèce choisie n'est pas offerte en ligne : Reptile."]
    assert offered(session, clinic, "Canin") == {CONSULTATION, "Examen"}


def test_a_species_taken_offline_meanwhile_is_told_once(
    clinic: TestClinic, staff: Staff, session: Session, offers: str
) -> None:
    fields = staff.get(offers).fields()
    session.get(Species, (clinic.account_id, clinic.species["Canin"])).online = False
    session.commit()
    page = Page(staff.client.post(PREFIX + offers, data=fields))
    assert page.problems == ["Une espèce choisie n'est pas offerte en ligne : Canin."]
    assert staff.client.post(PREFIX + offers, data=page.fields()).status_code == 303


def test_a_category_that_went_offline_is_marked(
    clinic: TestClinic, staff: Staff, session: Session, offers: str
) -> None:
    session.get(Category, (clinic.account_id, clinic.categories["Examen"])).online = False
    session.commit()
    assert chips(staff.get(offers), "Félin") == ["Examen (hors ligne)"]


def test_a_category_the_species_lost_is_hidden_and_comes_back_with_it(
    clinic: TestClinic, staff: Staff, session: Session, offers: str
) -> None:
    felin, examen = clinic.species["Félin"], clinic.categories["Examen"]
    fields = staff.get("/especes").fields()
    fields.poplist(f"categories-{felin}")
    staff.client.post(f"{PREFIX}/especes", data=fields)
    page = staff.get(offers)
    assert chips(page, "Félin") == []
    again = Page(staff.client.post(PREFIX + offers, data=page.fields() | {"op": "sort"}))
    assert again.names(".rdv-note") == []
    assert staff.client.post(PREFIX + offers, data=page.fields()).status_code == 303
    newest = staff.get("/historique").names(".rdv-history strong")[0]
    assert newest == "Espèces", "nothing of the resource was changed"
    fields[f"categories-{felin}"] = str(examen)
    fields["base"] = staff.get("/especes").value("base")
    assert staff.client.post(f"{PREFIX}/especes", data=fields).status_code == 303
    assert offered(session, clinic, "Félin") == {"Examen"}


def test_a_chip_is_removed_from_the_page_only(
    clinic: TestClinic, staff: Staff, session: Session, offers: str
) -> None:
    fields = staff.get(offers).fields()
    fields["op"] = f"remove:{clinic.species['Félin']}:{clinic.categories['Examen']}"
    page = Page(staff.client.post(PREFIX + offers, data=fields))
    assert chips(page, "Félin") == []
    assert offered(session, clinic, "Félin") == {"Examen"}


def test_of_many_choices_one_species_is_open_at_a_time(
    clinic: TestClinic,
    staff: Staff,
    session: Session,
    offers: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flask_logivet_rdv.blueprints.account.forms_species.MOST_CHOICES", 1)
    canin = clinic.species["Canin"]
    fields = staff.get(offers).fields()
    fields["op"] = f"open:{canin}"
    page = Page(staff.client.post(PREFIX + offers, data=fields))
    assert choices(page, "Canin") == [CONSULTATION, "Examen"]
    assert choices(page, "Félin") == []
    before = {species: offered(session, clinic, species) for species in ("Canin", "Félin")}
    assert staff.client.post(PREFIX + offers, data=page.fields()).status_code == 303
    assert {species: offered(session, clinic, species) for species in before} == before
    assert before["Félin"] == {"Examen"}


def test_no_species_online_leads_to_the_species(bare_clinic: TestClinic, bare_staff) -> None:
    page = bare_staff.get(f"/ressources/{bare_clinic.resources[DOLITTLE]}/categories")
    assert "Aucune espèce n'est en ligne pour le moment." in page.text
    assert page.body.select_one(f".rdv-box a[href='{PREFIX}/especes']")


def test_the_switch_shows_the_state(clinic: TestClinic, staff: Staff, offers: str) -> None:
    body = staff.get(offers).body
    switch = body.select_one("button[role=switch]")
    assert (switch["aria-checked"], switch["name"], switch["value"]) == ("true", "active", "0")
    assert switch["formaction"].endswith("/activation")
    form = body.select_one(f"form#{switch['form']}")
    assert form.select_one("[name=tab]")["value"] == "offers"
    assert form.select_one("[name=csrf_token]")


@pytest.mark.parametrize("tab", ["categories", "disponibilites"])
def test_enter_saves_and_does_not_switch(clinic: TestClinic, staff: Staff, tab: str) -> None:
    body = staff.get(f"/ressources/{clinic.resources[DOLITTLE]}/{tab}").body
    first = body.select_one("form#rdv-tab button, button[form=rdv-tab]")
    assert (first["form"], first["name"], first["value"]) == ("rdv-tab", "op", "save")


def test_a_switch_on_a_page_where_nothing_was_changed_moves_on(
    clinic: TestClinic, staff: Staff
) -> None:
    dolittle = f"/ressources/{clinic.resources[DOLITTLE]}"
    for tab in ("categories", "disponibilites"):
        fields = staff.get(f"{dolittle}/{tab}").fields()
        fields["active"] = "1"
        assert staff.client.post(f"{PREFIX}{dolittle}/activation", data=fields).status_code == 303


@pytest.mark.parametrize("tab", ["offers", "openings"])
def test_the_switch_acts_at_once_and_comes_back_to_its_tab(
    clinic: TestClinic, staff: Staff, row, tab: str
) -> None:
    dolittle = clinic.resources[DOLITTLE]
    path = {"offers": "categories", "openings": "disponibilites"}[tab]
    sent = staff.send(f"/ressources/{dolittle}/activation", {"active": "0", "tab": tab})
    assert (sent.status, sent.answer.location) == (303, f"{PREFIX}/ressources/{dolittle}/{path}")
    assert not row(Resource, clinic, dolittle).enabled
    assert staff.send(f"/ressources/{dolittle}/activation", {"active": "1"}).status == 303
    assert row(Resource, clinic, dolittle).enabled


def test_an_incomplete_resource_cannot_be_enabled_and_the_reasons_lead_there(
    bare_clinic: TestClinic, bare_staff: Staff, row
) -> None:
    house = bare_clinic.resources["Dr Gregory House"]
    page = bare_staff.send(f"/ressources/{house}/activation", {"active": "1"})
    assert page.status == 422
    assert page.problems == [
        "Pour activer cette ressource, définissez d'abord au moins une catégorie.",
        "Pour activer cette ressource, définissez d'abord au moins une disponibilité.",
    ]
    assert [link["href"] for link in page.body.select("[role=alert] a")] == [
        f"{PREFIX}/ressources/{house}/categories",
        f"{PREFIX}/ressources/{house}/disponibilites",
    ]
    assert page.body.select_one("[role=switch]")["aria-checked"] == "false"
    assert not row(Resource, bare_clinic, house).enabled


def edited(page: Page, active: str, **changed: str) -> MultiDict[str, str]:
    """Return what a browser sends for the switch: the fields of the page's form come along."""
    switch = page.body.select_one("button[role=switch]")
    form = page.body.select_one(f"form[id={switch['form']}]")
    assert switch["formaction"].endswith("/activation")
    assert form.select_one("[name=csrf_token]")
    fields = page.fields()
    fields["tab"] = page.value("tab")
    fields["active"] = active
    for name, value in changed.items():
        fields[name] = value
    return fields


def test_the_switch_acts_and_keeps_the_hours_that_are_not_saved(
    clinic: TestClinic, staff: Staff, session: Session, row
) -> None:
    path = f"/ressources/{clinic.resources[DOLITTLE]}"
    before = openings(session, clinic.account_id, clinic.resources[DOLITTLE])
    fields = edited(staff.get(f"{path}/disponibilites"), "0", **{"start-2-0": "8h"})
    page = Page(staff.client.post(f"{PREFIX}{path}/activation", data=fields))
    assert page.status == 200
    assert page.value("start-2-0") == "8h"
    assert page.names(".rdv-save [data-unsaved]") == [
        "La ressource est maintenant désactivée. Modifications non enregistrées."
    ]
    assert page.body.select_one("[autofocus]")["role"] == "switch"
    assert page.body.select_one("[role=switch]")["aria-checked"] == "false"
    assert not row(Resource, clinic, clinic.resources[DOLITTLE]).enabled
    session.rollback()
    assert openings(session, clinic.account_id, clinic.resources[DOLITTLE]) == before


def test_the_switch_keeps_the_categories_that_are_not_saved(
    clinic: TestClinic, staff: Staff, session: Session, offers: str, row
) -> None:
    fields = edited(staff.get(offers), "0")
    cat = f"online-{clinic.species['Félin']}"
    fields.poplist(cat)
    page = Page(staff.client.post(PREFIX + offers.replace("categories", "activation"), data=fields))
    assert (page.status, page.value("base")) == (200, fields["base"])
    assert not page.body.select_one(f"[name={cat}]").has_attr("checked")
    assert not row(Resource, clinic, clinic.resources[DOLITTLE]).enabled
    assert offered(session, clinic, "Félin") == {"Examen"}


def test_a_switch_that_is_refused_keeps_what_was_typed(
    bare_clinic: TestClinic, bare_staff: Staff
) -> None:
    path = f"/ressources/{bare_clinic.resources[DOLITTLE]}"
    fields = edited(
        bare_staff.get(f"{path}/disponibilites"), "1", **{"start-1-0": "9h", "end-1-0": "midi"}
    )
    page = Page(bare_staff.client.post(f"{PREFIX}{path}/activation", data=fields))
    assert page.status == 422
    assert (page.value("start-1-0"), page.value("end-1-0")) == ("9h", "midi")
    assert page.body.select(".rdv-note[data-unsaved]")


def test_a_switch_that_is_refused_holds_nobody_back_who_edited_nothing(
    bare_clinic: TestClinic, bare_staff: Staff
) -> None:
    path = f"/ressources/{bare_clinic.resources[DOLITTLE]}"
    fields = edited(bare_staff.get(f"{path}/disponibilites"), "1")
    page = Page(bare_staff.client.post(f"{PREFIX}{path}/activation", data=fields))
    assert page.status == 422
    assert not page.body.select("[data-unsaved]")


def test_a_switch_with_fields_that_no_page_of_ours_sends_does_not_act(
    clinic: TestClinic, staff: Staff, row
) -> None:
    path = f"/ressources/{clinic.resources[DOLITTLE]}"
    fields = edited(staff.get(f"{path}/disponibilites"), "0", **{"start-9-0": "8h"})
    assert staff.client.post(f"{PREFIX}{path}/activation", data=fields).status_code == 400
    assert row(Resource, clinic, clinic.resources[DOLITTLE]).enabled


@pytest.mark.parametrize("active", ["", "2", "oui", None])
def test_a_switch_that_says_neither_on_nor_off_is_refused(
    clinic: TestClinic, staff: Staff, row, active: str | None
) -> None:
    dolittle = clinic.resources[DOLITTLE]
    fields = {} if active is None else {"active": active}
    assert staff.send(f"/ressources/{dolittle}/activation", fields).status == 400
    assert row(Resource, clinic, dolittle).enabled


def test_another_clinics_resource_cannot_be_switched(
    clinic: TestClinic, bare_staff: Staff, row
) -> None:
    dolittle = clinic.resources[DOLITTLE]
    assert bare_staff.send(f"/ressources/{dolittle}/activation", {"active": "0"}).status == 404
    assert row(Resource, clinic, dolittle).enabled
