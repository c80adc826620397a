import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services import accounts, settings
from flask_logivet_rdv.services.transaction import (
    ATTEMPTS,
    UnknownAccountError,
    UnsavedWorkError,
    transact,
)
from host_example.models import Clinic, User


def noop(tx):
    return tx.instant


def revision(session, clinic):
    session.expire_all()
    return session.get(ClinicAccount, clinic.account_id).revision


def test_each_write_raises_the_revision_by_one(clinic, session):
    before = revision(session, clinic)
    transact(jobs.desk(), clinic.account_id, noop)
    assert revision(session, clinic) == before + 1


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
    session.execute(sa.update(Clinic).where(Clinic.id == clinic.clinic_id).values(phone="1"))


@pytest.mark.parametrize("leave", [unsaved_new, unsaved_dirty, unsaved_flushed, unsaved_statement])
def test_work_that_the_host_left_is_never_lost_silently(clinic, session, leave):
    leave(session, clinic)
    with pytest.raises(UnsavedWorkError, match="must commit"):
        transact(jobs.desk(), clinic.account_id, noop)
    session.rollback()


def test_work_that_the_host_committed_is_no_hindrance(clinic, session):
    unsaved_flushed(session, clinic)
    session.commit()
    assert transact(jobs.desk(), clinic.account_id, noop)


def test_a_lost_race_is_tried_again_as_a_whole(clinic, session):
    tries = []

    def lose_once(tx):
        tries.append(1)
        if len(tries) == 1:
            raise sa.exc.OperationalError("x", {}, Exception("database is locked"))
        return "won"

    assert transact(jobs.desk(), clinic.account_id, lose_once) == "won"


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
