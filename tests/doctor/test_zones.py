"""Zone data: ours from PyPI, compared with the system's where a clinic lives."""

import shutil
import zoneinfo
from importlib.metadata import version
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.doctor import zones
from flask_logivet_rdv.models import ClinicAccount
from host_example.models import db
from tests.support.clinics import make_clinic
from tests.support.portal import MONDAY_MORNING

TORONTO, VANCOUVER = "America/Toronto", "America/Vancouver"


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Return how the operating system is given a zone, which is another one's of tzdata."""
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path / "nothing"), str(tmp_path / "zones")))

    def give(name, as_if):
        file = tmp_path / "zones" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(files("tzdata") / "zoneinfo" / as_if, file)

    return give


def in_zone(portal, name):
    clinic = make_clinic(portal, configured=False)
    with portal.app_context():
        db.session.execute(
            sa.update(ClinicAccount)
            .where(ClinicAccount.id == clinic.account_id)
            .values(time_zone=name)
        )
        db.session.commit()


def test_the_source_and_its_version_are_named(portal, look, system):
    told = f"From the PyPI package tzdata {version('tzdata')}, not from the system."
    assert look(zones.look, portal) == {"time zones": ("ok", told)}


def test_zones_that_the_system_has_alike_or_not_at_all_are_no_matter(portal, look, system):
    system(TORONTO, TORONTO)
    in_zone(portal, TORONTO)
    in_zone(portal, VANCOUVER)
    assert list(look(zones.look, portal)) == ["time zones"]


def test_a_zone_of_a_clinic_that_the_system_has_otherwise_is_named(portal, look, system):
    system(VANCOUVER, "Europe/Paris")
    system(TORONTO, "Europe/Paris")
    in_zone(portal, VANCOUVER)
    in_zone(portal, VANCOUVER)
    level, told = look(zones.look, portal).pop(f"time zones: {VANCOUVER}")
    assert level == "warning"
    assert "differ from tzdata's from 2026-" in told
    assert f"time zones: {TORONTO}" not in look(zones.look, portal)


def test_the_first_day_that_differs_is_found():
    ours, theirs = ZoneInfo("America/Phoenix"), ZoneInfo("America/Denver")
    found = zones.first_difference(ours, theirs, MONDAY_MORNING)
    assert found.date().isoformat() == "2026-03-16"
    winter = MONDAY_MORNING.replace(month=1)
    assert zones.first_difference(ours, theirs, winter).date().isoformat() == "2026-03-08"
    assert zones.first_difference(ours, ours, winter) is None


def test_a_zone_that_tzdata_does_not_know_is_an_error(portal, look, system):
    in_zone(portal, "America/Nowhere")
    level, told = look(zones.look, portal)["time zones: America/Nowhere"]
    assert level == "error"
    assert "Correct it in the portal" in told
