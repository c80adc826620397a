"""The manual's sentences S32 to S66: resources and installation, one test each."""

import re
import uuid

import pytest

from flask_logivet_rdv.models import Booking, ClinicAccount, Resource
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services.availability import openings
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
)
from tests.blueprints.widget.owner import WEDNESDAY_10H, WEDNESDAY_10H30, Owner
from tests.support.clinics import DOLITTLE, at
from tests.support.links import Link

CONSULTATION, EXAM, HOUSE = "Consultation comportementale", "Examen", "Dr Gregory House"
TECHNICIANS = "Technicien(nes)"
WEDNESDAY = "2026-03-18"
KINDS = ("appointment", "note", "unavailability", "reservation")
DAYS = ["Dimanche", "Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi"]
FRAMED = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def dolittle(clinic):
    return f"/ressources/{clinic.resources[DOLITTLE]}"


@pytest.fixture
def offers(dolittle):
    return f"{dolittle}/categories"


@pytest.fixture
def week(dolittle):
    return f"{dolittle}/disponibilites"


def hours(page, weekday=None):
    """Return the ranges shown, of one day if told: start and end as written."""
    return [
        (start["value"], page.value(start["name"].replace("start", "end")))
        for start in page.body.select(f"input[name^=start-{'' if weekday is None else weekday}]")
    ]


def times(owner, day=WEDNESDAY):
    """Return the starts offered on a day."""
    return owner.calendar(day=day).values("input[name=start]")


def set_up(staff, clinic, name):
    """Have a resource offer exams for dogs on Wednesdays, and enable it."""
    address = f"/ressources/{clinic.resources[name]}"
    dog, exam = clinic.species["Canin"], str(clinic.categories[EXAM])
    fields = {f"online-{dog}": "1", f"categories-{dog}": exam}
    assert staff.send(f"{address}/categories", fields).status == 303
    fields = {"start-3-0": "10h00", "end-3-0": "12h00"}
    assert staff.send(f"{address}/disponibilites", fields).status == 303
    assert staff.send(f"{address}/activation", {"active": "1"}).status == 303


def test_s32_columns_of_resources(staff):
    assert headings(staff.get("/ressources")) == [
        ("Français ▲", "ascending"),
        ("Anglais ▼", "none"),
        ("Activé ▼", "none"),
        ("Éditer", None),
    ]
    page = staff.get("/ressources", sort="enabled", dir="desc")
    assert page.column(0)[0] == DOLITTLE


def state_of(staff, name):
    """Return the pictogram's kind and the words beside it."""
    state = row_of(staff.get("/ressources"), name).select_one(".rdv-state")
    return state.svg["class"][-1], words(state), state.svg["aria-hidden"]


def test_s33_a_resource_that_can_be_booked_has_its_pictogram_and_words(staff):
    assert state_of(staff, DOLITTLE) == ("rdv-icon--on", "Activée", "true")


def test_s34_a_resource_that_cannot_be_booked_has_another(staff):
    assert state_of(staff, HOUSE) == ("rdv-icon--off", "Désactivée", "true")


def test_s35_the_edit_button_of_a_resource_leads_to_its_page(clinic, staff):
    link = row_of(staff.get("/ressources"), HOUSE).a
    assert (link["aria-label"], bool(link.select("svg"))) == (f"Éditer {HOUSE}", True)
    page = Page(staff.client.get(link["href"]))
    assert page.names("h1") == [f"Ressource – {HOUSE}"]


def test_s36_a_resource_may_be_a_group_with_a_name_in_each_language(clinic, staff, owner, portal):
    assert cells(staff.get("/ressources"), TECHNICIANS)[:2] == [TECHNICIANS, "Technicians"]
    set_up(staff, clinic, TECHNICIANS)
    chosen = {name: owner.choices[name] for name in ("species", "category")}
    assert TECHNICIANS in offered(owner, "resource", **chosen)
    english = Owner(clinic, portal.test_client(), lang="en")
    assert "Technicians" in offered(english, "resource", **chosen)


@pytest.mark.parametrize("how", ["deletes", "deactivates"])
def test_s37_resources_are_those_of_logivet(clinic, staff, logivet, owner, offers, row, how: str):
    link = Link(clinic)
    logivet.has("resource", clinic.logivet[f"resource:{DOLITTLE}"], "Dre Jeanne Dolittle", "Dr J")
    logivet.has("resource", "r9", "Dre Ève Roy", "Dr Ève Roy")
    page = staff.get("/ressources")
    assert cells(page, "Dre Ève Roy")[2] == "Désactivée"
    assert cells(page, "Dre Jeanne Dolittle")[1:3] == ["Dr J", "Activée"]
    assert not page.body.select("table [name]")
    getattr(logivet, how)("resource", DOLITTLE)
    assert staff.get("/ressources").column(0) == [HOUSE, "Dre Ève Roy", TECHNICIANS]
    assert staff.get(offers).status == 404
    assert not owner.calendar().all("table")
    assert row(Booking, clinic, link.booking_id).labels["resource"]["fr"] == DOLITTLE
    assert link.post().status_code == 303


def test_s38_species_are_associated_with_the_resource(clinic, staff, owner, offers):
    form = staff.get(offers).fields()
    del form[f"online-{clinic.species['Félin']}"]
    assert staff.client.post(PREFIX + offers, data=form).status_code == 303
    page = staff.get(offers)
    assert (checked(page, "Canin"), checked(page, "Félin")) == (True, False)
    assert offered(owner, "species") == ["Canin"]


def test_s39_each_species_has_the_categories_that_the_resource_offers(clinic, staff, owner, offers):
    dog, exam = clinic.species["Canin"], str(clinic.categories[EXAM])
    assert send(staff, offers, {f"categories-{dog}": exam}).status == 303
    page = staff.get(offers)
    assert (chips(page, "Canin"), chips(page, "Félin")) == ([EXAM], [EXAM])
    assert offered(owner, "category", species=dog) == [EXAM]


def test_s40_the_page_of_a_resource_is_called_after_it(staff, offers, week):
    for path in (offers, week):
        page = staff.get(path)
        assert page.body.h1.text == "Ressource \N{EN DASH} Dr John Dolittle"


def test_s41_a_resource_has_two_tabs(staff, offers, week):
    names = ["Catégories de rendez-vous", "Disponibilités en ligne"]
    for path, current in ((offers, names[:1]), (week, names[1:])):
        page = staff.get(path)
        tabs = page.body.select(".rdv-page .rdv-tabs a")
        assert [words(tab) for tab in tabs] == names
        assert [tab["href"] for tab in tabs] == [PREFIX + offers, PREFIX + week]
        assert page.names(".rdv-page .rdv-tabs [aria-current=page]") == current


def test_s42_columns_of_a_resources_species(staff, offers):
    assert headings(staff.get(offers)) == [
        ("Espèce ▲", "ascending"),
        ("Rendez-vous en ligne ▼", "none"),
        ("Catégories de rendez-vous associées", None),
    ]


def test_s43_only_species_that_are_online_are_listed(staff, offers):
    assert staff.get(offers).column(0) == ["Canin", "Félin"]


def test_s44_only_categories_of_the_species_can_be_chosen(clinic, staff, offers):
    assert choices(staff.get(offers), "Canin") == [CONSULTATION, EXAM]
    assert choices(staff.get(offers), "Félin") == [EXAM]
    cat = clinic.species["Félin"]
    sent = send(staff, offers, {f"categories-{cat}": str(clinic.categories[CONSULTATION])})
    assert sent.status == 422
    assert chips(staff.get(offers), "Félin") == [EXAM]


def test_s45_cancel_discards_and_save_stores(staff, offers, week):
    for path in ("/categories", "/especes", offers, week):
        bar = staff.get(path).body.select_one(".rdv-save")
        assert words(bar) == "ANNULER ENREGISTRER"
        assert (bar.a["href"], bar.button["value"]) == (PREFIX + path, "save")
    pending = send(staff, week, {"op": "add:0"})
    assert ("", "") in hours(pending, 0)
    link = pending.body.select_one(".rdv-save a")["href"]
    assert hours(Page(staff.client.get(link)), 0) == []
    assert send(staff, week, {"start-0-0": "9h", "end-0-0": "10h", "op": "save"}).status == 303
    assert hours(staff.get(week), 0) == [("09h00", "10h00")]


def test_s46_the_week_runs_from_sunday_to_saturday(staff, week):
    assert staff.get(week).names("dt") == DAYS


def test_s47_a_day_may_have_more_than_one_range(clinic, staff, week, session):
    def send_monday(*ranges):
        fields = {}
        for n, (start, end) in enumerate(ranges):
            fields |= {f"start-1-{n}": start, f"end-1-{n}": end}
        return staff.send(week, fields)

    assert send_monday(("13h", "16h"), ("9h", "11h30")).status == 303
    assert hours(staff.get(week)) == [("09h00", "11h30"), ("13h00", "16h00")]
    overlapping = send_monday(("9h", "12h"), ("11h55", "13h"))
    assert overlapping.problems == ["Les plages du lundi se chevauchent."]
    assert send_monday(("9h", "12h"), ("12h", "13h")).status == 303
    session.rollback()
    assert openings(session, clinic.account_id, clinic.resources[DOLITTLE]) == [
        Opening(1, 540, 720),
        Opening(1, 720, 780),
    ]


def test_s48_a_day_without_hours_says_so_beside_a_plus(staff, week):
    days = dict(zip(DAYS, staff.get(week).body.select("dd"), strict=True))
    empty = {day for day, found in days.items() if "Aucun horaire défini" in words(found)}
    assert empty == {"Dimanche", "Vendredi"}
    assert [words(button) for button in days["Dimanche"].select("button")] == ["+"]


@pytest.mark.parametrize("typed", ["9h", "9:00", "0900", "9 h 00", "09h00"])
def test_s49_hours_are_written_as_the_manual_does_and_read_as_people_type(staff, week, typed: str):
    assert hours(staff.get(week), 1) == [("09h00", "11h30"), ("13h00", "16h00")]
    assert staff.send(week, {"start-1-0": typed, "end-1-0": "11h30"}).status == 303
    assert hours(staff.get(week)) == [("09h00", "11h30")]


def test_s50_each_range_has_a_bin_and_each_day_ends_with_a_plus(staff, week):
    for day in staff.get(week).body.select("dd"):
        ops = [button["value"].partition(":")[0] for button in day.select("button")]
        assert ops == ["remove"] * len(day.select("input[name^=start]")) + ["add"]
    added = send(staff, week, {"op": "add:2"})
    assert hours(added, 2) == [("13h00", "16h00"), ("", "")]
    removed = send(staff, week, {"op": "remove:1-0"})
    assert hours(removed, 1) == [("13h00", "16h00")]
    assert len(hours(staff.get(week))) == 7


def test_s51_busy_ranges_of_the_agenda_are_not_offered(logivet, owner):
    ten, free = at(WEDNESDAY, "10:00"), times(owner)
    assert free[:2] == [WEDNESDAY_10H, WEDNESDAY_10H30]
    for kind in KINDS:
        logivet.occupies("A-1", ten, 30, kind)
        assert times(owner) == free[1:], kind
    logivet.occupies("A-1", ten + 60 * 25, 10)
    assert times(owner) == free[2:]
    logivet.occupies("A-1", ten - 3600, 60)
    assert times(owner) == free
    logivet.occupies("A-1", ten, 120, resource=None)
    assert times(owner) == free


def test_s52_hatched_ranges_need_an_unavailability_and_the_page_says_so(portal, staff, week):
    text = staff.get(week).text
    assert "IMPORTANT : si vous avez des plages horaires hachurées dans votre carnet" in text
    assert "non-disponibilités afin de bloquer ces plages" in text
    contract = portal.test_client().get("/api/logivet/v1/openapi.json").json
    types = contract["components"]["schemas"]["BusyRow"]["properties"]["type"]
    assert set(types["enum"]) == set(KINDS)


def test_s53_a_switch_beside_the_title_enables_the_resource_at_once(
    clinic, staff, offers, week, dolittle, row
):
    for path in (offers, week):
        switch = staff.get(path).body.select_one(".rdv-top h1 ~ button[role=switch]")
        assert (switch["aria-checked"], words(switch)) == ("true", "Activé")
    for active in ("0", "1"):
        assert staff.send(f"{dolittle}/activation", {"active": active}).status == 303
        assert row(Resource, clinic, clinic.resources[DOLITTLE]).enabled is (active == "1")


def test_s54_a_resource_is_enabled_once_it_is_set_up(clinic, staff, owner, week, row):
    house = f"/ressources/{clinic.resources[HOUSE]}"
    refused = staff.send(f"{house}/activation", {"active": "1"})
    assert refused.status == 422
    assert refused.problems == [
        "Pour activer cette ressource, définissez d'abord au moins une catégorie.",
        "Pour activer cette ressource, définissez d'abord au moins une disponibilité.",
    ]
    assert not row(Resource, clinic, clinic.resources[HOUSE]).enabled
    set_up(staff, clinic, HOUSE)
    assert cells(staff.get("/ressources"), HOUSE)[2] == "Activée"
    assert staff.send(week, {"op": "save"}).status == 303
    said = "Activée Non offerte en ligne : définissez au moins une disponibilité."
    assert cells(staff.get("/ressources"), DOLITTLE)[2] == said
    chosen = {name: owner.choices[name] for name in ("species", "category")}
    assert offered(owner, "resource", **chosen) == [HOUSE]


def test_s55_only_an_enabled_resource_can_be_booked(clinic, staff, owner, dolittle, row):
    booking_id = clinic.book(at(WEDNESDAY, "10:00"))
    set_up(staff, clinic, HOUSE)
    chosen = {name: owner.choices[name] for name in ("species", "category")}
    assert offered(owner, "resource", **chosen) == [HOUSE, DOLITTLE]
    assert staff.send(f"{dolittle}/activation", {"active": "0"}).status == 303
    assert offered(owner, "resource", **chosen) == [HOUSE]
    assert row(Booking, clinic, booking_id).status == "confirmed"


def test_s56_the_installation_comes_last_and_a_list_says_what_is_left(staff, bare_staff):
    page = bare_staff.get("/")
    assert (
        "IMPORTANT : cette étape est effectuée une seule fois, après toutes les étapes précédentes."
        in page.text
    )
    steps = ("Catégories", "Espèces", "Ressources activées", "Domaines")
    assert page.names(".rdv-steps li") == [f"{step} (0) À faire" for step in steps]
    assert page.body.select("textarea")
    staff.send("/", {"domain": "clinique.ca", "op": "save"})
    done = [f"{step} ({n})" for step, n in zip(steps, (2, 2, 1, 1), strict=True)]
    assert staff.get("/").names(".rdv-steps li") == done


def test_s57_a_domain_is_added_by_plus_and_then_saved(staff):
    added = staff.send("/", {"domain": "clinique.ca", "op": "add"})
    assert added.names(".rdv-chip span") == ["clinique.ca"]
    assert staff.get("/").names(".rdv-chip span") == []
    assert send_again(staff, added).status == 303
    assert staff.get("/").names(".rdv-chip span") == ["clinique.ca"]


def send_again(staff, page):
    """Send what stands in a page, by its button ENREGISTRER."""
    form = page.fields()
    form["op"] = "save"
    return Page(staff.client.post(f"{PREFIX}/", data=form))


def test_s58_the_code_works_on_the_saved_domains_only(staff, owner):
    def framers(page):
        return page.answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]

    assert framers(owner.look()) == "'none'"
    staff.send("/", {"domains": ["www.clinique.ca", "logivetweb-qa.cdmv.com"], "op": "save"})
    good = owner.look(FRAMED | {"Referer": "https://www.clinique.ca/rendez-vous"})
    assert (good.status, framers(good)) == (
        200,
        "https://www.clinique.ca https://logivetweb-qa.cdmv.com",
    )
    stolen = owner.look(FRAMED | {"Referer": "https://mal.ca/"})
    assert stolen.status == 403
    assert "n'est pas autorisé sur ce site" in stolen.text


def test_s59_domains_are_chips_with_a_cross(clinic, staff, session):
    typed = ("https://Vetwareweb-QA.cdmv.com/page?x=1", "vétérinaire.ca")
    for domain in typed:
        page = staff.get("/")
        form = page.fields() | {}
        form["domain"], form["op"] = domain, "save"
        assert staff.client.post(f"{PREFIX}/", data=form).status_code == 303
    page = staff.get("/")
    assert page.names(".rdv-chip span") == ["vetwareweb-qa.cdmv.com", "vétérinaire.ca"]
    assert [x["aria-label"] for x in page.body.select(".rdv-x")] == [
        "Retirer vetwareweb-qa.cdmv.com",
        "Retirer vétérinaire.ca",
    ]
    form = page.fields()
    form["op"] = page.body.select_one(".rdv-x")["value"]
    removed = Page(staff.client.post(f"{PREFIX}/", data=form))
    assert send_again(staff, removed).status == 303
    session.rollback()
    assert session.get(ClinicAccount, clinic.account_id).domains == ["xn--vtrinaire-b4ab.ca"]


def test_s60_the_labels_of_the_page_are_the_manuals(staff):
    page = staff.get("/")
    assert page.names("h1, section h2, label[for=domain], .rdv-save button") == [
        "Rendez-vous en ligne",
        "Domaines",
        "Ajouter un domaine",
        "Code du widget",
        "ENREGISTRER",
    ]


def codes(page):
    return [code.text for code in page.body.select(".rdv-code[data-lang] > textarea")]


def test_s61_the_code_is_an_iframe_of_the_manuals_address(clinic, staff, owner):
    french = codes(staff.get("/"))[0]
    found = re.fullmatch(
        r'<iframe src="https://widget\.exemple\.ca(/services/online-appointment)'
        r'\?widgetId=([0-9a-f-]{36})&lang=fr"[^<>]*></iframe>',
        french,
    )
    assert found[2] == str(clinic.account_id)
    assert owner.client.get(f"{found[1]}?widgetId={found[2]}&lang=fr").status_code == 200


def test_s62_the_widget_id_is_a_random_uuid_that_stays(portal, clinic, staff, owner):
    found = {re.search(r"widgetId=([^&]+)", code)[1] for code in codes(staff.get("/"))}
    staff.send("/", {"domain": "clinique.ca", "op": "save"})
    found |= {re.search(r"widgetId=([^&]+)", code)[1] for code in codes(staff.get("/"))}
    assert [uuid.UUID(text).version for text in found] == [4]
    unknown = owner.look(widgetId=str(uuid.uuid4()))
    assert unknown.status == 404
    assert "introuvable" in unknown.text


def test_s63_the_language_of_the_widget_is_chosen_from_a_list(staff, owner):
    page = staff.get("/")
    select = page.body.select_one(".rdv-lang select")
    assert [words(option) for option in select.select("option")] == ["Français", "Anglais"]
    assert words(select.select_one("[selected]")) == "Français"
    langs = [re.search(r"lang=(..)", code)[1] for code in codes(page)]
    assert langs == ["fr", "en"]
    owner.lang = "en"
    assert owner.look().soup.html["lang"] == "en-CA"


def test_s64_the_code_can_be_copied_and_mailed_to_who_keeps_the_site(clinic, staff):
    box = staff.get("/").body.select_one(".rdv-code[data-lang]")
    assert words(box.select_one("button.rdv-copy")) == "Copier le code"
    mail = box.select_one("a[href^='mailto:?']")
    assert words(mail) == "Envoyer par courriel"
    assert f"widgetId%3D{clinic.account_id}" in mail["href"]


def test_s65_nothing_of_the_widget_can_be_edited(staff):
    page = staff.get("/")
    fields = page.body.select("form [name]:not([type=hidden]):not(button)")
    assert [field["name"] for field in fields] == ["domain"]
    assert all(box.has_attr("readonly") for box in page.body.select("textarea"))


def test_s66_the_manuals_example_of_a_page_can_be_copied(staff):
    box = staff.get("/").body.select_one(".rdv-code[data-lang=fr] details .rdv-code")
    assert words(box.select_one("button.rdv-copy")) == "Copier le texte"
    text = words(box.textarea)
    for sentence in (
        "Prendre rendez-vous en ligne Utilisez notre outil de prise de rendez-vous en ligne"
        " sécurisé ci-dessous pour planifier une consultation pour votre animal, au moment qui"
        " vous convient le mieux. Ce système vous permet de consulter les plages horaires"
        " disponibles, de sélectionner le type de rendez-vous souhaité et de fournir les"
        " informations de base concernant votre animal avant de confirmer votre demande.",
        "La prise de rendez-vous en ligne est disponible 24 h / 24 et 7 j / 7 pour les"
        " consultations courantes telles que les examens de routine, les vaccinations et les"
        " problèmes de santé mineurs. En cas d'urgence ou si votre animal présente des symptômes"
        " graves, veuillez contacter la clinique directement par téléphone.",
        "Une fois votre rendez-vous soumis, vous recevrez une confirmation contenant les détails"
        " de la consultation. Notre équipe pourrait vous contacter si des informations"
        " supplémentaires sont nécessaires avant votre visite.",
        "[Code du widget] Politique d'annulation et de modification Nous comprenons que des"
        " imprévus peuvent survenir. Si vous devez annuler ou modifier votre rendez-vous, nous"
        " vous demandons de le faire au moins 24 heures à l'avance. Cela nous permet d'offrir"
        " cette plage horaire à un autre patient.",
        "Les annulations tardives ou les rendez-vous manqués peuvent entraîner des frais"
        " d'annulation. Des absences répétées pourraient nécessiter le paiement d'un dépôt pour"
        " les futurs rendez-vous.",
        "Préparer votre visite Afin d'assurer le bon déroulement de votre consultation, veuillez"
        " apporter : - Le carnet de santé ou les dossiers médicaux pertinents de votre animal"
        " - La liste des médicaments ou suppléments actuellement administrés"
        " - Votre animal tenu en laisse ou placé dans une cage de transport sécurisée",
        "Pour certains examens ou procédures nécessitant un jeûne, des consignes spécifiques vous"
        " seront communiquées à l'avance.",
        "Urgences et soins en dehors des heures d'ouverture La prise de rendez-vous en ligne ne"
        " convient pas aux situations d'urgence. Si votre animal présente des symptômes graves"
        " tels que des difficultés respiratoires, des saignements importants, des convulsions ou"
        " un effondrement soudain, veuillez communiquer immédiatement avec la clinique ou vous"
        " rendre dans un centre vétérinaire d'urgence.",
        "Besoin d'aide? Si vous éprouvez des difficultés avec la prise de rendez-vous en ligne ou"
        " si vous ne savez pas quel type de consultation choisir, n'hésitez pas à contacter la"
        " clinique. Notre équipe se fera un plaisir de vous accompagner afin d'assurer les"
        " meilleurs soins à votre animal.",
    ):
        assert sentence in text
