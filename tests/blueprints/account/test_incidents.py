"""« Journal des incidents »: what a clinic's privacy officer finds in the history."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services import incidents
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.account.conftest import Staff
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic

WHY = {"day": "2026-03-18", "time": "10h00"}


@pytest.fixture
def log(staff: Staff) -> Callable[[], list[str]]:
    page = "/historique"
    return lambda: staff.get(page, subject="incidents").names(".rdv-history > li")


def refused(staff: Staff, resource_id: object, times: int) -> None:
    path = f"/ressources/{resource_id}/disponibilites"
    assert {staff.get(path).status for _ in range(times)} == {404}


def test_more_than_twenty_ids_of_another_clinic_are_one_incident(
    portal: Flask, staff: Staff, log: Callable[[], list[str]]
) -> None:
    theirs = make_clinic(portal, configured=True).resources[DOLITTLE]
    refused(staff, theirs, 20)
    assert log() == []
    refused(staff, theirs, 5)
    assert log() == [
        "Incident Zoé L'Écuyer, 16 mars 2026 à 10 h"
        " Plus de 20 demandes refusées : ce qu'elles visaient n'est pas à cette clinique"
    ]


def test_ids_that_nobody_has_count_and_so_do_those_of_a_form(
    clinic: TestClinic, staff: Staff, log: Callable[[], list[str]]
) -> None:
    refused(staff, uuid.uuid4(), 15)
    sent = [staff.send("/categories", {f"online-{uuid.uuid4()}": "1"}).status for _ in range(5)]
    assert set(sent) == {404}
    chosen = {name: str(uuid.uuid4()) for name in ("species", "category", "resource")}
    assert log() == []
    assert staff.get("/pourquoi", **chosen, **WHY).status == 422
    assert len(log()) == 1


def test_a_key_used_elsewhere_is_told_with_both_addresses(
    clinic: TestClinic, portal: Flask, log: Callable[[], list[str]]
) -> None:
    note, addresses = incidents.note_address, ("203.0.113.1", "203.0.113.2")
    with portal.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: note(tx, "0a1b", *addresses))
    assert log() == [
        "Incident LogiVet, 16 mars 2026 à 10 h"
        " Clé utilisée depuis une nouvelle adresse : 0a1b 203.0.113.1 → 203.0.113.2"
    ]


def test_an_empty_log_says_so(staff: Staff) -> None:
    page = staff.get("/historique", subject="incidents")
    assert "Rien n'a encore été noté." in page.text


def test_the_page_of_personal_information_leads_to_it(staff: Staff) -> None:
    [first, *_others] = staff.get("/renseignements").body.select(".rdv-more a")
    assert first.text == "Journal des incidents"
    assert first["href"].endswith("/historique?subject=incidents")


def test_someone_whose_clinic_has_no_account_is_only_refused(
    portal: Flask, clinic: TestClinic, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_logivet_rdv.blueprints.account.access.account_of_clinic", no_account)
    refused(staff, uuid.uuid4(), 25)


def no_account(*_: object) -> None:
    return None
