"""Two people on one page at once."""

import pytest

from host_example.models import User, db
from tests.blueprints.account.conftest import Staff
from tests.support.clinics import DOLITTLE
from tests.support.portal import login


@pytest.fixture
def colleague(clinic):
    """Somebody else of the same clinic, at a browser of their own."""
    with clinic.app.app_context():
        user = User(
            email=f"samuel-{clinic.account_id.hex}@exemple.ca",
            name="Samuel Gagnon",
            clinic_id=clinic.clinic_id,
            locale="fr",
            password_hash="never",
        )
        db.session.add(user)
        db.session.commit()
        return Staff(login(clinic.app, user.id))


@pytest.fixture
def pages(clinic):
    resource = clinic.resources[DOLITTLE]
    return {
        "domains": "/",
        "categories": "/categories",
        "species": "/especes",
        "offers": f"/ressources/{resource}/categories",
        "openings": f"/ressources/{resource}/disponibilites",
    }


def edits(clinic):
    """For each page: what the colleague sends, and what the first one sends after."""
    exam, behaviour = clinic.categories["Examen"], clinic.categories["Consultation comportementale"]
    dog, cat = clinic.species["Canin"], clinic.species["Félin"]
    kept = {f"online-{behaviour}": "1", f"duration-{behaviour}": "45", f"online-{exam}": "1"}
    both = {f"online-{dog}": "1", f"online-{cat}": "1"}
    dogs, cats = f"categories-{dog}", f"categories-{cat}"
    return {
        "domains": ({"domain": "www.un.ca"}, {"domain": "www.deux.ca"}),
        "categories": (
            kept | {f"duration-{exam}": "45"},
            kept | {f"duration-{exam}": "60"},
        ),
        "species": (both | {dogs: str(exam), cats: str(exam)}, both | {dogs: str(exam)}),
        "offers": (both | {dogs: str(exam), cats: str(exam)}, both | {dogs: str(exam)}),
        "openings": (
            {"start-1-0": "09h00", "end-1-0": "10h00"},
            {"start-2-0": "09h00", "end-2-0": "10h00"},
        ),
    }


NAMES = ["domains", "categories", "species", "offers", "openings"]


@pytest.mark.parametrize("name", NAMES)
def test_the_second_is_told_who_changed_what_and_may_save_again(
    staff, colleague, clinic, pages, name
):
    theirs, mine = edits(clinic)[name]
    base = staff.get(pages[name]).value("base")
    assert colleague.send(pages[name], theirs | {"base": base}).status == 303
    answer = staff.send(pages[name], mine | {"base": base})
    assert answer.status == 409
    assert answer.problems[0].startswith("Samuel Gagnon a modifié cette page à 10 h. ")
    assert answer.problems[-1].startswith("Vos propres modifications sont conservées ci-dessous")
    assert answer.names(".rdv-note") == ["Modifications non enregistrées."]
    again = staff.send(pages[name], mine | {"base": answer.value("base")})
    assert again.status == 303


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("domains", "Ajouté : www.un.ca"),
        ("categories", "Examen : en ligne, 30 minutes → en ligne, 45 minutes"),
        (
            "species",
            "Canin : en ligne (Consultation comportementale, Examen) → en ligne (Examen)",
        ),
        (
            "offers",
            "Canin : en ligne (Consultation comportementale, Examen) → en ligne (Examen)",
        ),
        ("openings", "Retiré : lundi 09h00–11h30; Retiré : lundi 13h00–16h00"),
    ],
)
def test_what_changed_is_said_in_words(staff, colleague, clinic, pages, name, said):
    theirs, mine = edits(clinic)[name]
    base = staff.get(pages[name]).value("base")
    colleague.send(pages[name], theirs | {"base": base})
    answer = staff.send(pages[name], mine | {"base": base})
    assert said in answer.problems[0]


def test_it_is_said_in_english_too(staff, colleague, clinic):
    with clinic.app.app_context():
        db.session.get(User, clinic.user_id).locale = "en"
        db.session.commit()
    theirs, mine = edits(clinic)["domains"]
    base = staff.get("/").value("base")
    colleague.send("/", theirs | {"base": base})
    told = staff.send("/", mine | {"base": base}).problems[0]
    assert told == "Samuel Gagnon changed this page at 10:00 a.m. Added: www.un.ca"


def test_nothing_typed_is_lost_and_nothing_is_saved(staff, colleague, clinic):
    exam = clinic.categories["Examen"]
    base = staff.get("/categories").value("base")
    first = {f"online-{exam}": "1", f"duration-{exam}": "45", "base": base}
    assert colleague.send("/categories", first).status == 303
    answer = staff.send("/categories", {f"online-{exam}": "1", f"duration-{exam}": "60",
                                        "base": base})  # fmt: skip
    assert answer.value(f"duration-{exam}") == "60"
    assert staff.get("/categories").value(f"duration-{exam}") == "45"


def test_a_form_that_is_sent_again_is_answered_as_before(staff, clinic):
    exam = clinic.categories["Examen"]
    form = {f"online-{exam}": "1", f"duration-{exam}": "45"}
    form["base"] = staff.get("/categories").value("base")
    assert [staff.send("/categories", form).status for _ in range(2)] == [303, 303]


def test_two_pages_do_not_clash(staff, colleague, clinic):
    exam = clinic.categories["Examen"]
    base = staff.get("/especes").value("base")
    theirs = {f"online-{exam}": "1", f"duration-{exam}": "45", "base": base}
    assert colleague.send("/categories", theirs).status == 303
    assert staff.send("/especes", {"base": base}).status == 303
    assert not staff.get("/especes").body.select("input.rdv-on[checked]")


@pytest.mark.parametrize("base", ["", "x", "-1", "9" * 30, "1 "])
def test_a_page_that_does_not_say_when_it_was_made_is_saved(staff, clinic, base):
    exam = clinic.categories["Examen"]
    form = {f"online-{exam}": "1", f"duration-{exam}": "45", "base": base}
    assert staff.send("/categories", form).status == 303


def test_a_page_that_is_sent_for_another_reason_stays_as_old_as_it_was(staff, colleague, clinic):
    exam = clinic.categories["Examen"]
    base = staff.get("/categories").value("base")
    colleague.send("/categories", {f"online-{exam}": "1", f"duration-{exam}": "45", "base": base})
    sorted_ = staff.send("/categories", {"op": "sort", "base": base}, sort="en")
    assert sorted_.value("base") == base
    wrong = staff.send("/categories", {f"online-{exam}": "1", "base": base})
    assert (wrong.status, wrong.value("base")) == (422, base)
