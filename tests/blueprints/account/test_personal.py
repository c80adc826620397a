"""« Renseignements personnels »: what a clinic holds about an address, given and erased."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking
from flask_logivet_rdv.services import events
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from host_example.models import User
from tests.blueprints.account.conftest import PREFIX, Page, Staff
from tests.support.clinics import TestClinic, at, make_clinic
from tests.support.portal import Clock

HERE = "/renseignements"
START = at("2026-03-18", "10:00")
MARIE = "marie@exemple.ca"
NOTHING = "La clinique ne détient rien sur cette adresse."

Read = Callable[[TestClinic], None]


@pytest.fixture
def read(session: Session, clock: Clock) -> Read:
    """Return how the LogiVet of a clinic fetches all its events."""

    def reading(clinic: TestClinic) -> None:
        session.rollback()
        events.acknowledge(session, clinic.key.split("_")[1], 1_000, clock.now)

    return reading


@pytest.fixture
def over(clinic: TestClinic, clock: Clock, read: Read) -> Any:
    """A visit of Marie's that is over, and that LogiVet has fetched; its id."""
    booking_id = clinic.book(START, email=MARIE, name="Marie Tremblay")
    clock.advance(days=3)
    read(clinic)
    return booking_id


def ask(staff: Staff, op: str = "show", email: str = MARIE) -> Page:
    return staff.send(HERE, {"op": op, "email": email})


def test_what_is_held_is_shown_in_words(clinic: TestClinic, staff: Staff, over: Any) -> None:
    page = ask(staff)
    assert page.status == 200
    assert page.names("h1") == ["Renseignements personnels"]
    assert page.column(0) == [
        "18 mars 2026 à 10 h – Examen, Canin"
        " Marie Tremblay, 514 555-0134, marie@exemple.ca Animal : Tom Raison : Vaccin"
    ]
    assert page.column(1) == ["16 mars 2026 à 10 h, version 2026-01"]
    assert page.column(2) == ["Aucun"]


def test_no_address_is_ever_in_a_url(clinic: TestClinic, staff: Staff, over: Any) -> None:
    page = ask(staff)
    forms = page.body.select("form")
    assert {form["method"] for form in forms} == {"post"}
    assert {form["action"] for form in forms} == {f"{PREFIX}{HERE}"}
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert staff.get(HERE, email=MARIE).column(0) == []


def test_who_looked_is_in_the_history_without_the_address(
    clinic: TestClinic, staff: Staff, over: Any
) -> None:
    ask(staff)
    told = staff.get("/historique", subject="incidents")
    assert told.names(".rdv-history > li")[0] == (
        "Renseignements personnels Zoé L'Écuyer, 19 mars 2026 à 10 h"
        " Affiché ou remis : 1 rendez-vous"
    )
    assert MARIE not in told.text


def test_it_is_given_as_a_file(clinic: TestClinic, staff: Staff, over: Any) -> None:
    answer = ask(staff, "download").answer
    assert answer.headers["Content-Disposition"] == 'attachment; filename="renseignements.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    told = json.loads(answer.text)
    assert (told["email"], [one["id"] for one in told["bookings"]]) == (MARIE, [str(over)])


def test_it_is_erased_and_said_so(
    clinic: TestClinic, staff: Staff, over: Any, row: Callable[..., Any]
) -> None:
    sent = ask(staff, "erase")
    assert (sent.status, sent.answer.location) == (303, f"{PREFIX}{HERE}")
    assert row(Booking, clinic, over).email is None
    assert staff.get(HERE).notes == ["Effacé : 1 rendez-vous"]
    assert NOTHING in ask(staff).text
    told = staff.get("/historique", subject="incidents").names(".rdv-history > li")[0]
    assert told.endswith("Effacé : 1 rendez-vous")


def test_a_visit_ahead_must_be_cancelled_first(
    clinic: TestClinic, staff: Staff, read: Read, row: Callable[..., Any]
) -> None:
    booking_id = clinic.book(START, email=MARIE)
    read(clinic)
    page = ask(staff)
    assert page.names(".rdv-box--warn li") == [
        "18 mars 2026 à 10 h : annulez d'abord ce rendez-vous."
    ]
    assert page.body.select("button[value=erase]") == []
    assert ask(staff, "erase").status == 200
    assert row(Booking, clinic, booking_id).email == MARIE
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, "Voyage"))
    read(clinic)
    assert "Raison de l'annulation : Voyage" in ask(staff).column(0)[0]
    assert ask(staff, "erase").status == 303


def test_what_logivet_has_not_fetched_stays(
    clinic: TestClinic, staff: Staff, clock: Clock, row: Callable[..., Any]
) -> None:
    booking_id = clinic.book(START, email=MARIE)
    clock.advance(days=3)
    assert ask(staff).names(".rdv-box--warn li") == [
        "18 mars 2026 à 10 h : LogiVet n'a pas encore reçu ce rendez-vous."
    ]
    ask(staff, "erase")
    assert row(Booking, clinic, booking_id).email == MARIE


def test_another_clinics_client_is_not_found_nor_erased(
    clinic: TestClinic, staff: Staff, clock: Clock, read: Read, row: Callable[..., Any]
) -> None:
    other = make_clinic(clinic.app, configured=True)
    theirs = other.book(START, email=MARIE)
    clock.advance(days=3)
    read(other)
    assert NOTHING in ask(staff).text
    assert "Tom" not in ask(staff, "download").answer.text
    ask(staff, "erase")
    assert row(Booking, other, theirs).email == MARIE


@pytest.mark.parametrize("address", ["marie", "marie@", "a b@exemple.ca"])
def test_what_is_no_address_is_refused_and_kept(staff: Staff, address: str) -> None:
    page = ask(staff, email=address)
    assert page.status == 422
    assert page.problems == ["Adresse courriel n'est pas valide. Exemple : nom@exemple.ca"]
    assert page.value("email") == address


@pytest.mark.parametrize("op", ["show", "download", "erase"])
def test_who_may_not_edit_sees_and_erases_nothing(
    clinic: TestClinic,
    staff: Staff,
    over: Any,
    session: Session,
    row: Callable[..., Any],
    op: str,
) -> None:
    token = staff.token()
    session.get(User, clinic.user_id).may_edit = False
    session.commit()
    assert staff.get(HERE).body.select("form") == []
    form = {"op": op, "email": MARIE, "csrf_token": token}
    refused = staff.client.post(PREFIX + HERE, data=form)
    assert refused.status_code == 403
    assert "Marie" not in refused.text
    assert row(Booking, clinic, over).email == MARIE


def test_without_the_token_nothing_is_shown_nor_erased(
    clinic: TestClinic, staff: Staff, over: Any, row: Callable[..., Any]
) -> None:
    form = {"op": "erase", "email": MARIE}
    assert staff.client.post(PREFIX + HERE, data=form).status_code == 400
    assert row(Booking, clinic, over).email == MARIE


def test_every_page_of_a_clinic_leads_there(staff: Staff) -> None:
    links = [a["href"] for a in staff.get("/").body.select(".rdv-more a")]
    assert f"{PREFIX}{HERE}" in links


def test_in_english(clinic: TestClinic, staff: Staff, over: Any, session: Session) -> None:
    session.execute(sa.update(User).where(User.id == clinic.user_id).values(locale="en"))
    session.commit()
    page = ask(staff)
    assert page.names("h1") == ["Personal information"]
    assert page.column(1) == ["March 16, 2026 at 10:00 a.m., version 2026-01"]
