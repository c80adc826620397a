"""A desktop whose clock is off gets a notice, and what it asked for."""

from datetime import timedelta

import pytest
from werkzeug.http import http_date

from flask_logivet_rdv.models import ClinicAccount
from tests.blueprints.sync.calls import PREFIX


@pytest.fixture
def told(desktop, clock):
    """Return the notices after a request whose clock stands at `header`."""

    def ask(header, path="/hello"):
        headers = {"Authorization": f"Bearer {desktop.key}", "X-Client-Time": header}
        assert desktop.client.get(PREFIX + path, headers=headers).status_code == 200
        return [e["message"]["body"] for e in desktop.events().json["events"]]

    return ask


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-301, "retarde d'environ 5 minutes"), (301, "avance d'environ 5 minutes"),
     (7200, "avance d'environ 2 heures")],
)  # fmt: skip
def test_more_than_five_minutes_makes_a_notice(told, clock, seconds, said):
    (body,) = told(http_date(clock.now + timedelta(seconds=seconds)))
    assert said in body.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_up_to_five_minutes_is_nothing(told, clock, seconds):
    assert told(http_date(clock.now + timedelta(seconds=seconds))) == []


@pytest.mark.parametrize(
    "header", ["", "yesterday", "2026-03-16T10:00:00Z", "Mon, 99 Foo 0000 00:00:00 GMT", "1"]
)
def test_what_is_no_date_is_left_alone(told, header):
    assert told(header) == []


def test_a_clinic_is_told_once_an_hour(told, clock):
    wrong = clock.now + timedelta(days=1)
    assert len(told(http_date(wrong))) == 1
    assert len(told(http_date(wrong), "/bookings")) == 1
    clock.advance(hours=1)
    assert len(told(http_date(wrong))) == 2


def test_who_was_told_is_let_in_without_the_clinics_lock(told, clock, clinic, session):
    def revision():
        session.rollback()
        return session.get(ClinicAccount, clinic.account_id, populate_existing=True).revision

    wrong = http_date(clock.now + timedelta(hours=2))
    told(wrong)
    before = revision()
    told(wrong)
    assert revision() == before
