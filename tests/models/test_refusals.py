"""A row that could be wrong is refused by the database itself, whatever the code above does."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import (
    Booking,
    BookingCell,
    Busy,
    Category,
    ClinicAccount,
    ResourceSpecies,
    SpeciesCategory,
    WeeklyOpening,
)
from host_example.models import db
from tests.support.clinics import DOLITTLE, at, make_clinic
from tests.support.portal import MONDAY_MORNING

START = at("2026-03-18", "10:00")


@pytest.fixture(scope="module")
def two(any_portal, session_clock):
    session_clock.now = MONDAY_MORNING
    return make_clinic(any_portal, configured=True), make_clinic(any_portal, configured=True)


@pytest.fixture
def database(any_portal):
    with any_portal.app_context():
        yield db.session
        db.session.rollback()


def refused(database, *rows):
    database.add_all(rows)
    with pytest.raises((sa.exc.IntegrityError, sa.exc.OperationalError, sa.exc.DataError)):
        database.flush()


@pytest.mark.parametrize("minutes", [7, 0, -5, 485, 600])
def test_a_duration_that_is_not_five_to_480_in_fives(two, database, minutes):
    category = database.get(Category, (two[0].account_id, two[0].categories["Examen"]))
    category.duration_min = minutes
    refused(database)


def test_an_online_category_without_a_duration(two, database):
    category = database.get(Category, (two[0].account_id, two[0].categories["Examen"]))
    category.duration_min = None
    refused(database)


@pytest.mark.parametrize(
    ("weekday", "start", "end"),
    [(7, 0, 60), (-1, 0, 60), (1, 60, 60), (1, 120, 60), (1, 0, 1445), (1, 3, 60), (1, 0, 61)],
)
def test_an_interval_that_is_no_interval(two, database, weekday, start, end):
    opening = WeeklyOpening(
        account_id=two[0].account_id,
        resource_id=two[0].resources[DOLITTLE],
        weekday=weekday,
        start_min=start,
        end_min=end,
    )
    refused(database, opening)


def test_a_link_to_another_clinics_category(two, database):
    own, other = two
    link = SpeciesCategory(
        account_id=own.account_id,
        species_id=own.species["Félin"],
        category_id=other.categories["Examen"],
    )
    refused(database, link)


def test_hours_of_another_clinics_resource(two, database):
    own, other = two
    sees = ResourceSpecies(
        account_id=own.account_id,
        resource_id=other.resources[DOLITTLE],
        species_id=own.species["Félin"],
        online=True,
    )
    refused(database, sees)


@pytest.mark.parametrize(("start", "end"), [(START, START), (START, START - 300), (None, START)])
def test_a_busy_range_that_does_not_end_after_its_start(two, database, start, end):
    busy = Busy(
        account_id=two[0].account_id,
        logivet_id=uuid.uuid4().hex,
        version=1,
        kind="note",
        starts_at=start,
        ends_at=end,
    )
    refused(database, busy)


def test_two_bookings_on_the_same_five_minutes(two, database):
    own = two[0]
    booking_id = own.book(START, email_key=uuid.uuid4().hex)
    cell = BookingCell(
        account_id=own.account_id,
        resource_id=own.resources[DOLITTLE],
        cell=START // 300 + 2,
        booking_id=booking_id,
    )
    refused(database, cell)


@pytest.mark.parametrize(
    "values",
    [
        {"starts_at": START + 1},
        {"ends_at": START},
        {"status": "maybe"},
        {"status": "cancelled"},
        {"cancelled_at": datetime(2026, 3, 16, tzinfo=UTC)},
        {"resource_id": uuid.UUID(int=1)},
        {"consent_sha256": "x"},
    ],
)
def test_a_booking_that_contradicts_itself(two, database, values):
    own = two[1]
    booking_id = database.scalar(
        sa.select(Booking.id).where(Booking.account_id == own.account_id).limit(1)
    ) or own.book(START, email_key=uuid.uuid4().hex)
    database.rollback()
    booking = database.get(Booking, (own.account_id, booking_id))
    for name, value in values.items():
        setattr(booking, name, value)
    refused(database)


def test_a_second_account_of_a_clinic(two, database):
    own = two[0]
    again = ClinicAccount(
        clinic_id=own.clinic_id, time_zone="America/Toronto", locale="fr", epoch=1, domains=[]
    )
    refused(database, again)


@pytest.mark.parametrize("other", ["A-9913 ", "a-9913", "Á-9913"])
def test_logivets_keys_compare_byte_for_byte(two, database, other):
    of = two[0].account_id
    for key in (f"A-9913{two[0].account_id.hex[:4]}", f"{other}{two[0].account_id.hex[:4]}"):
        database.add(
            Busy(
                account_id=of,
                logivet_id=key,
                version=1,
                kind="note",
                starts_at=START,
                ends_at=START + 300,
            )
        )
    database.flush()
