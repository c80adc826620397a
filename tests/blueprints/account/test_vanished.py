"""Rows that LogiVet deletes while a page is open: whatever the page is sent for, it names them."""

import pytest

from tests.blueprints.account.conftest import PREFIX, Page, Staff
from tests.support.clinics import DOLITTLE, TestClinic

BEHAVIOUR = "Consultation comportementale"
EXAM_GONE = "Examen n'est plus dans LogiVet et a été laissé de côté."
CAT_GONE = "Félin n'est plus dans LogiVet et a été laissé de côté."
SAVED = "Modifications enregistrées."


@pytest.fixture
def offers(clinic: TestClinic) -> str:
    return f"/ressources/{clinic.resources[DOLITTLE]}/categories"


def post(staff: Staff, path: str, fields) -> Page:
    return Page(staff.client.post(PREFIX + path, data=fields, follow_redirects=True))


def note(page: Page) -> str:
    return " ".join(page.names(".rdv-note"))


def test_a_category_is_named_when_the_page_is_sorted(staff, logivet) -> None:
    fields = staff.get("/categories").fields()
    logivet.deletes("category", "Examen")
    fields["op"] = "sort"
    assert note(post(staff, "/categories", fields)) == EXAM_GONE


def test_a_category_is_named_beside_what_is_wrong(clinic, staff, logivet) -> None:
    fields = staff.get("/categories").fields()
    logivet.deletes("category", "Examen")
    fields[f"duration-{clinic.categories[BEHAVIOUR]}"] = "7"
    page = post(staff, "/categories", fields)
    assert page.status == 422
    assert note(page) == f"{EXAM_GONE} Modifications non enregistrées."


def test_a_category_is_named_beside_what_a_colleague_changed(clinic, staff, logivet) -> None:
    fields = staff.get("/categories").fields()
    theirs = fields.copy()
    theirs[f"duration-{clinic.categories[BEHAVIOUR]}"] = "60"
    assert staff.client.post(f"{PREFIX}/categories", data=theirs).status_code == 303
    logivet.deletes("category", "Examen")
    page = post(staff, "/categories", fields)
    assert page.status == 409
    assert note(page) == f"{EXAM_GONE} Modifications non enregistrées."


def test_a_species_is_named_when_a_chip_is_removed(clinic, staff, logivet, offers) -> None:
    dog, exam = clinic.species["Canin"], clinic.categories["Examen"]
    for path in ("/especes", offers):
        fields = staff.get(path).fields()
        logivet.deletes("species", "Félin")
        fields["op"] = f"remove:{dog}:{exam}"
        assert note(post(staff, path, fields)) == f"{CAT_GONE} Modifications non enregistrées."
        logivet.has("species", clinic.logivet["species:Félin"], "Félin", "Feline")
        undone = staff.get("/especes").fields()
        undone[f"online-{clinic.species['Félin']}"] = "1"
        assert post(staff, "/especes", undone).status == 200


@pytest.mark.parametrize("op", ["sort", "save"])
def test_a_chosen_category_is_named(staff, logivet, offers, op: str) -> None:
    pages = {path: staff.get(path).fields() for path in ("/especes", offers)}
    logivet.deletes("category", "Examen")
    for path, fields in pages.items():
        fields["op"] = op
        page = post(staff, path, fields)
        assert page.status == 200
        assert note(page) == EXAM_GONE if op == "sort" else page.notes == [SAVED, EXAM_GONE]


def test_the_row_that_is_named_is_the_clinics_own(clinic, bare_clinic, staff) -> None:
    theirs = bare_clinic.categories["Examen"]
    page = staff.send("/categories", {"op": "sort", f"online-{theirs}": "1"})
    assert "n'est plus dans LogiVet" not in page.text


@pytest.mark.parametrize("tab", ["categories", "disponibilites", "activation"])
def test_a_resource_is_named_whatever_its_page_is_sent_for(clinic, staff, logivet, tab) -> None:
    dolittle = f"/ressources/{clinic.resources[DOLITTLE]}"
    logivet.deletes("resource", DOLITTLE)
    page = staff.send(f"{dolittle}/{tab}", {"active": "1"})
    assert page.status == 404
    assert page.names("h1") == ["Dr John Dolittle n'est plus dans LogiVet."]
