"""LOGIVET_RDV_UI: whose classes the controls have (the looks themselves: tests/browser)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from flask_logivet_rdv.state import EXTENSION
from flask_logivet_rdv.ui import OURS
from tests.blueprints.account.conftest import Staff
from tests.support.clinics import DOLITTLE, TestClinic


@pytest.fixture
def ui(clinic: TestClinic, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the portal answer with another LOGIVET_RDV_UI."""

    def use(value: str | Mapping[str, str]) -> None:
        here = clinic.app.extensions[EXTENSION]
        other = replace(here, settings=replace(here.settings, ui=value))
        monkeypatch.setitem(clinic.app.extensions, EXTENSION, other)

    return use


def week(clinic: TestClinic) -> str:
    return f"/ressources/{clinic.resources[DOLITTLE]}/disponibilites"


def test_without_a_framework_we_draw_everything(staff: Staff) -> None:
    body = staff.get("/categories").body
    for control in (".rdv-b--main", ".rdv-cancel", ".rdv-check", ".rdv-t"):
        assert OURS in body.select_one(control)["class"]


@pytest.mark.parametrize(
    ("path", "control", "classes"),
    [
        ("/categories", ".rdv-b--main", "btn btn-primary"),
        ("/categories", ".rdv-cancel", "btn btn-outline-secondary"),
        ("/categories", ".rdv-t", "table"),
        ("/categories", ".rdv-check", "form-check-input"),
        ("/especes", ".rdv-ms .rdv-check", "form-check-input"),
        ("/ressources", ".rdv-t", "table"),
        ("/", "#domain", "form-control"),
        ("/", "#code-lang", "form-select"),
        ("/", "textarea", "form-control"),
        ("week", ".rdv-hour", "form-control"),
        ("week", ".rdv-tabs", "nav nav-tabs"),
        ("week", ".rdv-tabs a", "nav-link"),
        ("week", ".rdv-tabs a[aria-current=page]", "nav-link active"),
        ("week", ".rdv-box--warn", "alert alert-warning"),
    ],
)
def test_bootstrap_draws_a_control_and_we_step_back(
    clinic: TestClinic, staff: Staff, ui, path: str, control: str, classes: str
) -> None:
    ui("bootstrap5")
    found = staff.get(week(clinic) if path == "week" else path).body.select_one(control)["class"]
    assert set(classes.split()) <= set(found)
    assert OURS not in found


def test_what_is_wrong_is_an_alert_of_bootstrap(staff: Staff, ui) -> None:
    ui("bootstrap5")
    page = staff.send("/", {"op": "add", "domain": "pas un domaine"})
    assert {"alert", "alert-danger"} <= set(page.body.select_one("[role=alert]")["class"])


def test_a_host_names_its_own_classes_and_the_rest_stays_ours(staff: Staff, ui) -> None:
    ui({"button": "button is-light"})
    body = staff.get("/categories").body
    assert body.select_one(".rdv-cancel")["class"] == ["rdv-b", "rdv-cancel", "button", "is-light"]
    assert OURS in body.select_one(".rdv-b--main")["class"]


def test_no_two_fields_of_a_page_have_one_id(clinic: TestClinic, staff: Staff) -> None:
    ids = [tag["id"] for tag in staff.get(week(clinic)).soup.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_suggested_domain_is_shown_with_its_accents(staff: Staff) -> None:
    page = staff.send("/", {"domain": "vétérinaire.ca", "op": "add"})
    assert "Ajouter aussi www.vétérinaire.ca?" in page.text
