"""« Courriels non livrés »: what the clients were not told, and telling them again."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, Outbox
from host_example.models import User
from tests.blueprints.account.conftest import PREFIX, Staff
from tests.support.clinics import TestClinic, at, make_clinic
from tests.support.portal import Clock
from tests.support.post import mailing_to, post_office

START = at("2026-03-18", "10:00")
NOW = at("2026-03-16", "10:00")
NONE = "Aucun courriel non livré."

Put = Callable[..., uuid.UUID]


@pytest.fixture
def put(session: Session) -> Put:
    """Return how the mail of a new booking is put into a state; its id."""

    def putting(clinic: TestClinic, start: int = START, **values: Any) -> uuid.UUID:
        of = Outbox.booking_id == clinic.book(start)
        given = {"state": "dead", "attempts": 12, "not_before": NOW, "last_error": "TimeoutError"}
        session.execute(sa.update(Outbox).where(of).values(**given | values))
        session.commit()
        return session.scalars(sa.select(Outbox.id).where(of)).one()

    return putting


def drain(clinic: TestClinic) -> None:
    """Send what is due, as a worker does: in a context of its own."""
    with clinic.app.app_context():
        jobs.drain()


def again(mail_id: uuid.UUID) -> str:
    return f"/courriels/{mail_id}/renvoi"


def test_a_mail_given_up_is_told_with_its_visit_and_what_kept_it(
    clinic: TestClinic, staff: Staff, put: Put
) -> None:
    put(clinic)
    page = staff.get("/courriels")
    assert page.names("h1") == ["Courriels non livrés"]
    assert page.column(0) == [
        "18 mars 2026 à 10 h – Examen, Tom Solutions Vet, 514 555-0134, solutions@exemple.ca"
    ]
    assert page.column(1) == ["Confirmation"]
    [standing] = page.column(2)
    assert standing.startswith(
        "Abandonné le 16 mars 2026 à 10 h (12 essais) Le serveur de courriel n'a pas répondu."
        " Renvoyer"
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("SMTPRecipientsRefused", "a refusé l'adresse du client"),
        ("BadHeaderError", "Aucun courriel ne peut être envoyé à cette adresse"),
        ("SMTPDataError", "Le serveur de courriel a refusé le message."),
        ("SMTPAuthenticationError", "n'est pas autorisé"),
        ("gaierror", "n'a pas répondu"),
        ("ZeroDivisionError", "Un imprévu a empêché le courriel de partir."),
    ],
)
def test_what_kept_a_mail_is_told_in_words(
    clinic: TestClinic, staff: Staff, put: Put, error: str, words: str
) -> None:
    put(clinic, last_error=error)
    page = staff.get("/courriels")
    assert words in page.column(2)[0]
    assert error not in page.text


@pytest.mark.parametrize(
    ("wait_s", "words"),
    [
        (60, "Prochain essai le 16 mars 2026 à 10 h 01 (2 essais sans succès)"),
        (0, "Nouvel essai sous peu (2 essais sans succès)"),
    ],
)
def test_a_mail_that_is_tried_again_by_itself_has_no_button(
    clinic: TestClinic, staff: Staff, put: Put, wait_s: int, words: str
) -> None:
    put(clinic, state="pending", attempts=2, not_before=NOW + wait_s)
    page = staff.get("/courriels")
    assert page.column(2)[0].startswith(words)
    assert page.body.select("button") == []


def test_nothing_to_tell(clinic: TestClinic, staff: Staff, put: Put) -> None:
    put(clinic, state="sent", last_error=None)
    assert NONE in staff.get("/courriels").text


def test_sending_again_puts_the_mail_back_and_says_so(
    clinic: TestClinic, staff: Staff, put: Put, row: Callable[..., Any]
) -> None:
    mail_id = put(clinic)
    form = staff.get("/courriels").body.select_one("form")
    assert form["action"] == PREFIX + again(mail_id)
    sent = staff.send(again(mail_id))
    assert (sent.status, sent.answer.location) == (303, f"{PREFIX}/courriels")
    held = row(Outbox, clinic, mail_id)
    assert (held.state, held.attempts, held.not_before) == ("pending", 0, NOW)
    page = staff.get("/courriels")
    assert page.notes == ["Le courriel est renvoyé."]
    assert NONE in page.text


def test_a_mail_that_was_refused_reaches_the_client_once_it_is_sent_again(
    clinic: TestClinic, staff: Staff, session: Session
) -> None:
    session.execute(sa.delete(Outbox))
    session.commit()
    booking = Outbox.booking_id == clinic.book(START)
    with post_office() as office, mailing_to(clinic.app, office.port):
        office.recipient = "550 5.1.1 No such user"
        drain(clinic)
        assert "a refusé l'adresse du client" in staff.get("/courriels").column(2)[0]
        mail_id = session.scalars(sa.select(Outbox.id).where(booking)).one()
        session.rollback()
        office.recipient = "250 OK"
        staff.send(again(mail_id))
        drain(clinic)
        assert len(office.to("solutions@exemple.ca")) == 1
    assert NONE in staff.get("/courriels").text


def test_it_is_told_in_the_history_with_who_did_it(
    clinic: TestClinic, staff: Staff, put: Put
) -> None:
    staff.send(again(put(clinic)))
    assert staff.get("/historique", subject="domains").names(".rdv-history > li")[0] == (
        "Courriels Zoé L'Écuyer, 16 mars 2026 à 10 h Renvoyé : Confirmation"
    )


def test_a_second_click_changes_nothing(
    clinic: TestClinic, staff: Staff, put: Put, row: Callable[..., Any]
) -> None:
    mail_id = put(clinic)
    staff.send(again(mail_id))
    assert staff.send(again(mail_id)).status == 303
    staff.get("/courriels")
    assert row(Outbox, clinic, mail_id).state == "pending"
    assert staff.get("/historique").names(".rdv-history strong").count("Courriels") == 1


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_the_mail_of_another_clinic_is_not_found(
    clinic: TestClinic, staff: Staff, put: Put, row: Callable[..., Any], whose: str
) -> None:
    other = make_clinic(clinic.app, configured=True)
    theirs = put(other)
    assert staff.send(again(theirs if whose == "another's" else uuid.uuid4())).status == 404
    assert row(Outbox, other, theirs).state == "dead"
    assert NONE in staff.get("/courriels").text


def test_without_the_token_nothing_is_put_back(
    clinic: TestClinic, staff: Staff, put: Put, row: Callable[..., Any]
) -> None:
    mail_id = put(clinic)
    assert staff.client.post(PREFIX + again(mail_id)).status_code == 400
    assert row(Outbox, clinic, mail_id).state == "dead"


def test_who_may_not_edit_reads_only(
    clinic: TestClinic, staff: Staff, put: Put, session: Session, row: Callable[..., Any]
) -> None:
    mail_id = put(clinic)
    token = staff.token()
    session.get(User, clinic.user_id).may_edit = False
    session.commit()
    page = staff.get("/courriels")
    assert page.column(1) == ["Confirmation"]
    assert page.body.select("form") == []
    assert staff.client.post(PREFIX + again(mail_id), data={"csrf_token": token}).status_code == 403
    assert row(Outbox, clinic, mail_id).state == "dead"


def test_a_mail_that_makes_no_sense_any_more_is_not_sent_again(
    clinic: TestClinic, staff: Staff, put: Put, clock: Clock
) -> None:
    put(clinic)
    clock.advance(days=3)
    page = staff.get("/courriels")
    assert "le rendez-vous est passé, ou a été modifié depuis." in page.column(2)[0]
    assert page.body.select("form") == []


def test_a_visit_whose_client_was_forgotten_is_told_without_them(
    clinic: TestClinic, staff: Staff, put: Put, session: Session
) -> None:
    put(clinic)
    blank = dict.fromkeys(("client_name", "email", "phone", "pet_name", "reason"))
    session.execute(
        sa.update(Booking).where(Booking.account_id == clinic.account_id).values(**blank)
    )
    session.commit()
    assert staff.get("/courriels").column(0) == ["18 mars 2026 à 10 h – Examen"]


@pytest.mark.parametrize(
    ("starts", "text"),
    [
        ([START], "1 courriel n'a pas pu être livré."),
        ([START, START + 3600], "2 courriels n'ont pas pu être livrés."),
    ],
)
def test_the_first_page_says_how_many_and_leads_there(
    clinic: TestClinic, staff: Staff, put: Put, starts: list[int], text: str
) -> None:
    for start in starts:
        put(clinic, start)
    link = staff.get("/").body.select_one(".rdv-box--warn a")
    assert (link.text, link["href"]) == (text, f"{PREFIX}/courriels")


def test_the_first_page_says_nothing_of_mails_that_may_still_leave(
    clinic: TestClinic, staff: Staff, put: Put
) -> None:
    put(clinic, state="pending")
    assert staff.get("/").body.select(".rdv-box--warn") == []


def test_every_page_of_a_clinic_leads_there(staff: Staff) -> None:
    links = [a["href"] for a in staff.get("/categories").body.select(".rdv-more a")]
    assert f"{PREFIX}/courriels" in links
    links = [a["href"] for a in staff.get("/courriels").body.select(".rdv-more a")]
    assert f"{PREFIX}/courriels" not in links


def test_the_list_costs_the_same_for_many_mails_and_is_cut(
    clinic: TestClinic,
    staff: Staff,
    put: Put,
    session: Session,
    ran: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flask_logivet_rdv.blueprints.account.views_mails.MOST_SHOWN", 2)
    put(clinic)
    ran.clear()
    staff.get("/courriels")
    cost = len(ran)
    for n in (1, 2):
        put(clinic, START + 1800 * n)
    ran.clear()
    page = staff.get("/courriels")
    assert (len(ran), len(page.column(0))) == (cost, 2)
    assert "Seuls les 2 premiers sont affichés." in page.text


def test_in_english(clinic: TestClinic, staff: Staff, put: Put, session: Session) -> None:
    put(clinic)
    session.get(User, clinic.user_id).locale = "en"
    session.commit()
    assert (
        staff.get("/courriels")
        .column(2)[0]
        .startswith(
            "Given up on March 16, 2026 at 10:00 a.m. (12 attempts)"
            " The mail server did not answer. Send again"
        )
    )
