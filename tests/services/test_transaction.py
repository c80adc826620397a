import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services import accounts, settings
from flask_logivet_rdv.services.retrying import ATTEMPTS
from flask_logivet_rdv.services.transaction import (
    UnknownAccountError,
    UnsavedWorkError,
    transact,
)
from host_example.models import Clinic, User
from tests.support.clinics import make_clinic


def noop(tx):
    return tx.instant


def write(tx):
    tx.audit("test", None, None, tx.instant)
    return tx.instant


def set_phone(session, clinic, phone):
    session.execute(sa.update(Clinic).where(Clinic.id == clinic.clinic_id).values(phone=phone))


def revision(session, clinic):
    session.expire_all()
    return session.get(ClinicAccount, clinic.account_id).revision


def test_each_write_raises_the_revision_by_one(clinic, session):
    before = revision(session, clinic)
    transact(jobs.desk(), clinic.account_id, write)
    assert revision(session, clinic) == before + 1


def the_same(tx):
    tx.account.domains = list(tx.account.domains)
    tx.session.flush()


@pytest.mark.parametrize("verb", [noop, the_same])
def test_what_writes_nothing_changes_nothing(clinic, session, verb):
    before = revision(session, clinic)
    transact(jobs.desk(), clinic.account_id, verb)
    assert revision(session, clinic) == before


def test_an_unknown_account_is_refused(session):
    with pytest.raises(UnknownAccountError):
        transact(jobs.desk(), uuid.uuid4(), noop)


def test_an_exception_rolls_everything_back(clinic, session):
    def fail(tx):
        tx.event("notice")
        raise ZeroDivisionError

    before = revision(session, clinic)
    with pytest.raises(ZeroDivisionError):
        transact(jobs.desk(), clinic.account_id, fail)
    assert revision(session, clinic) == before
    assert session.get(ClinicAccount, clinic.account_id).event_seq == 0


def unsaved_new(session, clinic):
    session.add(User(email="x@exemple.ca", name="x", password_hash="x", is_support=True))


def unsaved_dirty(session, clinic):
    session.get(Clinic, clinic.clinic_id).phone = "418 555-0199"


def unsaved_flushed(session, clinic):
    unsaved_dirty(session, clinic)
    session.flush()


def unsaved_statement(session, clinic):
    set_phone(session, clinic, "1")


def unsaved_text(session, clinic):
    session.execute(sa.text("UPDATE clinic SET phone = '1'"))


def unsaved_in_a_savepoint(session, clinic):
    with session.begin_nested():
        unsaved_dirty(session, clinic)


def unsaved_before_a_lost_savepoint(session, clinic):
    unsaved_flushed(session, clinic)
    session.begin_nested().rollback()


@pytest.mark.parametrize(
    "leave",
    [
        unsaved_new,
        unsaved_dirty,
        unsaved_flushed,
        unsaved_statement,
        unsaved_text,
        unsaved_in_a_savepoint,
        unsaved_before_a_lost_savepoint,
    ],
)
def test_work_that_the_host_left_is_never_lost_silently(clinic, session, leave):
    leave(session, clinic)
    with pytest.raises(UnsavedWorkError, match="must commit"):
        transact(jobs.desk(), clinic.account_id, noop)
    session.rollback()


def committed(session, clinic):
    unsaved_flushed(session, clinic)
    session.commit()


def rolled_back(session, clinic):
    unsaved_flushed(session, clinic)
    session.rollback()


def set_to_what_it_was(session, clinic):
    row = session.get(Clinic, clinic.clinic_id)
    row.phone = str(row.phone)
    session.flush()


def only_read(session, clinic):
    session.execute(sa.text("SELECT phone FROM clinic"))


@pytest.mark.parametrize("leave", [committed, rolled_back, set_to_what_it_was, only_read])
def test_work_that_the_host_has_ended_is_no_hindrance(clinic, session, leave):
    leave(session, clinic)
    assert transact(jobs.desk(), clinic.account_id, noop)


class LostError(Exception):
    """What a driver raises: psycopg says sqlstate, psycopg2 pgcode, pymysql a number first."""

    def __init__(self, *args, sqlstate=None, pgcode=None):
        super().__init__(*args)
        self.sqlstate, self.pgcode = sqlstate, pgcode


@pytest.mark.parametrize(
    "error",
    [
        sa.exc.OperationalError("x", {}, LostError("database is locked")),
        sa.exc.OperationalError("x", {}, LostError("x", sqlstate="40001")),
        sa.exc.OperationalError("x", {}, LostError("x", pgcode="40P01")),
        sa.exc.OperationalError("x", {}, LostError(1213, "Deadlock found")),
        sa.exc.IntegrityError("x", {}, LostError("UNIQUE constraint failed")),
    ],
)
def test_a_lost_race_is_tried_again_as_a_whole(clinic, session, error):
    told, tries = [], []
    desk = replace(jobs.desk(), notify=lambda account_id, **what: told.append(what))

    def lose_once(tx):
        tries.append(1)
        tx.event("notice")
        tx.session.flush()
        if len(tries) == 1:
            raise error
        return tx.events

    assert transact(desk, clinic.account_id, lose_once) == 1
    assert session.get(ClinicAccount, clinic.account_id).event_seq == 1
    assert told == [{"mail": False, "events": True}]


def test_it_gives_up_after_five_attempts(clinic, session):
    tries = []

    def always_lose(tx):
        tries.append(1)
        raise sa.exc.OperationalError("x", {}, Exception("database is locked"))

    with pytest.raises(sa.exc.OperationalError):
        transact(jobs.desk(), clinic.account_id, always_lose)
    assert len(tries) == ATTEMPTS


def test_another_failure_is_not_tried_again(clinic, session):
    tries = []

    def fail(tx):
        tries.append(1)
        raise sa.exc.OperationalError("x", {}, Exception("no such table"))

    with pytest.raises(sa.exc.OperationalError):
        transact(jobs.desk(), clinic.account_id, fail)
    assert len(tries) == 1


def test_a_verb_that_changes_nothing_does_not_undo_another(clinic, session):
    def both(tx):
        accounts.set_subscription(tx, False)
        settings.save_domains(tx, [], None)

    transact(jobs.desk(), clinic.account_id, both)
    session.expire_all()
    assert session.get(ClinicAccount, clinic.account_id).active is False


def test_nor_does_it_undo_one_that_makes_no_event_and_no_audit(clinic, session):
    facts = ClinicFacts("Clinique", "Clinic", time_zone="America/Halifax", locale="en")

    def both(tx):
        accounts.copy_facts(tx, facts)
        tx.session.flush()
        settings.save_domains(tx, [], None)

    transact(jobs.desk(), clinic.account_id, both)
    session.expire_all()
    account = session.get(ClinicAccount, clinic.account_id)
    assert (account.time_zone, account.locale) == ("America/Halifax", "en")


@pytest.mark.parametrize("any_portal", ["postgresql"], indirect=True)
def test_a_write_of_the_agenda_is_planned_once_and_the_hosts_own_queries_as_ever(any_portal):
    made = make_clinic(any_portal, configured=False)

    def mode(tx):
        return tx.session.scalar(sa.text("SHOW plan_cache_mode"))

    with any_portal.app_context():
        desk = jobs.desk()
        assert transact(desk, made.account_id, mode, agenda=True) == "force_generic_plan"
        assert transact(desk, made.account_id, mode) == "auto"
        assert desk.session.scalar(sa.text("SHOW plan_cache_mode")) == "auto"
        desk.session.rollback()
