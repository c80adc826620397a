import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.scheduling.opening import canadian_zones, instants, zone, zone_names

# settled law: in 2024 all of these but Regina changed their clocks, on these two nights
SPRING, AUTUMN = date(2024, 3, 10), date(2024, 11, 3)
CHANGING = [
    "America/St_Johns",
    "America/Halifax",
    "America/Toronto",
    "America/Winnipeg",
    "America/Vancouver",
]


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def wrong_system_zones(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "America").mkdir()
    tokyo = files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    (tmp_path / "America" / "Toronto").write_bytes(tokyo)
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    yield
    zoneinfo.reset_tzpath()


@pytest.mark.usefixtures("wrong_system_zones")
def test_zone_data_come_from_the_tzdata_package_whatever_the_system_says() -> None:
    zone.cache_clear()
    offset = datetime(2024, 1, 15, tzinfo=zone("America/Toronto")).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == -5 * 3600


def test_a_zone_keeps_its_name_and_is_loaded_once() -> None:
    assert zone("Canada/Eastern").key == "Canada/Eastern"
    assert zone("Canada/Eastern") is zone("Canada/Eastern")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "America",
        "america/toronto",
        "America/Toronto\n",
        "America/Toronto\0",
        "../zones",
        "/etc/localtime",
        "America/../America/Toronto",
        "__init__.py",
        "x" * 5000,
        "\udcff",
    ],
)
def test_an_unknown_or_hostile_zone_name_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="Unknown time zone"):
        zone(name)


def test_the_canadian_zones_are_those_of_tzdata_in_alphabetical_order() -> None:
    names = canadian_zones()
    assert {"Canada/Eastern", "Canada/Newfoundland", "Canada/Pacific"} <= set(names)
    assert list(names) == sorted(names)
    assert all(zone(name).key == name for name in names)


def test_zone_names_hold_the_zones_of_canada() -> None:
    assert zone_names().issuperset(CHANGING)


@pytest.mark.parametrize("name", CHANGING)
def test_a_minute_in_the_spring_gap_never_happens(name: str) -> None:
    assert [len(instants(SPRING, minute, zone(name))) for minute in (119, 120, 179, 180)] == [
        1,
        0,
        0,
        1,
    ]


@pytest.mark.parametrize("name", CHANGING)
def test_a_minute_in_the_autumn_fold_happens_twice_an_hour_apart(name: str) -> None:
    assert [len(instants(AUTUMN, minute, zone(name))) for minute in (59, 60, 119, 120)] == [
        1,
        2,
        2,
        1,
    ]
    first, second = instants(AUTUMN, 90, zone(name))
    assert second - first == 3600


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_every_minute_happens_once_where_the_clock_never_changes(day: date) -> None:
    assert {len(instants(day, minute, zone("America/Regina"))) for minute in range(1441)} == {1}


@pytest.mark.parametrize(
    ("name", "day", "minute", "expected"),
    [
        ("America/Toronto", date(2026, 3, 8), 60, ["2026-03-08T06:00"]),
        ("America/Toronto", date(2026, 3, 8), 180, ["2026-03-08T07:00"]),
        ("America/Toronto", date(2026, 11, 1), 60, ["2026-11-01T05:00", "2026-11-01T06:00"]),
        ("America/St_Johns", date(2026, 7, 1), 540, ["2026-07-01T11:30"]),
        ("America/Regina", date(2026, 7, 1), 540, ["2026-07-01T15:00"]),
    ],
)
def test_a_wall_time_maps_to_its_instants(
    name: str, day: date, minute: int, expected: list[str]
) -> None:
    assert instants(day, minute, zone(name)) == tuple(map(utc, expected))


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("America/Toronto", SPRING, 23),
        ("America/Toronto", AUTUMN, 25),
        ("America/Toronto", date(2024, 7, 1), 24),
        ("America/Regina", SPRING, 24),
        # these change their clocks at midnight, at the start of the day or at its end
        ("Africa/Cairo", date(2024, 10, 31), 25),
        ("America/Nuuk", date(2024, 3, 30), 23),
    ],
)
def test_minute_1440_is_the_midnight_that_ends_the_day(name: str, day: date, hours: int) -> None:
    (start,), (end,) = instants(day, 0, zone(name)), instants(day, 1440, zone(name))
    assert end - start == hours * 3600


def test_a_change_just_after_midnight_repeats_the_evening_before() -> None:
    # Newfoundland went from 00:01 back to 23:01 until 2011
    newfoundland = zone("America/St_Johns")
    assert [len(instants(date(2010, 11, 6), m, newfoundland)) for m in (1380, 1381)] == [1, 2]
    assert [len(instants(date(2010, 11, 7), m, newfoundland)) for m in (0, 1)] == [2, 1]


def test_a_midnight_that_the_clock_jumps_over_never_happens() -> None:
    assert instants(date(2024, 4, 26), 0, zone("Africa/Cairo")) == ()
    assert instants(date(2024, 4, 25), 1440, zone("Africa/Cairo")) == ()


@settings(deadline=None)
@given(
    st.sampled_from([*CHANGING, "America/Regina", "America/Havana", "Australia/Lord_Howe"]),
    st.integers(utc("2020-01-01") // 60, utc("2025-01-01") // 60),
)
def test_every_instant_is_found_again_from_its_wall_time(name: str, minute: int) -> None:
    instant = 60 * minute
    wall = datetime.fromtimestamp(instant, zone(name))
    assert instant in instants(wall.date(), wall.hour * 60 + wall.minute, zone(name))
