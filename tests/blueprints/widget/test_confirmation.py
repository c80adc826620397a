"""W3: the appointment is booked."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.widget.owner import DETAILS, SAME_ORIGIN, WIDGET, Owner, Page
from tests.support.clinics import TestClinic
from tests.support.portal import Clock


@pytest.fixture
def address(owner: Owner) -> str:
    owner.lang = "fr"
    return str(owner.book().answer.location)


def opened(owner: Owner, address: str) -> Page:
    return Page(owner.client.get(address))


def test_it_says_what_was_booked_and_where(owner: Owner, address: str):
    page = opened(owner, address)
    assert page.status == 200
    assert page.one("h1").get_text(strip=True) == "Votre rendez-vous est réservé!"
    details = page.one("dl").get_text(" ", strip=True).replace("\xa0", " ")
    for words in (
        "mercredi 18 mars 2026, 10 h à 10 h 30 (heure de l'Est)",
        "Tom (Canin)",
        "Examen, 30 minutes",
        "Dr John Dolittle",
        "Clinique P&C, 1250, rue Fleury Est, Montréal",
        "514 555-0134",
    ):
        assert words in details
    assert f"Un courriel de confirmation sera envoyé à {owner.email}." in page.text


@pytest.mark.parametrize(
    ("lang", "said", "otherwise"),
    [
        (
            "fr",
            "Le courriel de confirmation peut tarder. Notez la date et l'heure ci-dessous.",
            "Un courriel de confirmation sera envoyé à",
        ),
        (
            "en",
            "The confirmation email may be delayed. Note the date and time below.",
            "A confirmation email will be sent to",
        ),
    ],
)
def test_it_says_that_the_mail_may_be_late(
    owner: Owner, clock: Clock, lang: str, said: str, otherwise: str
):
    owner.lang = lang
    address = owner.book().answer.location
    assert otherwise in opened(owner, address).text
    clock.advance(minutes=1)
    page = opened(owner, address)
    assert page.status == 200
    assert said in page.text
    assert otherwise not in page.text


def test_it_tells_how_to_cancel(owner: Owner, address: str):
    assert (
        "Pour annuler, utilisez le lien dans le courriel, au moins 24 heures à l'avance."
        in opened(owner, address).text.replace("\xa0", " ")
    )


def test_less_than_a_day_ahead_it_tells_to_call(owner: Owner, address: str, clock: Clock):
    clock.now = datetime(2026, 3, 17, 14, 0, 1, tzinfo=UTC)
    text = opened(owner, address).text.replace("\xa0", " ")
    assert "il ne peut pas être annulé en ligne" in text
    assert "téléphonez à la clinique au 514 555-0134." in text
    assert "utilisez le lien" not in text


def test_it_can_be_put_in_a_calendar(owner: Owner, address: str):
    answer = owner.client.get(f"{address}.ics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert b"DTSTART:20260318T140000Z" in answer.data
    assert "rendez-vous.ics" in answer.headers["Content-Disposition"]
    assert opened(owner, address).one(f"a[href='{urlsplit(address).path}.ics']")


def test_links_to_other_calendars_hold_nothing_personal(owner: Owner, address: str):
    google, outlook = (
        parse_qs(urlsplit(str(link["href"])).query)
        for link in opened(owner, address).all("a[target=_blank]")
    )
    assert google["dates"] == ["20260318T140000Z/20260318T143000Z"]
    assert outlook["startdt"] == ["2026-03-18T14:00:00Z"]
    assert google["text"] == outlook["subject"] == ["Examen – Clinique P&C"]


def test_another_pet_needs_no_typing_again(owner: Owner, address: str):
    form = opened(owner, address).one("form")
    calendar = Page(
        owner.client.post(
            str(form["action"]),
            data={"draft": form.select_one("[name=draft]")["value"]},
            headers=SAME_ORIGIN,
        )
    )
    assert calendar.status == 200
    draft = calendar.values("[name=draft]")[0]
    details = owner.send(owner.choices | {"draft": draft, "start": "2026-03-18T14:30:00Z"})
    sent = details.form()
    assert (sent["name"], sent["email"]) == ("Marie Tremblay", owner.email)
    assert sent["phone"] == "514 555-0134"
    assert (sent["pet_name"], sent["reason"]) == ("", "")
    assert details.one(f"form[action^='{DETAILS}']")


@pytest.mark.parametrize("token", ["x", "0" * 64, "é", "%00", "a" * 2000])
def test_an_unknown_token_is_not_found(owner: Owner, token: str):
    page = opened(owner, f"{WIDGET}/confirmation/{token}")
    assert page.status == 404
    assert owner.client.get(f"{WIDGET}/confirmation/{token}.ics").status_code == 404


def test_it_ends_when_the_visit_begins(owner: Owner, address: str, clock: Clock):
    clock.now = datetime(2026, 3, 18, 13, 59, 59, tzinfo=UTC)
    assert opened(owner, address).status == 200
    clock.now += timedelta(seconds=1)
    page = opened(owner, address)
    assert page.status == 404
    assert owner.email not in page.text


def test_a_cancelled_appointment_is_not_called_booked(
    owner: Owner, address: str, clinic: TestClinic, bookings
):
    booking_id = bookings.all()[0].id
    with clinic.app.app_context():
        transact(
            jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, "Guéri")
        )
    page = opened(owner, address)
    assert page.one("h1").get_text(strip=True) == "Ce rendez-vous est déjà annulé."
    assert not page.all("a[target=_blank]")


def test_the_token_is_not_in_the_database(owner: Owner, address: str, session):
    token = re.split("[/?]", address)[-1]
    rows = session.execute(sa.text("SELECT * FROM rdv_booking")).all()
    assert token not in str(rows)
