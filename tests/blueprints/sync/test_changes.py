import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Busy, Category, ClinicAccount, Resource, Species
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.availability import agenda
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.sync.calls import assert_problem, busy, delete, upsert
from tests.support.clinics import DOLITTLE, at

WEDNESDAY = Range(at("2026-03-18", "00:00"), at("2026-03-19", "00:00"))


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [result["status"] for result in answer.json["results"]]


def taken(session, clinic, resource=DOLITTLE):
    session.rollback()
    found = clinic.resources.get(resource) or session.scalar(
        sa.select(Resource.id).where(
            Resource.account_id == clinic.account_id, Resource.logivet_id == resource
        )
    )
    return agenda(session, clinic.account_id, found, WEDNESDAY)[1]


def hours(*clocks):
    return Range(*(at("2026-03-18", clock) for clock in clocks))


def row(session, clinic, model, logivet_id):
    session.rollback()
    return session.scalar(
        sa.select(model).where(
            model.account_id == clinic.account_id, model.logivet_id == logivet_id
        )
    )


def test_a_batch_answers_for_each_change_in_its_order(desktop, session, clinic):
    answer = desktop.upload(
        busy("A-1", "08:00", "08:30", resource_id="r9"),
        upsert("resource", "r9", 8, name={"fr": "Dre Wu", "en": "Dr Wu"}, position=3),
        upsert("species", "x", 1, name={"fr": "Ovin", "en": "Ovine"}, short_name={"fr": "Ov"}),
        upsert("category", "k", 3, name={"fr": "Radio"}),
        delete("category", "c1", 4),
    )
    assert answer.json["results"] == [
        {"kind": kind, "id": key, "status": "applied"}
        for kind, key in (
            ("busy", "A-1"),
            ("resource", "r9"),
            ("species", "x"),
            ("category", "k"),
            ("category", "c1"),
        )
    ]
    assert answer.json["conflicts"] == []
    assert taken(session, clinic, "r9") == [hours("08:00", "08:30")]
    species = row(session, clinic, Species, "x")
    assert (species.short_fr, species.short_en) == ("Ov", "Ov")
    assert row(session, clinic, Category, "c1").deleted_at is not None


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ({"fr": "Radio", "en": "X-ray"}, ("Radio", "X-ray")),
        ({"fr": "Radio"}, ("Radio", "Radio")),
        ({"fr": None, "en": " X-ray "}, ("X-ray", "X-ray")),
        ({"fr": "", "en": "🐾" * 200}, ("🐾" * 200, "🐾" * 200)),
    ],
)
def test_a_name_may_miss_one_language(desktop, session, clinic, name, stored):
    desktop.upload(upsert("category", "k", 1, name=name))
    category = row(session, clinic, Category, "k")
    assert (category.name_fr, category.name_en) == stored


def test_an_equal_version_is_unchanged_and_an_older_one_stale(desktop, session, clinic):
    sent = [busy("A-1", "08:00", "08:30", 5), upsert("category", "c5", 5, name={"fr": "Examen"})]
    assert statuses(desktop.upload(*sent)) == ["applied", "applied"]
    assert statuses(desktop.upload(*sent)) == ["unchanged", "unchanged"]
    older = [busy("A-1", "09:00", "09:30", 4), upsert("category", "c5", 4, name={"fr": "Autre"})]
    assert statuses(desktop.upload(*older)) == ["stale", "stale"]
    assert taken(session, clinic) == [hours("08:00", "08:30")]
    assert row(session, clinic, Category, "c5").name_fr == "Examen"


def test_versions_go_from_0_to_63_bits(desktop):
    assert statuses(desktop.upload(busy("A-1", "08:00", "08:30", 0))) == ["applied"]
    assert statuses(desktop.upload(busy("A-1", "08:00", "08:30", 2**63 - 1))) == ["applied"]


def test_a_tombstone_remembers_its_version(desktop, session, clinic):
    desktop.upload(busy("A-1", "08:00", "08:30", 2))
    assert statuses(desktop.upload(delete("busy", "A-1", 3))) == ["applied"]
    assert statuses(desktop.upload(busy("A-1", "08:00", "08:30", 2))) == ["stale"]
    assert taken(session, clinic) == []
    assert statuses(desktop.upload(busy("A-1", "08:00", "08:30", 4))) == ["applied"]
    assert taken(session, clinic) == [hours("08:00", "08:30")]


def test_a_row_may_be_deleted_before_it_was_ever_seen(desktop):
    assert statuses(desktop.upload(delete("busy", "A-1", 3), delete("species", "z", 1))) == [
        "applied",
        "applied",
    ]
    assert statuses(desktop.upload(busy("A-1", "08:00", "08:30", 2))) == ["stale"]


def test_one_bad_item_and_nothing_is_applied(desktop, session, clinic):
    before = desktop.hello()["token"]
    answer = desktop.upload(busy("A-1", "08:00", "08:30"), busy("A-2", "09:00", "08:30"))
    problem = assert_problem(answer, 422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == ["/changes/1/data"]
    assert row(session, clinic, Busy, "A-1") is None
    assert desktop.hello()["token"] == before


def test_another_token_than_the_last_is_refused(desktop, session, clinic):
    first = desktop.hello()["token"]
    desktop.upload(busy("A-1", "08:00", "08:30"))
    for token in (first, "", "7:999", "é"):
        answer = desktop.post({"token": token, "changes": [busy("A-2", "09:00", "09:30")]})
        assert_problem(answer, 409, "token_mismatch")
    assert row(session, clinic, Busy, "A-2") is None


def test_a_range_grows_to_whole_seconds(desktop, session, clinic):
    desktop.upload(busy("A-1", "08:00:00.9", "08:30:00.000000001"))
    start, end = hours("08:00", "08:30")
    assert taken(session, clinic) == [Range(start, end + 1)]


@pytest.mark.parametrize(
    "start", ["2026-03-18T08:00:00-04:00", "2026-03-18T12:00:00Z", "2026-03-18t17:30:00+05:30"]
)
def test_any_offset_tells_the_same_instant(desktop, session, clinic, start):
    desktop.upload(busy("A-1", "08:00", "08:30", start=start))
    assert taken(session, clinic) == [hours("08:00", "08:30")]


def test_the_unassigned_column_blocks_nobody(desktop, session, clinic):
    assert statuses(desktop.upload(busy("A-1", "08:00", "08:30", resource_id=None))) == ["applied"]
    assert taken(session, clinic) == []


def test_a_range_of_an_unknown_resource_waits_for_it(desktop, session, clinic):
    assert statuses(desktop.upload(busy("A-1", "08:00", "08:30", resource_id="new"))) == ["applied"]
    desktop.upload(upsert("resource", "new", 1, name={"fr": "Nouvelle"}))
    assert taken(session, clinic, "new") == [hours("08:00", "08:30")]


def test_an_inactive_category_comes_back_off_and_without_duration(desktop, session, clinic):
    name = {"fr": "Examen", "en": "Exam"}
    desktop.upload(upsert("category", "c5", 2, name=name, active=False))
    assert row(session, clinic, Category, "c5").deleted_at is not None
    desktop.upload(upsert("category", "c5", 3, name=name, active=True))
    category = row(session, clinic, Category, "c5")
    assert category.deleted_at is None
    assert (category.online, category.duration_min) == (False, None)


def test_a_mirror_never_conflicts_and_takes_its_own_range_too(desktop, session, clinic):
    booking = clinic.book(at("2026-03-18", "10:00"))
    answer = desktop.upload(busy("A-1", "10:00", "10:45", booking_id=str(booking)))
    assert answer.json["conflicts"] == []
    assert taken(session, clinic) == [hours("10:00", "10:30"), hours("10:00", "10:45")]


def test_a_mirror_that_vanishes_does_not_cancel(desktop, session, clinic):
    booking = clinic.book(at("2026-03-18", "10:00"))
    desktop.upload(busy("A-1", "10:00", "10:30", booking_id=str(booking)))
    desktop.upload(delete("busy", "A-1", 2))
    assert taken(session, clinic) == [hours("10:00", "10:30")]
    assert desktop.get("/bookings").json["bookings"][0]["status"] == "confirmed"


def test_the_mirror_of_a_cancelled_booking_blocks_nobody(desktop, session, clinic):
    booking = clinic.book(at("2026-03-18", "10:00"))
    desktop.upload(busy("A-1", "10:00", "10:30", booking_id=str(booking)))
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking, "Voyage"))
    assert taken(session, clinic) == []


def test_a_mirror_of_an_unknown_booking_is_an_ordinary_range(desktop, session, clinic):
    answer = desktop.upload(busy("A-1", "08:00", "08:30", booking_id=str(uuid.uuid4())))
    assert statuses(answer) == ["applied"]
    assert taken(session, clinic) == [hours("08:00", "08:30")]


def test_a_range_that_lands_on_a_booking_is_told_and_both_are_kept(desktop, session, clinic):
    booking = clinic.book(at("2026-03-18", "10:00"))
    answer = desktop.upload(busy("A-1", "10:15", "11:00"))
    assert answer.json["conflicts"] == [{"booking_id": str(booking), "busy_id": "A-1"}]
    assert taken(session, clinic) == [hours("10:00", "10:30"), hours("10:15", "11:00")]
    types = [event["type"] for event in desktop.events().json["events"]]
    assert types == ["booking.created", "booking.conflict"]


def test_only_the_catalogue_counts_as_a_change_of_settings(desktop, session, clinic):
    def settings_revision():
        session.rollback()
        return session.get(ClinicAccount, clinic.account_id).settings_revision

    before = settings_revision()
    desktop.upload(busy("A-1", "08:00", "08:30"))
    assert settings_revision() == before
    desktop.upload(busy("A-2", "09:00", "09:30"), upsert("category", "k", 3, name={"fr": "Radio"}))
    assert settings_revision() == before + 1
