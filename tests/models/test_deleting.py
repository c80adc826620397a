"""What the host deletes in its own tables takes ours along, on every database."""

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Audit, Base, ClinicAccount, ConsentText
from flask_logivet_rdv.services import replies
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from flask_logivet_rdv.services.changes import apply_changes
from flask_logivet_rdv.services.settings import save_domains
from flask_logivet_rdv.services.snapshots import open_snapshot, put_part
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import BusyData, Change, upload_token
from host_example.models import Clinic, User, db
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

START = at("2026-03-18", "10:00")


@pytest.fixture
def full_clinic(any_portal, session_clock):
    """A clinic with a row in every table."""
    session_clock.now = MONDAY_MORNING
    made = make_clinic(any_portal, configured=True)
    booking_id = made.book(START)
    with any_portal.app_context():
        mint_cancel_link(jobs.desk(), made.account_id, booking_id)
        account = db.session.get(ClinicAccount, made.account_id)
        token = upload_token(account.epoch, account.upload_seq)
        landed = Change("busy", "A-1", 1, BusyData("r2", "note", START, START + 300))
        actor = Actor(made.user_id, "Zoé", made.clinic_id)
        transact(jobs.desk(), made.account_id, lambda tx: apply_changes(tx, token, [landed]))
        replies.claim(db.session(), made.account_id, "upload-1", "0" * 64, START)
        transact(jobs.desk(), made.account_id, lambda tx: _open_snapshot(tx, landed))
        transact(jobs.desk(), made.account_id, lambda tx: save_domains(tx, ["a.ca"], actor))
        yield made
        db.session.rollback()


def _open_snapshot(tx, row):
    snapshot_id = open_snapshot(tx, ["busy"])
    tx.session.flush()
    put_part(tx, snapshot_id, 1, [row])


def rows_of(clinic, table):
    column = table.c.get("account_id", table.c.get("id"))
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(table).where(column == clinic.account_id)
    )


def test_a_deleted_clinic_leaves_nothing(full_clinic):
    tables = [
        table for table in Base.metadata.tables.values() if table is not ConsentText.__table__
    ]
    assert [table.name for table in tables if not rows_of(full_clinic, table)] == []
    db.session.execute(sa.delete(User).where(User.id == full_clinic.user_id))
    db.session.execute(sa.delete(Clinic).where(Clinic.id == full_clinic.clinic_id))
    db.session.commit()
    assert [table.name for table in tables if rows_of(full_clinic, table)] == []


def test_a_deleted_user_stays_named_in_the_history(full_clinic):
    db.session.execute(sa.delete(User).where(User.id == full_clinic.user_id))
    db.session.commit()
    named = sa.select(Audit.user_id, Audit.actor_name).where(
        Audit.account_id == full_clinic.account_id, Audit.actor_kind == "user"
    )
    assert db.session.execute(named).all() == [(None, "Zoé")]
