import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Category, Species, SpeciesCategory
from tests.blueprints.account.conftest import PREFIX, Page, Staff, words
from tests.support.clinics import TestClinic

CONSULTATION = "Consultation comportementale"


def chips(page: Page, species: str) -> list[str]:
    row = next(r for r in page.body.select("tbody tr") if words(r.find("th")) == species)
    return [words(chip) for chip in row.select(".rdv-chip span")]


def choices(page: Page, species: str) -> list[str]:
    row = next(r for r in page.body.select("tbody tr") if words(r.find("th")) == species)
    return [words(label) for label in row.select("fieldset label")]


def links(session: Session, clinic: TestClinic, species: str) -> set[str]:
    session.rollback()
    names = {key: name for name, key in clinic.categories.items()}
    found = session.scalars(
        sa.select(SpeciesCategory.category_id).where(
            SpeciesCategory.account_id == clinic.account_id,
            SpeciesCategory.species_id == clinic.species[species],
        )
    )
    return {names[key] for key in found}


def set_offline(session: Session, clinic: TestClinic, category: str) -> None:
    session.get(Category, (clinic.account_id, clinic.categories[category])).online = False
    session.commit()


def test_the_page_says_what_the_manual_says(staff: Staff) -> None:
    page = staff.get("/especes")
    assert page.names("h1") == ["Espèces de rendez-vous"]
    assert page.names(".rdv-lead") == [
        "Sélectionnez les espèces pour lesquelles il est possible de prendre rendez-vous en ligne"
        " et associez-les à des catégories de rendez-vous."
    ]
    assert page.names("thead th") == [
        "Français ▲",
        "Anglais ▼",
        "Rendez-vous en ligne ▼",
        "Catégories de rendez-vous associées",
    ]
    assert page.column(0) == ["Autre", "Aviaire", "Canin", "Félin", "Reptile", "Rongeur"]


@pytest.mark.parametrize(
    ("species", "shown"),
    [("Canin", [CONSULTATION, "Examen"]), ("Félin", ["Examen"]), ("Reptile", [])],
)
def test_chips_are_the_associated_categories(staff: Staff, species: str, shown: list[str]) -> None:
    assert chips(staff.get("/especes"), species) == shown


def test_the_choices_are_the_categories_online(staff: Staff) -> None:
    assert choices(staff.get("/especes"), "Félin") == [CONSULTATION, "Examen"]


def test_saving_stores_toggle_and_categories(
    clinic: TestClinic, staff: Staff, session: Session, row
) -> None:
    rongeur = clinic.species["Rongeur"]
    sent = staff.send(
        "/especes",
        {
            f"online-{rongeur}": "1",
            f"categories-{rongeur}": [
                str(clinic.categories["Examen"]),
                str(clinic.categories[CONSULTATION]),
            ],
        },
    )
    assert (sent.status, sent.answer.location) == (303, f"{PREFIX}/especes")
    assert links(session, clinic, "Rongeur") == {"Examen", CONSULTATION}
    assert row(Species, clinic, rongeur).online
    assert not row(Species, clinic, clinic.species["Canin"]).online


def test_the_categories_of_an_unchecked_species_come_back_with_it(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    staff.send("/especes", {})
    page = staff.get("/especes")
    assert chips(page, "Canin") == []
    assert links(session, clinic, "Canin") == {"Examen", CONSULTATION}
    fields = page.fields()
    fields[f"online-{clinic.species['Canin']}"] = "1"
    staff.client.post(f"{PREFIX}/especes", data=fields)
    assert chips(staff.get("/especes"), "Canin") == [CONSULTATION, "Examen"]


def test_an_associated_category_that_went_offline_is_marked_and_kept(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    set_offline(session, clinic, "Examen")
    page = staff.get("/especes")
    assert chips(page, "Félin") == ["Examen (hors ligne)"]
    assert staff.client.post(f"{PREFIX}/especes", data=page.fields()).status_code == 303
    assert links(session, clinic, "Félin") == {"Examen"}


@pytest.mark.parametrize("category", ["Chirurgie"])
def test_a_category_that_is_not_online_is_refused(
    clinic: TestClinic, staff: Staff, session: Session, category: str
) -> None:
    felin = clinic.species["Félin"]
    fields = {f"online-{felin}": "1", f"categories-{felin}": str(clinic.categories[category])}
    page = staff.send("/especes", fields)
    assert page.status == 422
    assert page.problems == ["Une catégorie choisie n'est pas offerte pour Félin : Chirurgie."]
    assert links(session, clinic, "Félin") == {"Examen"}


def test_the_cross_of_a_chip_removes_it_from_the_page_only(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    canin, consultation = clinic.species["Canin"], clinic.categories[CONSULTATION]
    fields = staff.get("/especes").fields()
    fields["op"] = f"remove:{canin}:{consultation}"
    page = Page(staff.client.post(f"{PREFIX}/especes", data=fields))
    assert page.status == 200
    assert chips(page, "Canin") == ["Examen"]
    assert page.body.select_one("[autofocus]")["aria-label"] == "Retirer Examen"
    assert links(session, clinic, "Canin") == {"Examen", CONSULTATION}


def test_after_the_last_chip_the_list_of_choices_takes_the_focus(
    clinic: TestClinic, staff: Staff
) -> None:
    felin = clinic.species["Félin"]
    fields = staff.get("/especes").fields()
    fields["op"] = f"remove:{felin}:{clinic.categories['Examen']}"
    page = Page(staff.client.post(f"{PREFIX}/especes", data=fields))
    assert page.body.select_one("[autofocus]")["id"] == f"choose-{felin}"


def test_another_clinics_category_is_not_found(
    clinic: TestClinic, bare_clinic: TestClinic, staff: Staff, session: Session
) -> None:
    felin = clinic.species["Félin"]
    theirs = str(bare_clinic.categories["Examen"])
    fields = {f"online-{felin}": "1", f"categories-{felin}": theirs}
    assert staff.send("/especes", fields).status == 404
    assert links(session, clinic, "Félin") == {"Examen"}


def test_sorting_keeps_what_is_chosen(clinic: TestClinic, staff: Staff) -> None:
    rongeur, examen = clinic.species["Rongeur"], clinic.categories["Examen"]
    fields = {f"online-{rongeur}": "1", f"categories-{rongeur}": str(examen), "op": "sort"}
    page = staff.send("/especes", fields, sort="online", dir="desc")
    assert page.column(0)[0] == "Rongeur"
    assert chips(page, "Rongeur") == ["Examen"]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the clinic's few choices be too many for one page."""
    monkeypatch.setattr("flask_logivet_rdv.blueprints.account.forms_species.MOST_CHOICES", 1)


def post(staff: Staff, page: Page, **changed: str) -> Page:
    """Send the page's own form, with a button."""
    fields = page.fields()
    fields.update(changed)
    return Page(staff.client.post(f"{PREFIX}/especes", data=fields))


def arrow(page: Page, species_id: object) -> str:
    return str(page.body.select_one(f"button#choose-{species_id}")["aria-expanded"])


@pytest.mark.usefixtures("many")
def test_of_many_choices_only_the_chosen_are_in_the_page(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    page = staff.get("/especes")
    assert page.body.select("fieldset fieldset, details") == []
    assert chips(page, "Canin") == [CONSULTATION, "Examen"]
    assert post(staff, page, op="save").status == 303
    assert links(session, clinic, "Canin") == {CONSULTATION, "Examen"}


@pytest.mark.usefixtures("many")
def test_the_arrow_opens_the_choices_of_one_species(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    canin, felin = clinic.species["Canin"], clinic.species["Félin"]
    page = post(staff, staff.get("/especes"), op=f"open:{felin}")
    assert page.status == 200
    assert choices(page, "Félin") == [CONSULTATION, "Examen"]
    assert choices(page, "Canin") == []
    assert [arrow(page, key) for key in (felin, canin)] == ["true", "false"]
    assert page.body.select_one("[autofocus]")["id"] == f"choose-{felin}"
    assert page.names(".rdv-note") == []


@pytest.mark.usefixtures("many")
def test_the_arrow_keeps_what_is_not_saved_yet(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    canin, felin = clinic.species["Canin"], clinic.species["Félin"]
    examen = clinic.categories["Examen"]
    page = post(staff, staff.get("/especes"), op=f"remove:{canin}:{examen}")
    page = post(staff, page, op=f"open:{felin}")
    assert chips(page, "Canin") == [CONSULTATION]
    assert page.names(".rdv-note") == ["Modifications non enregistrées."]
    assert links(session, clinic, "Canin") == {CONSULTATION, "Examen"}
    assert post(staff, page, op="save").status == 303
    assert links(session, clinic, "Canin") == {CONSULTATION}
    assert links(session, clinic, "Félin") == {"Examen"}


@pytest.mark.usefixtures("many")
def test_what_is_ticked_in_an_open_species_is_kept_when_another_opens(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    canin, felin = clinic.species["Canin"], clinic.species["Félin"]
    fields = post(staff, staff.get("/especes"), op=f"open:{felin}").fields()
    fields.add(f"categories-{felin}", str(clinic.categories[CONSULTATION]))
    fields["op"] = f"open:{canin}"
    page = Page(staff.client.post(f"{PREFIX}/especes", data=fields))
    assert chips(page, "Félin") == [CONSULTATION, "Examen"]
    assert choices(page, "Félin") == []
    assert choices(page, "Canin") == [CONSULTATION, "Examen"]
    post(staff, page, op="save")
    assert links(session, clinic, "Félin") == {CONSULTATION, "Examen"}


@pytest.mark.usefixtures("many")
def test_the_arrow_closes_again(clinic: TestClinic, staff: Staff) -> None:
    felin = clinic.species["Félin"]
    page = post(staff, staff.get("/especes"), op=f"open:{felin}")
    page = post(staff, page, op=f"open:{felin}")
    assert choices(page, "Félin") == []
    assert chips(page, "Félin") == ["Examen"]
    assert arrow(page, felin) == "false"


@pytest.mark.usefixtures("many")
def test_an_open_species_stays_open_while_another_chip_goes(
    clinic: TestClinic, staff: Staff
) -> None:
    canin, felin = clinic.species["Canin"], clinic.species["Félin"]
    page = post(staff, staff.get("/especes"), op=f"open:{felin}")
    page = post(staff, page, op=f"remove:{canin}:{clinic.categories['Examen']}")
    assert choices(page, "Félin") == [CONSULTATION, "Examen"]


@pytest.mark.usefixtures("many")
def test_of_many_choices_those_of_an_unchecked_species_come_back_too(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    staff.send("/especes", {})
    canin = clinic.species["Canin"]
    post(staff, staff.get("/especes"), op="save", **{f"online-{canin}": "1"})
    assert links(session, clinic, "Canin") == {CONSULTATION, "Examen"}


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("fields", [{"op": "open:x"}, {"op": "sort", "open": "x"}])
def test_what_is_no_species_does_not_open(staff: Staff, fields: dict[str, str]) -> None:
    assert staff.send("/especes", fields).status == 404


def test_few_choices_are_all_in_the_page(staff: Staff) -> None:
    page = staff.get("/especes")
    assert len(page.body.select("details fieldset")) == 6
    assert page.body.select("button[value^=open], input[type=hidden][name^=categories]") == []
