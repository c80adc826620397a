import sqlalchemy as sa

from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.state import state
from host_example.models import Clinic, db
from tests.blueprints.sync.calls import busy
from tests.support.clinics import at


def test_says_who_is_there_and_what_a_request_may_hold(desktop):
    hello = desktop.hello()
    assert hello["protocol"] == 1
    assert hello["server_time"] == "2026-03-16T14:00:00Z"
    assert hello["clinic"] == {
        "name": "Clinique P&C",
        "time_zone": "America/Toronto",
        "locale": "fr",
    }
    assert hello["subscription"] == "active"
    assert hello["limits"] == {
        "changes_per_request": 500,
        "bytes_per_request": 524288,
        "events_per_page": 200,
        "wait_s": 25,
        "snapshot_parts": 1000,
    }


def test_the_token_moves_with_an_upload_only(desktop, clinic):
    before = desktop.hello()["token"]
    clinic.book(at("2026-03-18", "10:00"))
    assert desktop.hello()["token"] == before
    after = desktop.upload(busy("A-1", "08:00", "08:30")).json["token"]
    assert desktop.hello()["token"] == after != before


def test_the_cursor_is_the_oldest_and_stays_when_events_are_acknowledged(desktop, clinic):
    clinic.book(at("2026-03-18", "10:00"))
    first = desktop.hello()
    desktop.events(desktop.events().json["cursor"])
    second = desktop.hello()
    assert second["cursor"] == first["cursor"] == first["acknowledged"]
    assert second["acknowledged"] == first["cursor"].replace(":0", ":1")


def test_the_hosts_zone_and_language_are_taken_over(desktop, clinic, session):
    session.execute(
        sa.update(Clinic)
        .where(Clinic.id == clinic.clinic_id)
        .values(time_zone="America/Vancouver", locale="en")
    )
    db.session.commit()
    state().clinic_changed(clinic.clinic_id)
    assert desktop.hello()["clinic"] == {
        "name": "P&C Clinic",
        "time_zone": "America/Vancouver",
        "locale": "en",
    }
    account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
    assert (account.time_zone, account.locale) == ("America/Vancouver", "en")


def test_an_unchanged_clinic_is_not_written(desktop, clinic, session):
    revision = sa.select(ClinicAccount.revision).where(ClinicAccount.id == clinic.account_id)
    desktop.hello()
    before = session.scalar(revision)
    desktop.hello()
    assert session.scalar(revision) == before
