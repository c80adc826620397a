"""All checks together: in order, in the words of an operator, whatever fails meanwhile."""

import dataclasses

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.doctor import Finding, Level, run
from flask_logivet_rdv.state import EXTENSION
from host_example.models import db
from host_example.portal_host import PortalHost
from tests.support.clinics import at, make_clinic

SOUND = [
    "settings",
    "languages",
    "autogenerate",
    "redis",
    "database",
    "sqlite: foreign keys",
    "sqlite: busy timeout",
    "sqlite: journal",
    "tables",
    "time zones",
    "login wall: account",
    "login wall: widget",
    "login wall: cancellation",
    "login wall: sync",
    "mails",
    "clinics",
]


def test_a_sound_portal_has_nothing_to_mend(portal):
    found = run(portal)
    assert [one.name for one in found] == SOUND
    assert [one for one in found if one.level is not Level.OK] == []


@pytest.fixture
def booked(portal):
    """A clinic with a booking that LogiVet was never seen to fetch."""
    clinic = make_clinic(portal, configured=True)
    clinic.book(at("2026-03-18", "10:00"), name="Aglaé Untel", email="aglae@exemple.ca")
    return clinic


def test_each_finding_is_one_line_that_names_no_client(portal, booked):
    found = run(portal)
    assert f"clinic {booked.clinic_id}" in [one.name for one in found]
    text = "\n".join(one.detail for one in found)
    assert len(text.splitlines()) == len(found)
    for personal in ("Aglaé", "aglae", "514 555", "solutions", "Tom", "Vaccin"):
        assert personal not in text


class TornHost(PortalHost):
    """A host whose answer fails, with something personal in its words."""

    def clinics(self, ids):
        raise RuntimeError("Zoé L'Écuyer, 514 555-0134")


def test_a_check_that_fails_is_an_error_line_and_the_rest_goes_on(portal):
    here = portal.extensions[EXTENSION]
    portal.extensions[EXTENSION] = dataclasses.replace(here, host=TornHost(db, here.clinic))
    found = {one.name: one for one in run(portal)}
    assert list(found) == SOUND
    told = "Could not be checked (RuntimeError). What to mend may stand above."
    assert found["clinics"] == Finding("clinics", Level.ERROR, told)
    assert found["mails"].level is Level.OK


def test_without_a_database_the_rest_is_checked_and_nothing_waits_for_it(portal_with):
    found = {one.name: one for one in run(portal_with("sqlite:////nowhere/portal.sqlite3"))}
    levels = {name: one.level for name, one in found.items()}
    assert levels == dict.fromkeys(SOUND[:4], Level.OK) | dict.fromkeys(
        ("database", "tables", "time zones", "login wall", "mails", "clinics"), Level.ERROR
    )
    assert found["database"].detail.startswith("It does not answer (OperationalError).")
    assert found["mails"].detail == "Not checked, as the database does not answer."


def test_without_tables_it_says_what_to_run_and_the_rest_goes_on(portal_with, tmp_path):
    found = {one.name: one for one in run(portal_with(f"sqlite:///{tmp_path / 'none.sqlite3'}"))}
    assert "Run « flask rdv upgrade »" in found["tables"].detail
    assert found["mails"].level is found["clinics"].level is Level.ERROR
    assert found["login wall: sync"].level is Level.OK


def test_many_clinics_are_checked_in_the_queries_of_one(portal):
    def queries():
        ran = []
        with portal.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note := lambda *given: ran.append(given))
        run(portal)
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(ran)

    make_clinic(portal, configured=True)
    for_one = queries()
    for _ in range(3):
        make_clinic(portal, configured=False)
    assert queries() == for_one
