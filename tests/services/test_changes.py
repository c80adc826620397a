"""What a batch does to the rows, beyond what the interface's own tests show."""

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import (
    Audit,
    Busy,
    Category,
    ClinicAccount,
    Conflict,
    Event,
    Resource,
    ResourceOffer,
)
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.changes import Applied, TokenMismatch, apply_changes
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.upload_catalogue import CATALOGUE
from flask_logivet_rdv.services.uploads import BusyData, CatalogueData, Change, upload_token
from host_example.models import db
from tests.support.clinics import DOLITTLE, at

START = at("2026-03-18", "10:00")
EXAM = CatalogueData("Examen", "Exam")


def busy(key, version, start=START, minutes=30, booking_id=None, resource="r2"):
    return Change(
        "busy", key, version, BusyData(resource, "note", start, start + minutes * 60, booking_id)
    )


def gone(kind, key, version):
    return Change(kind, key, version, None)


@pytest.fixture
def upload(clinic, session):
    def upload(*changes):
        account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
        token = upload_token(account.epoch, account.upload_seq)
        return transact(
            jobs.desk(), clinic.account_id, lambda tx: apply_changes(tx, token, changes)
        )

    return upload


@pytest.fixture
def conflicts(clinic, session):
    """Return how many pairs stand, and how many times LogiVet was told."""

    def conflicts():
        session.rollback()
        told = sa.select(sa.func.count()).where(
            Event.account_id == clinic.account_id, Event.type == "booking.conflict"
        )
        standing = sa.select(sa.func.count()).where(Conflict.account_id == clinic.account_id)
        return session.scalar(standing), session.scalar(told)

    return conflicts


def row(session, clinic, model, key):
    session.rollback()
    of = model.account_id == clinic.account_id
    return session.scalar(sa.select(model).where(of, model.logivet_id == key))


@pytest.mark.parametrize(
    ("changes", "statuses", "start"),
    [
        ([busy("A", 1), busy("A", 2, START + 300)], ["applied", "applied"], START + 300),
        ([busy("A", 2), busy("A", 1, START + 300)], ["applied", "stale"], START),
        ([busy("A", 1), busy("A", 1, START + 300)], ["applied", "unchanged"], START),
        ([busy("A", 1), gone("busy", "A", 2)], ["applied", "applied"], None),
        ([gone("busy", "A", 1), busy("A", 2)], ["applied", "applied"], START),
        ([gone("busy", "A", 2), busy("A", 1)], ["applied", "stale"], None),
    ],
)
def test_the_same_row_twice_in_a_batch_ends_as_its_highest_version(
    upload, clinic, session, changes, statuses, start
):
    assert [result.status for result in upload(*changes).results] == statuses
    assert row(session, clinic, Busy, "A").starts_at == start


def test_a_row_deleted_and_brought_back_in_one_batch_is_off_and_keeps_its_links(
    upload, clinic, session
):
    upload(gone("category", "c5", 2), Change("category", "c5", 3, EXAM))
    category = row(session, clinic, Category, "c5")
    assert (category.deleted_at, category.online, category.duration_min) == (None, False, None)
    offers = sa.select(sa.func.count()).where(
        ResourceOffer.account_id == clinic.account_id, ResourceOffer.category_id == category.id
    )
    assert session.scalar(offers) > 0


def test_a_deleted_resource_comes_back_off(upload, clinic, session):
    upload(gone("resource", "r2", 2))
    upload(Change("resource", "r2", 3, CatalogueData(DOLITTLE, DOLITTLE)))
    resource = row(session, clinic, Resource, "r2")
    assert (resource.deleted_at, resource.enabled) == (None, False)


@pytest.mark.parametrize(
    ("kind", "key", "subject", "before", "after"),
    [
        ("category", "c5", "categories", [True, 30], [False, None]),
        ("species", "s3", "species", [True], [False]),
    ],
)
def test_what_logivet_switches_off_is_in_the_history(
    upload, clinic, session, kind, key, subject, before, after
):
    upload(gone(kind, key, 2))
    upload(gone(kind, key, 3))
    row_id = str(row(session, clinic, CATALOGUE[kind], key).id)
    assert history(session, clinic, subject) == [({row_id: before}, {row_id: after})]


def test_and_so_is_a_resource(upload, clinic, session):
    upload(gone("resource", "r2", 2))
    subject = f"resource:{clinic.resources[DOLITTLE]}:enabled"
    assert history(session, clinic, subject)[-1] == (True, False)


def history(session, clinic, subject):
    """Return what LogiVet changed after the clinic was set up."""
    of = (Audit.account_id == clinic.account_id, Audit.subject == subject)
    by_logivet = (Audit.actor_name == "LogiVet", Audit.before != sa.JSON.NULL)
    rows = session.execute(
        sa.select(Audit.before, Audit.after).where(*of, *by_logivet).order_by(Audit.revision)
    )
    return [tuple(one) for one in rows][-1:]


def test_an_unknown_resource_is_made_once_and_hidden_until_it_comes(upload, clinic, session):
    upload(busy("A", 1, resource="new"), busy("B", 1, resource="new"))
    placeholder = row(session, clinic, Resource, "new")
    assert placeholder.deleted_at is not None
    upload(Change("resource", "new", 0, CatalogueData("Dre Wu", "Dr Wu")))
    resource = row(session, clinic, Resource, "new")
    assert (resource.id, resource.deleted_at, resource.enabled) == (placeholder.id, None, False)


def test_a_refused_batch_writes_nothing(clinic, session):
    before = session.get(ClinicAccount, clinic.account_id).revision
    session.rollback()
    refused = transact(
        jobs.desk(), clinic.account_id, lambda tx: apply_changes(tx, "0:0", [busy("A", 1)])
    )
    assert refused == TokenMismatch()
    assert session.get(ClinicAccount, clinic.account_id).revision == before
    assert row(session, clinic, Busy, "A") is None


def test_a_conflict_is_told_once_as_long_as_it_stands(upload, clinic, conflicts):
    booking_id = clinic.book(START)
    for version in (1, 2, 3):
        assert upload(busy("A", version)).conflicts == ((booking_id, "A"),)
    assert conflicts() == (1, 1)


@pytest.mark.parametrize(
    "away", [gone("busy", "A", 2), busy("A", 2, START + 1800), busy("A", 2, resource="r1")]
)
def test_a_conflict_ends_with_its_cause_and_is_told_again_if_it_returns(
    upload, clinic, conflicts, away
):
    clinic.book(START)
    upload(busy("A", 1))
    upload(away)
    assert conflicts() == (0, 1)
    upload(busy("A", 3))
    assert conflicts() == (1, 2)


def test_a_conflict_ends_with_its_booking(upload, clinic, conflicts):
    booking_id = clinic.book(START)
    upload(busy("A", 1))
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, "Non"))
    assert conflicts() == (0, 1)


def test_the_mirror_of_a_cancelled_booking_is_in_nobodys_way(upload, clinic, conflicts):
    first = clinic.book(START)
    upload(busy("A", 1, booking_id=first))
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, first, "Non"))
    clinic.book(START)
    assert upload(busy("A", 2, booking_id=first)).conflicts == ()
    assert conflicts() == (0, 0)


def test_the_mirror_of_another_booking_that_stands_is_in_the_way(upload, clinic, conflicts):
    first, second = clinic.book(START), clinic.book(START + 1800)
    moved = upload(busy("A", 1, START + 1800, booking_id=first))
    assert moved.conflicts == ((second, "A"),)


def test_a_visit_that_is_over_conflicts_with_nothing(upload, clinic, clock, conflicts):
    clinic.book(START)
    clock.advance(days=2, minutes=30)
    assert upload(busy("A", 1)).conflicts == ()


def test_a_full_batch_costs_a_constant_number_of_reads(upload, clinic):
    clinic.book(START)
    counted = []

    def reads(batch):
        with_reads = []

        def note(connection, cursor, statement, *_):
            if statement.startswith("SELECT"):
                with_reads.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert isinstance(upload(*batch), Applied)
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
        counted.append(len(with_reads))

    reads([busy("A", 1), Change("category", "k", 1, EXAM)])
    reads(
        [busy(f"B{n}", 1) for n in range(250)]
        + [Change("category", f"k{n}", 1, EXAM) for n in range(250)]
    )
    assert counted[0] == counted[1]


def test_a_mirror_no_longer_in_the_way_conflicts_with_nothing(upload, clinic, conflicts):
    first, second = clinic.book(START), clinic.book(START + 1800)
    upload(busy("A", 1, START + 1800, booking_id=first))
    assert conflicts() == (1, 1)
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, first, "Non"))
    assert conflicts() == (0, 1)
    upload(busy("A", 2, START + 1800, booking_id=None))
    assert conflicts() == (1, 2)
    upload(busy("A", 3, START + 1800, booking_id=second))
    assert conflicts() == (0, 2)
