"""The time zones of the calendar."""

import pytest

from flask_logivet_rdv.blueprints.widget.zones import spoken_range, zone_phrase, zones
from flask_logivet_rdv.i18n import words
from tests.support.clinics import at


@pytest.mark.parametrize(
    ("clinic_zone", "own"),
    [
        ("America/Toronto", "Canada/Eastern"),
        ("America/Vancouver", "Canada/Pacific"),
        ("Canada/Atlantic", "Canada/Atlantic"),
        ("America/Halifax", "Canada/Atlantic"),
        ("America/St_Johns", "Canada/Newfoundland"),
        ("America/Regina", "Canada/Saskatchewan"),
    ],
)
def test_a_clinic_in_one_of_the_zones_adds_none(clinic_zone: str, own: str):
    assert zones(clinic_zone).own == own
    assert all(name.startswith("Canada/") for name in zones(clinic_zone).names)


@pytest.mark.parametrize("own", ["America/Moncton", "America/Blanc-Sablon"])
def test_a_clinic_with_its_own_rules_adds_its_zone(own: str):
    found = zones(own)
    assert found.own == found.names[0] == own


@pytest.mark.parametrize(
    ("clinic_zone", "fr", "en"),
    [
        ("America/Toronto", "de l'Est", "Eastern"),
        ("America/Halifax", "de l'Atlantique", "Atlantic"),
        ("America/St_Johns", "de Terre-Neuve", "Newfoundland"),
        ("America/Regina", "normale du Centre", "Central Standard"),
        ("America/Blanc-Sablon", "normale de l'Atlantique", "Atlantic Standard"),
    ],
)
def test_a_zone_is_named_within_a_sentence(clinic_zone: str, fr: str, en: str):
    own = zones(clinic_zone).own
    assert (zone_phrase(words("fr"), own), zone_phrase(words("en"), own)) == (fr, en)


@pytest.mark.parametrize("wanted", [None, "", "Europe/Paris", "Canada/Atlantis", "\x00"])
def test_a_zone_out_of_the_list_is_the_clinics(wanted: str | None):
    assert zones("America/Toronto").pick(wanted) == "Canada/Eastern"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("fr", "mercredi 18 mars 2026, 13 h 30 à 14 h (heure de l'Est)"),
        ("en", "Wednesday, March 18, 2026, 1:30 p.m. to 2:00 p.m. (Eastern Time)"),
    ],
)
def test_a_range_names_its_zone(lang: str, text: str):
    start = at("2026-03-18", "13:30")
    said = spoken_range(words(lang), start, start + 1800, "America/Toronto")
    assert said.replace("\xa0", " ") == text


@pytest.mark.parametrize(("hours_later", "zone_name"), [(0, "HAE"), (1, "HNE")])
def test_an_hour_that_comes_twice_names_its_side(hours_later: int, zone_name: str):
    start = at("2026-11-01", "00:00") + 3600 * (1 + hours_later)
    said = spoken_range(words("fr"), start, start + 1800, "America/Toronto")
    assert said.replace("\xa0", " ") == f"dimanche 1er novembre 2026, 1 h à 1 h 30 ({zone_name})"
