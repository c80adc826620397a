"""LogiVet at each clinic: seen, silent, lost."""

import dataclasses
import uuid
from datetime import timedelta

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.doctor import clinics
from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.services import accounts, keys
from flask_logivet_rdv.services.standing import Feed, Mails, Standing
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION
from host_example.models import db
from host_example.portal_host import PortalHost
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

FACTS = ClinicFacts(name_fr="Clinique P&C", name_en="P&C Clinic")
FETCHED, A_NOTICE, A_BOOKING = Feed(), Feed(1, 0, 1), Feed(3, 2, 1)


def standing(seen_s=0, unfetched=FETCHED, valid_keys=1):
    """Return how a clinic stands whose LogiVet was seen so many seconds ago, None for never."""
    return Standing(
        account_id=uuid.uuid4(),
        clinic_id=12,
        time_zone="America/Toronto",
        active=True,
        uploaded_at=MONDAY_MORNING - timedelta(hours=2),
        seen_at=None if seen_s is None else MONDAY_MORNING - timedelta(seconds=seen_s),
        valid_keys=valid_keys,
        unfetched=unfetched,
        mails=Mails(),
    )


def told(one, facts=FACTS):
    found = clinics.of_clinic(one, facts, MONDAY_MORNING)
    assert found.name == "clinic 12"
    return found


@pytest.mark.parametrize(
    ("seen_s", "unfetched", "level"),
    [
        (0, FETCHED, "ok"),
        (900, A_BOOKING, "ok"),
        (901, FETCHED, "warning"),
        (901, A_BOOKING, "warning"),
        (86_400, A_BOOKING, "warning"),
        (86_401, A_BOOKING, "error"),
        (86_401, A_NOTICE, "warning"),
        (86_401, FETCHED, "warning"),
        (None, FETCHED, "warning"),
        (None, A_NOTICE, "warning"),
        (None, A_BOOKING, "error"),
    ],
)
def test_silence_is_as_bad_as_what_the_agenda_lacks(seen_s, unfetched, level):
    assert told(standing(seen_s, unfetched)).level == level


def test_it_says_when_logivet_was_seen_and_what_it_lacks():
    assert told(standing(90_000, A_BOOKING)).detail == (
        "Clinique P&C: LogiVet seen 1 d ago, last upload 2 h ago, 3 events not fetched."
        " 2 booking events missing from its agenda: call the clinic."
    )


def test_a_clinic_that_never_uploaded_or_called():
    one = dataclasses.replace(standing(None), uploaded_at=None)
    assert "LogiVet seen never, last upload never" in told(one).detail


@pytest.mark.parametrize(
    ("seen_s", "unfetched", "level"), [(0, FETCHED, "warning"), (None, A_BOOKING, "error")]
)
def test_a_clinic_without_a_key_is_told_how_to_get_one(seen_s, unfetched, level):
    found = told(standing(seen_s, unfetched, valid_keys=0))
    assert found.level == level
    assert "flask rdv key create 12" in found.detail


def test_a_clinic_that_the_portal_no_longer_knows_is_a_warning():
    found = told(standing(), facts=None)
    assert found.level == "warning"
    assert "unknown to the portal" in found.detail


def test_a_clock_that_runs_ahead_is_no_negative_time():
    assert "seen 0 s ago" in told(standing(-30)).detail


def test_a_name_stays_on_its_line():
    assert "\n" not in told(standing(), ClinicFacts(name_fr="A\nB\x1b[31m", name_en="")).detail


def test_a_clinic_is_silent_once_a_quarter_of_an_hour_passed(portal, look, clock):
    clinic = make_clinic(portal, configured=True)
    clinic.book(at("2026-03-18", "10:00"))
    with portal.app_context():
        keys.note_use(db.session(), clinic.key.split("_")[1], clock.now, "127.0.0.1", "LogiVet")
    name = f"clinic {clinic.clinic_id}"
    for minutes, level in ((15, "ok"), (1, "warning"), (24 * 60, "error")):
        clock.advance(minutes=minutes)
        assert look(clinics.look, portal)[name][0] == level


def test_clinics_that_are_off_are_not_looked_at(portal, look):
    clinic = make_clinic(portal, configured=False)
    make_clinic(portal, configured=False)
    with portal.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: accounts.set_subscription(tx, False))
    found = look(clinics.look, portal)
    assert found["clinics"] == ("ok", "1 clinic active, 1 of them silent.")
    assert f"clinic {clinic.clinic_id}" not in found


def test_no_active_clinic_is_no_fault(portal, look):
    ((name, (level, told)),) = look(clinics.look, portal).items()
    assert (name, level) == ("clinics", "ok")
    assert "flask rdv clinic activate" in told


def test_the_host_is_asked_once_for_all(portal, look):
    asked = []

    class CountingHost(PortalHost):
        def clinics(self, ids):
            asked.append(list(ids))
            return super().clinics(ids)

    made = [make_clinic(portal, configured=False).clinic_id for _ in range(3)]
    here = portal.extensions[EXTENSION]
    portal.extensions[EXTENSION] = dataclasses.replace(here, host=CountingHost(db, here.clinic))
    look(clinics.look, portal)
    assert asked == [made]
