import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Audit, Category, Resource, Species, SyncState
from tests.blueprints.account.conftest import PREFIX, Page, Staff
from tests.support.clinics import TestClinic, make_clinic


def test_the_page_says_what_the_manual_says(staff: Staff) -> None:
    page = staff.get("/categories")
    assert page.names("h1") == ["Catégories de rendez-vous"]
    assert page.soup.title.text == "Catégories de rendez-vous – Clinique P&C"
    assert page.names(".rdv-lead") == [
        "Sélectionnez les catégories pour lesquelles il est possible de prendre"
        " rendez-vous en ligne."
    ]
    assert page.names("thead th") == [
        "Français ▲",
        "Anglais ▼",
        "Rendez-vous en ligne ▼",
        "Durée (minutes)",
    ]


def test_rows_are_those_of_logivet_with_what_is_saved(clinic: TestClinic, staff: Staff) -> None:
    page = staff.get("/categories")
    assert page.column(0) == [
        "Chirurgie",
        "Consultation comportementale",
        "Dentisterie",
        "Euthanasie",
        "Examen",
    ]
    checked = {box["aria-label"] for box in page.body.select("input[type=checkbox][checked]")}
    assert {label.replace("\N{NO-BREAK SPACE}", " ") for label in checked} == {
        "Rendez-vous en ligne : Consultation comportementale",
        "Rendez-vous en ligne : Examen",
    }
    assert page.value(f"duration-{clinic.categories['Examen']}") == "30"
    assert page.value(f"duration-{clinic.categories['Chirurgie']}") == ""


def test_names_cannot_be_changed_here(staff: Staff) -> None:
    names = [field["name"] for field in staff.get("/categories").body.select("table [name]")]
    assert all(name == "op" or name.startswith(("online-", "duration-")) for name in names)


def test_saving_stores_and_says_so(clinic: TestClinic, staff: Staff, row) -> None:
    chirurgie, examen = clinic.categories["Chirurgie"], clinic.categories["Examen"]
    sent = staff.send(
        "/categories", {f"online-{chirurgie}": "1", f"duration-{chirurgie}": "60", "op": "save"}
    )
    assert (sent.status, sent.answer.location) == (303, f"{PREFIX}/categories")
    assert staff.get("/categories").notes == ["Modifications enregistrées."]
    assert row(Category, clinic, chirurgie).duration_min == 60
    assert (row(Category, clinic, examen).online, row(Category, clinic, examen).duration_min) == (
        False,
        None,
    )


def test_what_the_page_shows_can_be_saved_as_it_is(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    staff.client.post(f"{PREFIX}/categories", data=staff.get("/categories").fields())
    audits = sa.select(sa.func.count()).where(
        Audit.account_id == clinic.account_id,
        Audit.subject == "categories",
        Audit.actor_kind == "user",
    )
    assert session.scalar(audits) == 0


def test_the_duration_of_an_unchecked_row_is_ignored(clinic: TestClinic, staff: Staff, row) -> None:
    chirurgie = clinic.categories["Chirurgie"]
    assert staff.send("/categories", {f"duration-{chirurgie}": "-7"}).status == 303
    assert row(Category, clinic, chirurgie).duration_min is None


WRONG = "Durée de Examen doit être un multiple de 5, de 5 à 480 minutes."


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Durée de Examen est obligatoire."),
        ("   ", "Durée de Examen est obligatoire."),
        *((typed, WRONG) for typed in ("0", "-5", "4", "7", "485", "30.0", "1e2", "٣٠", "trente")),
        ("30\x00", WRONG),
        ("9" * 5000, WRONG),
    ],
)
def test_a_wrong_duration_is_said_by_its_field_and_nothing_is_stored(
    clinic: TestClinic, staff: Staff, row, typed: str, problem: str
) -> None:
    examen, chirurgie = clinic.categories["Examen"], clinic.categories["Chirurgie"]
    page = staff.send(
        "/categories",
        {
            f"online-{examen}": "1",
            f"duration-{examen}": typed,
            f"online-{chirurgie}": "1",
            f"duration-{chirurgie}": "60",
        },
    )
    assert page.status == 422
    assert page.problems == [problem]
    assert page.soup.title.text.replace("\N{NO-BREAK SPACE}", " ").startswith("Erreur : ")
    link = page.soup.select_one("[role=alert] a")["href"]
    field = page.soup.select_one(link)
    assert field["aria-invalid"] == "true"
    assert page.names(f"#{field['aria-describedby']}") == [problem]
    assert page.value(f"duration-{chirurgie}") == "60"
    assert row(Category, clinic, examen).duration_min == 30
    assert not row(Category, clinic, chirurgie).online


@pytest.mark.parametrize("minutes", ["5", "25", "480", " 45 "])
def test_any_multiple_of_five_is_a_duration(
    clinic: TestClinic, staff: Staff, row, minutes: str
) -> None:
    examen = clinic.categories["Examen"]
    fields = {f"online-{examen}": "1", f"duration-{examen}": minutes}
    assert staff.send("/categories", fields).status == 303
    assert row(Category, clinic, examen).duration_min == int(minutes)


@pytest.mark.parametrize(
    ("query", "first", "sorted_by"),
    [
        ({}, "Chirurgie", "Français ▲"),
        ({"sort": "fr", "dir": "desc"}, "Examen", "Français ▼"),
        ({"sort": "en", "dir": "asc"}, "Consultation comportementale", "Anglais ▲"),
        (
            {"sort": "online", "dir": "desc"},
            "Consultation comportementale",
            "Rendez-vous en ligne ▼",
        ),
        ({"sort": "online", "dir": "asc"}, "Chirurgie", "Rendez-vous en ligne ▲"),
        ({"sort": "nope", "dir": "desc"}, "Chirurgie", "Français ▲"),
    ],
)
def test_headings_sort(staff: Staff, query: dict[str, str], first: str, sorted_by: str) -> None:
    page = staff.get("/categories", **query)
    assert page.column(0)[0] == first
    assert page.names("th[aria-sort=ascending], th[aria-sort=descending]") == [sorted_by]


def test_accents_do_not_count_in_the_order(clinic: TestClinic, staff: Staff, session) -> None:
    session.execute(
        sa.update(Category)
        .where(Category.account_id == clinic.account_id, Category.name_fr == "Dentisterie")
        .values(name_fr="Écho")
    )
    session.commit()
    assert staff.get("/categories").column(0)[2:] == ["Écho", "Euthanasie", "Examen"]


def test_sorting_keeps_what_is_typed_and_stores_nothing(
    clinic: TestClinic, staff: Staff, row
) -> None:
    examen = clinic.categories["Examen"]
    fields = {f"online-{examen}": "1", f"duration-{examen}": "7", "op": "sort"}
    page = staff.send("/categories", fields, sort="online", dir="desc")
    assert page.status == 200
    assert page.column(0)[0] == "Examen"
    assert page.value(f"duration-{examen}") == "7"
    assert "Modifications non enregistrées." in page.text
    assert row(Category, clinic, examen).duration_min == 30


@pytest.mark.parametrize("path", ["/categories", "/especes"])
def test_sorting_alone_leaves_nothing_to_save(staff: Staff, path: str) -> None:
    fields = staff.get(path).fields()
    fields["op"] = "sort"
    sent = staff.client.post(PREFIX + path, data=fields, query_string={"sort": "en"})
    assert "Modifications non enregistrées." not in Page(sent).text


def test_saving_keeps_the_order(staff: Staff) -> None:
    sent = staff.send("/categories", {}, sort="en", dir="desc")
    assert sent.answer.location == f"{PREFIX}/categories?sort=en&dir=desc"


def test_a_row_that_logivet_deleted_meanwhile_is_named_and_the_rest_saved(
    clinic: TestClinic, staff: Staff, session: Session, row, clock
) -> None:
    fields = staff.get("/categories").fields()
    examen, comportement = (
        clinic.categories["Examen"],
        clinic.categories["Consultation comportementale"],
    )
    session.get(Category, (clinic.account_id, examen)).deleted_at = clock.now
    session.commit()
    fields[f"duration-{comportement}"] = "90"
    assert staff.client.post(f"{PREFIX}/categories", data=fields).status_code == 303
    page = staff.get("/categories")
    assert page.notes == [
        "Modifications enregistrées.",
        "Examen n'est plus dans LogiVet et a été laissé de côté.",
    ]
    assert "Examen" not in page.column(0)
    assert row(Category, clinic, comportement).duration_min == 90


def test_nothing_received_yet_is_said(bare_clinic: TestClinic, bare_staff, session, clock) -> None:
    session.execute(
        sa.update(Category)
        .where(Category.account_id == bare_clinic.account_id)
        .values(deleted_at=clock.now)
    )
    session.get(SyncState, bare_clinic.account_id).uploaded_at = None
    session.commit()
    page = bare_staff.get("/categories")
    assert "Aucune donnée reçue de LogiVet pour le moment." in page.text
    assert not page.body.select("table")


@pytest.mark.parametrize("path", ["/categories", "/especes", "/ressources"])
def test_a_list_that_is_empty_in_logivet_is_not_one_that_never_came(
    bare_clinic: TestClinic, bare_staff, session, clock, path
) -> None:
    for model in (Category, Species, Resource):
        of_clinic = sa.update(model).where(model.account_id == bare_clinic.account_id)
        session.execute(of_clinic.values(deleted_at=clock.now))
    session.get(SyncState, bare_clinic.account_id).uploaded_at = clock.now
    session.commit()
    page = bare_staff.get(path)
    assert "Cette liste est vide dans LogiVet. Pour y ajouter des éléments" in page.text
    assert "Aucune donnée reçue" not in page.text
    assert not page.body.select(".rdv-save")  # on a phone it would lie over the sentence


def test_an_english_page_has_no_french_but_logivets_own_names(portal) -> None:
    staff = Staff(make_clinic(portal, configured=True, locale="en").login())
    page = staff.get("/categories")
    assert page.body["lang"] == "en-CA"
    assert page.names("h1") == ["Appointment categories"]
    assert page.names("thead th") == [
        "French ▲",
        "English ▼",
        "Online appointments ▼",
        "Duration (minutes)",
    ]
    assert page.names(".rdv-save button") == ["SAVE"]
