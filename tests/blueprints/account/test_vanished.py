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


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"op": "sort"}, 200), ({"op": "save", "duration": "7"}, 422), ({"base": "0"}, 409)],
)
def test_a_category_is_named_whatever_the_page_is_sent_for_and_the_rest_is_saved(
    clinic, staff, logivet, changed: dict[str, str], status: int
) -> None:
    exam, behaviour = (clinic.categories[name] for name in ("Examen", BEHAVIOUR))
    theirs = staff.get("/categories").fields()
    theirs[f"duration-{exam}"] = "60"
    assert post(staff, "/categories", theirs).status == 200
    fields = staff.get("/categories").fields()
    fields[f"duration-{behaviour}"] = "90"
    logivet.deletes("category", "Examen")
    for name, value in changed.items():
        fields[f"duration-{behaviour}" if name == "duration" else name] = value
    page = post(staff, "/categories", fields)
    assert (page.status, note(page)) == (status, f"{EXAM_GONE} Modifications non enregistrées.")
    again = page.fields()
    again[f"duration-{behaviour}"] = "90"
    page = post(staff, "/categories", again)
    assert (page.notes, page.value(f"duration-{behaviour}")) == ([SAVED], "90")


def test_what_is_named_is_not_taken_for_an_edit(staff, logivet) -> None:
    fields = staff.get("/categories").fields()
    logivet.deletes("category", "Examen")
    fields["op"] = "sort"
    page = post(staff, "/categories", fields)
    assert note(page) == EXAM_GONE
    assert not page.body.select("[data-unsaved]")


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
@pytest.mark.parametrize(("kind", "gone"), [("species", "Canin"), ("category", "Examen")])
@pytest.mark.parametrize("on", ["species", "resource"])
def test_a_species_or_a_chosen_category_is_named_and_the_rest_is_saved(
    clinic, staff, logivet, offers, on: str, kind: str, gone: str, op: str
) -> None:
    path = "/especes" if on == "species" else offers
    fields, cat = staff.get(path).fields(), f"online-{clinic.species['Félin']}"
    del fields[cat]
    logivet.deletes(kind, gone)
    fields["op"], told = op, f"{gone} n'est plus dans LogiVet et a été laissé de côté."
    page = post(staff, path, fields)
    if op == "sort":
        assert note(page) == f"{told} Modifications non enregistrées."
        assert post(staff, path, page.fields()).notes == [SAVED]
    else:
        assert page.notes == [SAVED, told]
    assert not staff.get(path).body.select(f"[name={cat}][checked]")


def test_a_chosen_category_is_named_when_the_switch_is_used(clinic, staff, logivet, offers) -> None:
    fields = staff.get(offers).fields() | {"active": "0"}
    logivet.deletes("category", "Examen")
    page = post(staff, offers.replace("categories", "activation"), fields)
    assert note(page) == f"La ressource est maintenant désactivée. {EXAM_GONE}"


def test_the_row_that_is_named_is_the_clinics_own(clinic, bare_clinic, staff) -> None:
    theirs = bare_clinic.categories["Examen"]
    page = staff.send("/categories", {"op": "sort", f"online-{theirs}": "1"})
    assert "n'est plus dans LogiVet" not in page.text


@pytest.mark.parametrize("tab", ["categories", "disponibilites", "activation"])
def test_edits_of_a_resource_end_at_the_list_which_names_it(staff, logivet, offers, tab) -> None:
    fields = staff.get(offers).fields() | {"active": "1"}
    logivet.deletes("resource", DOLITTLE)
    path = offers.replace("categories", tab)
    assert staff.client.post(PREFIX + path, data=fields).location == f"{PREFIX}/ressources"
    told = f"{DOLITTLE} n'est plus dans LogiVet et a été laissé de côté."
    assert staff.get("/ressources").notes == [told]


@pytest.mark.parametrize("tab", ["categories", "disponibilites"])
def test_a_resource_is_named_to_whoever_asks_for_it(staff, logivet, offers, tab) -> None:
    logivet.deletes("resource", DOLITTLE)
    page = staff.get(offers.replace("categories", tab))
    assert (page.status, page.names("h1")) == (404, [f"{DOLITTLE} n'est plus dans LogiVet."])
