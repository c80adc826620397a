"""What an upload leaves for a person to do, and a clock that is off."""

import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount, Event
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.by_clinic import Placement, cancel_by_clinic, move_by_clinic
from flask_logivet_rdv.services.changes import Applied, apply_changes
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import BusyData, CatalogueData, Change, upload_token
from flask_logivet_rdv.services.warnings import warn_of_clock
from tests.support.clinics import DOLITTLE, at, make_clinic

START = at("2026-03-18", "10:00")
HALF_HOUR = 1800
NOBODY = uuid.UUID("00000000-0000-4000-8000-000000000000")


def write(clinic, verb):
    with clinic.app.app_context():
        return transact(jobs.desk(), clinic.account_id, verb)


def upload(clinic, session, *changes):
    session.rollback()
    account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
    token = upload_token(account.epoch, account.upload_seq)
    done = write(clinic, lambda tx: apply_changes(tx, token, changes))
    assert isinstance(done, Applied)


def mirror(clinic, booking_id, start=START, version=1, minutes=30, resource=DOLITTLE):
    key = clinic.logivet.get(f"resource:{resource}", resource)
    end = start + minutes * 60
    return Change("busy", "A-1", version, BusyData(key, "appointment", start, end, booking_id))


def notices(clinic, session):
    session.rollback()
    query = sa.select(Event).where(Event.account_id == clinic.account_id, Event.type == "notice")
    return list(session.scalars(query.order_by(Event.seq)))


def abouts(clinic, session):
    return [event.facts["about"] for event in notices(clinic, session)]


def test_a_mirror_that_is_its_bookings_is_silent(clinic, session):
    booking_id = clinic.book(START)
    upload(clinic, session, mirror(clinic, booking_id))
    assert notices(clinic, session) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"start": START + 300},
        {"minutes": 25},
        {"resource": "Dr Gregory House"},
        {"resource": None},
        {"resource": "unheard-of"},
    ],
)
def test_a_mirror_that_differs_is_told_once_for_each_place(clinic, session, changed):
    booking_id = clinic.book(START)
    upload(clinic, session, mirror(clinic, booking_id, **changed))
    upload(clinic, session, mirror(clinic, booking_id, **changed, version=2))
    (event,) = notices(clinic, session)
    assert (event.facts["about"], event.booking_id) == ("misplaced", booking_id)
    upload(clinic, session, mirror(clinic, booking_id, START + 5400, version=3))
    assert abouts(clinic, session) == ["misplaced"] * 2


def test_a_mirror_that_was_put_back_is_told_again_when_it_leaves(clinic, session):
    booking_id = clinic.book(START)
    for version, start in enumerate((START, START + 300, START, START + 300)):
        upload(clinic, session, mirror(clinic, booking_id, start, version))
    assert abouts(clinic, session) == ["misplaced"] * 2


def test_a_mirror_that_its_booking_left_behind_is_told(clinic, session):
    booking_id = clinic.book(START)
    upload(clinic, session, mirror(clinic, booking_id))
    to = Placement(clinic.logivet[f"resource:{DOLITTLE}"], Range(START + 5400, START + 7200))
    write(clinic, lambda tx: move_by_clinic(tx, booking_id, to, notify_client=False))
    upload(clinic, session, mirror(clinic, booking_id, version=2))
    assert abouts(clinic, session) == ["misplaced"]


def test_the_mirror_of_another_clinics_booking_is_one_of_an_unknown_booking(
    portal, clinic, session
):
    stranger = make_clinic(portal, configured=True).book(START)
    upload(clinic, session, mirror(clinic, stranger))
    assert abouts(clinic, session) == ["unknown"]


@pytest.mark.parametrize("version", [0, 1])
def test_what_is_not_applied_warns_of_nothing(clinic, session, version):
    booking_id = clinic.book(START)
    upload(clinic, session, mirror(clinic, booking_id))
    upload(clinic, session, mirror(clinic, booking_id, START + 300, version))
    assert notices(clinic, session) == []


def test_the_mirror_of_a_cancelled_or_past_booking_may_be_anywhere(clinic, session, clock):
    booking_id = clinic.book(START)
    write(clinic, lambda tx: cancel_by_clinic(tx, booking_id, "", notify_client=False))
    upload(clinic, session, mirror(clinic, booking_id, START + 300))
    past = clinic.book(START)
    clock.advance(hours=72)
    upload(clinic, session, mirror(clinic, past, START + 300, version=2))
    assert notices(clinic, session) == []


def test_a_mirror_of_an_unknown_booking_is_told_once_and_takes_its_time(clinic, session):
    for version in (1, 2):
        upload(clinic, session, mirror(clinic, NOBODY, version=version))
    (event,) = notices(clinic, session)
    assert event.facts == {
        "about": "unknown",
        "busy_id": "A-1",
        "start": START,
        "end": START + HALF_HOUR,
        "resource": str(clinic.resources[DOLITTLE]),
    }


ROWS = [("category", "Examen"), ("species", "Canin"), ("resource", DOLITTLE)]


@pytest.mark.parametrize(("kind", "name"), ROWS)
@pytest.mark.parametrize("how", ["deleted", "deactivated"])
def test_a_row_that_goes_with_visits_to_come_lists_them(clinic, session, clock, kind, name, how):
    late, early = clinic.book(START + 5400), clinic.book(START)
    data = None if how == "deleted" else CatalogueData(name, name, active=False)
    key = clinic.logivet[f"{kind}:{name}"]
    upload(clinic, session, Change(kind, key, 2, data))
    clock.advance(minutes=1)
    upload(clinic, session, Change(kind, key, 3, data))
    (event,) = notices(clinic, session)
    assert (event.facts["about"], event.facts["of"]) == ("gone", kind)
    assert event.facts["bookings"] == [str(early), str(late)]
    assert event.facts["count"] == 2


@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_a_row_that_goes_without_a_visit_to_come_is_silent(clinic, session, clock, kind, name):
    cancelled = clinic.book(START + 5400)
    write(clinic, lambda tx: cancel_by_clinic(tx, cancelled, "", notify_client=False))
    clinic.book(START)
    clock.advance(hours=60)
    upload(clinic, session, Change(kind, clinic.logivet[f"{kind}:{name}"], 2, None))
    assert notices(clinic, session) == []


def test_facts_hold_nothing_that_was_typed(clinic, session):
    booking_id = clinic.book(START, name="Zoé", pet_name="Rex", reason="Boite", email="z@x.ca")
    upload(clinic, session, mirror(clinic, booking_id, START + 300))
    upload(clinic, session, Change("category", clinic.logivet["category:Examen"], 2, None))
    facts = repr([event.facts for event in notices(clinic, session)])
    assert not any(typed in facts for typed in ("Zoé", "Rex", "Boite", "z@x.ca", "Examen"))


@pytest.mark.parametrize(("minutes", "told"), [(59, 1), (60, 2)])
def test_a_clock_is_told_once_an_hour(clinic, session, clock, minutes, told):
    write(clinic, lambda tx: warn_of_clock(tx, 400))
    clock.advance(minutes=minutes)
    write(clinic, lambda tx: warn_of_clock(tx, -400))
    assert abouts(clinic, session) == ["clock"] * told


def deletions(clinic, names):
    return [Change("category", clinic.logivet[f"category:{name}"], 9, None) for name in names]


def test_many_rows_that_go_away_cost_the_bookings_one_question(clinic, bare_clinic, session):
    asked = []

    def count(*args):
        asked.append(args[2])

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        counts = []
        for own, gone in (
            (clinic, ["Examen"]),
            (bare_clinic, ["Examen", "Euthanasie", "Chirurgie"]),
        ):
            asked.clear()
            upload(own, session, *deletions(own, gone))
            counts.append(sum("FROM rdv_booking" in statement for statement in asked))
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    assert counts == [1, 1]
