"""An e-mail address is counted as one person, and not known; no log tells who anybody is."""

import traceback
import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.blueprints.cancellation import views
from flask_logivet_rdv.models import Booking
from flask_logivet_rdv.state import EXTENSION
from flask_logivet_rdv.web.privacy import email_key
from host_example.models import db
from tests.support.clinics import make_clinic

MARIE = "marie.tremblay@exemple.ca"


@pytest.fixture
def key(portal):
    def of(address: str) -> str:
        with portal.app_context():
            return email_key(address)

    return of


@pytest.mark.parametrize(
    "same",
    [
        "Marie.Tremblay@Exemple.CA",
        "marie.tremblay+chat@exemple.ca",
        "marie.tremblay+chat+chien@exemple.ca",
        "marietremblay@exemple.ca",
        "m.a.r.i.e.tremblay@exemple.ca",
        " marie.tremblay@exemple.ca ",
        "M.arieTremblay+X@EXEMPLE.ca",
    ],
)
def test_these_are_one_person(key, same):
    assert key(same) == key(MARIE)


@pytest.mark.parametrize(
    "other",
    [
        "marie.tremblay@exemple.com",
        "marie.tremblay@mail.exemple.ca",
        "marie-tremblay@exemple.ca",
        "marie_tremblay@exemple.ca",
        "mariotremblay@exemple.ca",
    ],
)
def test_these_are_others(key, other):
    assert key(other) != key(MARIE)


def test_the_address_cannot_be_read_in_its_hash_nor_found_without_the_key(portal, key, monkeypatch):
    before = key(MARIE)
    assert len(before) == 64
    assert "marie" not in before
    here = portal.extensions[EXTENSION]
    rotated = replace(here.settings, email_key="another key")
    monkeypatch.setitem(portal.extensions, EXTENSION, replace(here, settings=rotated))
    assert key(MARIE) != before


def test_another_secret_key_of_the_portal_changes_nothing(portal, key, monkeypatch):
    before = key(MARIE)
    monkeypatch.setitem(portal.config, "SECRET_KEY", "another")
    assert key(MARIE) == before


@pytest.mark.parametrize(
    ("logged", "kept"),
    [
        ("Exception on {}/annuler/sEcReT-1_x [GET]", "Exception on {}/annuler/… [GET]"),
        ("Exception on {}/confirmation/sEcReT.ics [GET]", "Exception on {}/confirmation/… [GET]"),
        ("Exception on {}/details [POST]", "Exception on {}/details [POST]"),
        ("Exception on /compte/annuler/Tom [GET]", "Exception on /compte/annuler/Tom [GET]"),
    ],
)
def test_no_token_of_a_public_address_is_in_the_log(portal, caplog, logged, kept):
    prefix = portal.extensions[EXTENSION].settings.widget_prefix
    portal.logger.error(logged.format(prefix))
    assert caplog.messages == [kept.format(prefix)]


def test_a_page_that_fails_does_not_log_its_token(portal, clinic, caplog, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(views, "booking_for_link", fail)
    monkeypatch.setitem(portal.config, "PROPAGATE_EXCEPTIONS", False)
    address = f"{portal.extensions[EXTENSION].settings.widget_prefix}/annuler/sEcReT"
    assert portal.test_client().get(address).status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert "sEcReT" not in caplog.text


def test_an_error_of_any_database_holds_no_values_of_ours(any_portal):
    clinic = make_clinic(any_portal, configured=False)
    row = {"account_id": clinic.account_id, "id": uuid.uuid4(), "client_name": "Zénobie"}
    with any_portal.app_context():
        with pytest.raises(sa.exc.DBAPIError) as caught:
            db.session.execute(sa.insert(Booking.__table__).values(row))
        db.session.rollback()
    told = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO rdv_booking" in told
    assert "Zénobie" not in told


def test_an_error_on_the_hosts_own_tables_is_left_as_it_is(portal):
    with portal.app_context():
        with pytest.raises(sa.exc.DBAPIError, match="Zénobie"):
            db.session.execute(sa.text("SELECT :name FROM nothing"), {"name": "Zénobie"})
        db.session.rollback()
