"""What the first page says of LogiVet: its contact, its uploads, and what a person must decide."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Busy, ClinicAccount, SyncState
from flask_logivet_rdv.services.conflicts import note_conflicts
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.upload_agenda import entries
from flask_logivet_rdv.state import state
from host_example.models import Clinic
from tests.blueprints.account.conftest import Page, Staff
from tests.support.clinics import DOLITTLE, TestClinic, at, make_clinic
from tests.support.portal import Clock

EVENTS = "/api/logivet/v1/events"
START = at("2026-03-18", "10:00")
HALF_HOUR = 1800
OLD = (
    "Dernière synchronisation le 16 mars 2026 à 10 h. Des plages occupées récentes peuvent manquer."
)


def section(page: Page) -> dict[str, str]:
    return dict(zip(page.names("dt"), page.names("dd"), strict=True))


def warnings(page: Page) -> list[str]:
    return page.names("p.rdv-box--warn")


def logivet_asks(clinic: TestClinic, cursor: str | None = None) -> str:
    """Have LogiVet ask for events after a cursor; return the one to ask with next."""
    calls = clinic.app.test_client()
    headers = {"Authorization": f"Bearer {clinic.key}", "User-Agent": "LogiVet/5.2"}
    if cursor is None:
        cursor = calls.get("/api/logivet/v1/hello", headers=headers).json["cursor"]
    answer = calls.get(EVENTS, query_string={"cursor": cursor}, headers=headers)
    return str(answer.json["cursor"])


def put(session: Session, clinic: TestClinic, key: str, start: int, **changed: Any) -> None:
    """Put an entry of half an hour into Dr Dolittle's agenda."""
    values = {
        "account_id": clinic.account_id,
        "logivet_id": key,
        "version": 1,
        "kind": "appointment",
        "resource_id": clinic.resources[DOLITTLE],
        "starts_at": start,
        "ends_at": start + HALF_HOUR,
    }
    session.add(Busy(**values | changed))
    session.commit()
    transact(jobs.desk(), clinic.account_id, lambda tx: note_conflicts(tx, entries(tx, [key])))


def test_a_clinic_that_logivet_never_called(bare_staff: Staff) -> None:
    page = bare_staff.get("/")
    assert section(page) == {
        "Dernier contact": "Jamais",
        "Dernière synchronisation": "16 mars 2026 à 10 h",
        "Rendez-vous": "Aucun reçu dans l'agenda pour le moment",
    }
    assert warnings(page) == []


def test_a_clinic_without_an_account_has_no_such_section(portal: Flask, session: Session) -> None:
    clinic = make_clinic(portal, configured=False)
    session.execute(sa.delete(ClinicAccount).where(ClinicAccount.id == clinic.account_id))
    session.commit()
    assert section(Staff(clinic.login()).get("/")) == {}


def test_before_the_first_upload_it_says_so(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    session.get(SyncState, clinic.account_id).uploaded_at = None
    session.commit()
    page = staff.get("/")
    assert warnings(page) == ["Aucune donnée reçue de LogiVet pour le moment."]
    assert "Dernière synchronisation" not in section(page)


@pytest.mark.parametrize(("seconds", "warned"), [(900, []), (901, [OLD])])
def test_an_upload_older_than_a_quarter_of_an_hour_is_a_warning(
    staff: Staff, clock: Clock, seconds: int, warned: list[str]
) -> None:
    clock.now += timedelta(seconds=seconds)
    assert warnings(staff.get("/")) == warned


def test_the_last_contact_is_told_with_logivets_version(
    clinic: TestClinic, staff: Staff, clock: Clock
) -> None:
    clock.advance(minutes=5)
    logivet_asks(clinic)
    contact = section(staff.get("/"))["Dernier contact"]
    assert contact == "16 mars 2026 à 10 h 05, LogiVet/5.2"


def test_times_are_the_clinics(portal: Flask, session: Session) -> None:
    clinic = make_clinic(portal, configured=False)
    session.get(Clinic, clinic.clinic_id).time_zone = "America/Vancouver"
    session.commit()
    state().clinic_changed(clinic.clinic_id)
    staff = Staff(clinic.login())
    staff.send("/", {"domains": "a.ca", "op": "save"})
    assert section(staff.get("/"))["Dernière synchronisation"] == "16 mars 2026 à 7 h"


def test_what_logivet_has_received_is_told_with_its_time(
    clinic: TestClinic, staff: Staff, clock: Clock
) -> None:
    cursor = logivet_asks(clinic)
    clinic.book(START)
    fetched = logivet_asks(clinic, cursor)
    clock.advance(minutes=2)
    logivet_asks(clinic, fetched)
    assert section(staff.get("/"))["Rendez-vous"] == "Reçu dans l'agenda à 10 h 02"
    clock.advance(days=1)
    text = section(staff.get("/"))["Rendez-vous"]
    assert text == "Reçu dans l'agenda le 16 mars 2026 à 10 h 02"


def test_what_logivet_has_not_received_is_a_warning_after_a_quarter_of_an_hour(
    clinic: TestClinic, staff: Staff, session: Session, clock: Clock
) -> None:
    clinic.book(START)
    clinic.book(START + HALF_HOUR)
    clock.now += timedelta(seconds=900)
    assert "Rendez-vous" in section(staff.get("/"))
    assert warnings(staff.get("/")) == []
    clock.now += timedelta(seconds=1)
    page = staff.get("/")
    assert "Rendez-vous" not in section(page)
    assert warnings(page) == [
        OLD,
        "2 rendez-vous pas encore reçus dans LogiVet. Le plus ancien attend depuis le 16 mars 2026"
        " à 10 h : vérifiez que LogiVet est ouvert et connecté.",
    ]


def test_a_conflict_is_told_with_what_lies_on_it_and_what_to_do(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    clinic.book(START)
    put(session, clinic, "A-1", START + 900, kind="note")
    put(session, clinic, "A-2", START - 86_400, ends_at=START + 86_400, kind="unavailability")
    page = staff.get("/")
    assert page.names("h3") == ["Conflits avec le carnet"]
    assert page.names(".rdv-box--warn li") == [
        "mercredi 18 mars 2026, 10 h à 10 h 30 – Examen, Tom, Dr John Dolittle"
        " Dans le carnet : non-disponibilité, du 17 mars 2026 à 10 h au 19 mars 2026 à 10 h"
        " Dans le carnet : note, 10 h 15 à 10 h 45"
    ]
    assert "Décidez dans LogiVet : déplacez ou annulez l'un des deux." in page.text


@pytest.mark.parametrize("kind", ["appointment", "note", "unavailability", "reservation"])
def test_every_kind_of_entry_has_its_words(
    clinic: TestClinic, staff: Staff, session: Session, kind: str
) -> None:
    clinic.book(START)
    put(session, clinic, "A-1", START, kind=kind)
    said = {
        "appointment": "rendez-vous",
        "note": "note",
        "unavailability": "non-disponibilité",
        "reservation": "réservation de temps",
    }[kind]
    [line] = staff.get("/").names(".rdv-box--warn li")
    assert line.endswith(f"Dans le carnet : {said}, 10 h à 10 h 30")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"starts_at": START + 3600, "ends_at": START + 5400}, "11 h à 11 h 30, Dr John Dolittle"),
        ({"resource_id": None}, "10 h à 10 h 30, Non assigné"),
        (
            {"starts_at": START + 86_400, "ends_at": START + 88_200},
            "jeudi 19 mars 2026, 10 h à 10 h 30, Dr John Dolittle",
        ),
    ],
)
def test_a_mirror_that_differs_is_told_with_its_place(
    clinic: TestClinic, staff: Staff, session: Session, changed: dict[str, Any], said: str
) -> None:
    booking_id = clinic.book(START)
    put(session, clinic, "A-1", START, booking_id=booking_id, **changed)
    page = staff.get("/")
    assert page.names("h3") == ["Entrées du carnet qui diffèrent de leur rendez-vous en ligne"]
    [line] = page.names(".rdv-box--warn li")
    assert line.endswith(f"Dr John Dolittle Dans le carnet : {said}")
    assert "remettez l'entrée à sa place" in page.text


def test_a_mirror_that_agrees_is_not_told(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    put(session, clinic, "A-1", START, booking_id=clinic.book(START))
    assert staff.get("/").names("h3") == []


def test_of_the_client_nothing_is_told(clinic: TestClinic, staff: Staff, session: Session) -> None:
    clinic.book(START)
    put(session, clinic, "A-1", START)
    shown = staff.get("/").answer.text
    for word in ("Solutions Vet", "solutions@exemple.ca", "Vaccin", "5550134"):
        assert word not in shown


def test_another_clinics_conflicts_are_not_told(
    clinic: TestClinic, bare_staff: Staff, session: Session
) -> None:
    clinic.book(START)
    put(session, clinic, "A-1", START)
    assert bare_staff.get("/").names("h3") == []


def test_the_page_costs_the_same_for_many_conflicts(
    clinic: TestClinic, staff: Staff, session: Session, ran: list[str]
) -> None:
    clinic.book(START)
    put(session, clinic, "A-0", START)
    ran.clear()
    assert "A-0" not in staff.get("/").text
    few = len(ran)
    for n in range(1, 30):
        put(session, clinic, f"A-{n}", START)
    ran.clear()
    page = staff.get("/")
    assert page.text.count("Dans le carnet") == 30
    assert len(ran) == few <= 11


def test_english_speaks_english(portal: Flask, session: Session, clock: Clock) -> None:
    clinic = make_clinic(portal, configured=True, locale="en")
    clinic.book(START)
    put(session, clinic, "A-1", START, kind="reservation")
    clock.advance(minutes=16)
    page = Staff(clinic.login()).get("/")
    assert warnings(page) == [
        "Last synced on March 16, 2026 at 10:00 a.m. Recent busy times may be missing.",
        "1 appointment not yet received in LogiVet. The oldest has been waiting since March 16,"
        " 2026 at 10:00 a.m.: check that LogiVet is open and connected.",
    ]
    assert page.names(".rdv-box--warn li") == [
        "Wednesday, March 18, 2026, 10:00 a.m. to 10:30 a.m. – Exam, Tom, Dr John Dolittle"
        " In the agenda: reserved time, 10:00 a.m. to 10:30 a.m."
    ]
