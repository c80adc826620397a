import dataclasses
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import ClinicAccount, Resource, WeeklyOpening
from flask_logivet_rdv.state import EXTENSION, state
from host_example.models import Clinic
from tests.blueprints.account.conftest import PREFIX, Page, Staff
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic


def chips(page: Page) -> list[str]:
    return page.names(".rdv-chip span")


def saved(session: Session, clinic: TestClinic) -> list[str]:
    session.rollback()
    return session.get(ClinicAccount, clinic.account_id).domains


def test_the_page_says_what_the_manual_says(staff: Staff) -> None:
    page = staff.get("/")
    assert page.names("h1") == ["Rendez-vous en ligne"]
    assert page.names("section h2") == ["Domaines", "Code du widget"]
    assert page.names("label[for=domain]") == ["Ajouter un domaine"]
    assert page.names(".rdv-save button") == ["ENREGISTRER"]


def test_plus_adds_a_domain_to_the_page_only(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    page = staff.send("/", {"domain": "https://Vetwareweb-QA.cdmv.com/page", "op": "add"})
    assert page.status == 200
    assert chips(page) == ["vetwareweb-qa.cdmv.com"]
    assert page.value("domain") == ""
    assert "Modifications non enregistrées." in page.text
    assert saved(session, clinic) == []


def test_save_stores_the_domains_of_the_page(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    domains = ["vetwareweb-qa.cdmv.com", "logivetweb-qa.cdmv.com"]
    sent = staff.send("/", {"domains": domains, "op": "save"})
    assert (sent.status, sent.answer.location) == (303, f"{PREFIX}/")
    page = staff.get("/")
    assert page.notes == ["Modifications enregistrées."]
    assert chips(page) == domains
    assert saved(session, clinic) == domains


def test_a_domain_still_in_the_field_is_saved_too(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    staff.send("/", {"domain": "clinique.ca", "domains": "autre.ca", "op": "save"})
    assert saved(session, clinic) == ["autre.ca", "clinique.ca"]


def test_the_cross_removes_a_domain_from_the_page_only(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    staff.send("/", {"domains": ["a.ca", "b.ca"], "op": "save"})
    page = staff.send("/", {"domains": ["a.ca", "b.ca"], "op": "remove:a.ca"})
    assert chips(page) == ["b.ca"]
    assert saved(session, clinic) == ["a.ca", "b.ca"]


def test_the_www_twin_is_suggested_not_added(staff: Staff) -> None:
    page = staff.send("/", {"domain": "clinique.ca", "op": "add"})
    assert chips(page) == ["clinique.ca"]
    suggestion = page.body.select_one("button[value='add:www.clinique.ca']")
    assert suggestion.get_text(strip=True) == "Ajouter aussi www.clinique.ca?"
    page = staff.send("/", {"domains": "clinique.ca", "op": "add:www.clinique.ca"})
    assert chips(page) == ["clinique.ca", "www.clinique.ca"]
    assert not page.body.select("button[value^='add:']")


def test_the_same_domain_twice_is_one(staff: Staff) -> None:
    page = staff.send("/", {"domain": "A.ca", "domains": "a.ca", "op": "add"})
    assert chips(page) == ["a.ca"]


def test_accents_are_shown_and_punycode_kept(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    page = staff.send("/", {"domain": "vétérinaire.ca", "op": "add"})
    assert chips(page) == ["vétérinaire.ca"]
    staff.send("/", {"domains": page.value("domains"), "op": "save"})
    assert saved(session, clinic) == ["xn--vtrinaire-b4ab.ca"]


@pytest.mark.parametrize("op", ["add", "save"])
@pytest.mark.parametrize(
    "typed", ["pas un domaine", "*.ca", "localhost", "a.ca;b.ca", "10.0.0.1", "a.ca\x00", "<b>"]
)
def test_what_is_no_domain_is_said_and_kept(
    clinic: TestClinic, staff: Staff, session: Session, op: str, typed: str
) -> None:
    page = staff.send("/", {"domain": typed, "domains": "bon.ca", "op": op})
    shown = typed.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    assert page.status == 422
    assert page.problems == [f"« {shown} » n'est pas un domaine valide. Exemple : www.clinique.ca"]
    assert page.value("domain") == shown
    assert "Modifications non enregistrées." in page.text
    assert chips(page) == ["bon.ca"]
    assert saved(session, clinic) == []


def test_plus_with_nothing_typed_is_said(staff: Staff) -> None:
    assert staff.send("/", {"domain": " ", "op": "add"}).problems == ["Domaine est obligatoire."]


def test_a_forged_hidden_domain_is_refused(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    page = staff.send("/", {"domains": "'self' https:", "op": "save"})
    assert page.status == 422
    assert saved(session, clinic) == []


def test_more_domains_than_a_header_should_hold_are_refused(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    page = staff.send("/", {"domains": [f"d{n}.ca" for n in range(51)], "op": "save"})
    assert page.problems == ["Au plus 50 domaines peuvent être enregistrés."]
    assert saved(session, clinic) == []


@pytest.mark.parametrize(
    ("lang", "title"),
    [("fr", "Prendre rendez-vous en ligne"), ("en", "Book an appointment online")],
)
def test_both_codes_are_there_without_script(
    clinic: TestClinic, staff: Staff, lang: str, title: str
) -> None:
    code = staff.get("/").soup.select_one(f"#code-{lang}").text
    src = (
        "https://widget.exemple.ca/services/online-appointment"
        f"?widgetId={clinic.account_id}&lang={lang}"
    )
    assert code == (
        f'<iframe src="{src}" title="{title}"'
        ' style="width:100%;min-height:720px;border:0"></iframe>'
    )


def test_the_language_of_the_code_can_be_chosen_with_script(staff: Staff) -> None:
    assert staff.get("/").names("#code-lang option") == ["Français", "Anglais"]


@pytest.mark.parametrize(("locale", "lang"), [("en", "en"), ("en-CA", "en"), ("fr_CA", "fr")])
def test_the_code_is_first_in_the_clinics_language(
    portal: Flask, session: Session, locale: str, lang: str
) -> None:
    clinic = make_clinic(portal, configured=False)
    session.get(Clinic, clinic.clinic_id).locale = locale
    session.commit()
    state().clinic_changed(clinic.clinic_id)
    chosen = Staff(clinic.login()).get("/").body.select_one("#code-lang [selected]")
    assert chosen["value"] == lang


def test_an_english_page_shows_an_english_domain(portal: Flask) -> None:
    page = Staff(make_clinic(portal, configured=False, locale="en").login()).get("/")
    assert page.body.select_one("#domain")["placeholder"] == "www.clinic.ca"


def test_the_preview_opens_in_a_tab_of_its_own(clinic: TestClinic, staff: Staff) -> None:
    link = staff.get("/").body.select_one("a[target=_blank]")
    assert link["href"].endswith(f"widgetId={clinic.account_id}&lang=fr")
    assert link["rel"] == ["noopener"]


def test_the_code_can_be_mailed(clinic: TestClinic, staff: Staff) -> None:
    link = staff.get("/").body.select_one("a[href^='mailto:?']")
    assert str(clinic.account_id) in link["href"]


@pytest.mark.parametrize(
    ("lang", "first", "headings", "delay"),
    [
        (
            "fr",
            "Prendre rendez-vous en ligne",
            [
                "Politique d'annulation et de modification",
                "Préparer votre visite",
                "Urgences et soins en dehors des heures d'ouverture",
                "Besoin d'aide?",
            ],
            "au moins 24\N{NO-BREAK SPACE}heures à l'avance",
        ),
        (
            "en",
            "Book an appointment online",
            [
                "Cancellation and change policy",
                "Preparing for your visit",
                "Emergencies and care outside opening hours",
                "Need help?",
            ],
            "at least 24 hours in advance",
        ),
    ],
)
def test_a_text_for_the_clinics_own_page_can_be_copied(
    staff: Staff, lang: str, first: str, headings: list[str], delay: str
) -> None:
    field = staff.get("/").soup.select_one(f"details #sample-{lang}[readonly]")
    lines = field.text.splitlines()
    assert (lines[0], [line for line in lines if line in headings]) == (first, headings)
    assert delay in field.text


def test_the_text_goes_by_the_portals_own_delay(
    portal: Flask, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = portal.extensions[EXTENSION]
    settings = dataclasses.replace(here.settings, min_cancel_hours=48)
    monkeypatch.setitem(portal.extensions, EXTENSION, dataclasses.replace(here, settings=settings))
    text = staff.get("/").soup.select_one("#sample-fr").text
    assert "au moins 48\N{NO-BREAK SPACE}heures" in text


@pytest.mark.parametrize(
    ("who", "steps"),
    [
        (
            "staff",
            ["Catégories (2)", "Espèces (2)", "Ressources activées (1)", "Domaines (0) À faire"],
        ),
        (
            "bare_staff",
            [
                "Catégories (0) À faire",
                "Espèces (0) À faire",
                "Ressources activées (0) À faire",
                "Domaines (0) À faire",
            ],
        ),
    ],
)
def test_the_set_up_list_says_what_is_left(
    request: pytest.FixtureRequest, who: str, steps: list[str]
) -> None:
    page = request.getfixturevalue(who).get("/")
    assert page.names(".rdv-steps li") == steps
    assert not page.body.select(".rdv-steps .rdv-vh")


def test_a_resource_that_cannot_be_booked_is_still_to_do(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    hours = WeeklyOpening.account_id == clinic.account_id
    session.execute(sa.delete(WeeklyOpening).where(hours))
    session.commit()
    assert staff.get("/").names(".rdv-steps li")[2] == "Ressources activées (0) À faire"
    assert session.get(Resource, (clinic.account_id, clinic.resources[DOLITTLE])).enabled


def test_the_widget_id_is_a_version_4_uuid(clinic: TestClinic, staff: Staff) -> None:
    code = staff.get("/").soup.select_one("textarea").text
    assert re.search(r"widgetId=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-", code)


def test_a_flood_of_domains_makes_a_short_page(staff: Staff) -> None:
    page = staff.send("/", {"domains": [f"{n}.é é" for n in range(5_000)]})
    assert page.status == 422
    assert len(page.problems) < 100
