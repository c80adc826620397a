"""The quicker ways to the database: what they see, and what they leave behind, on each kind."""

import uuid
from contextlib import suppress
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask_sqlalchemy.session import Session
from sqlalchemy.orm import scoped_session, sessionmaker

from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services.connection import (
    each_for_itself,
    on_postgresql,
    plain_rows,
    rows,
    rows_apart,
    unhurried,
)
from host_example.models import db
from tests.support.clinics import make_clinic

LOCALE = sa.select(ClinicAccount.locale).where(ClinicAccount.id == sa.bindparam("id"))


@pytest.fixture
def account(any_portal):
    """An account of each kind of database, in a session of its own."""
    clinic = make_clinic(any_portal, configured=False)
    with any_portal.app_context():
        yield db.session.get(ClinicAccount, clinic.account_id)
        db.session.rollback()


def test_rows_see_what_the_session_has_not_flushed(account):
    account.locale = "en"
    assert rows(db.session(), LOCALE, {"id": account.id}) == [("en",)]
    db.session.rollback()
    assert rows(db.session(), LOCALE, {"id": account.id}) == [("fr",)]


def test_rows_apart_in_a_transaction_are_its_own(account):
    asked = {"id": account.id}
    account.locale = "en"
    db.session.flush()
    assert rows_apart(db, LOCALE, asked) == [("en",)]


def test_rows_apart_see_what_was_committed_and_leave_postgresqls_session_idle(account):
    session, asked = db.session(), {"id": account.id}
    account.locale = "en"
    session.commit()
    assert rows_apart(db, LOCALE, asked) == [("en",)]
    assert session.in_transaction() is not on_postgresql(session)


def test_each_for_itself_ends_with_the_transaction(account):
    session = db.session()
    session.rollback()
    each_for_itself(session)
    account.locale = "en"
    session.flush()
    with db.engine.connect() as other:
        seen = other.execute(LOCALE, {"id": account.id}).scalar()
    assert (seen == "en") is on_postgresql(session)
    session.rollback()
    account.locale = "de"
    session.flush()
    session.rollback()
    assert account.locale == seen


def test_an_unhurried_transaction_leaves_the_next_one_as_it_was(any_portal):
    with any_portal.app_context():
        session = db.session()
        unhurried(session)
        if on_postgresql(session):
            shown = sa.text("SHOW synchronous_commit")
            assert session.scalar(shown) == "off"
            session.commit()
            assert session.scalar(shown) == "on"
        session.rollback()


OTHERS_END = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
REVISION = sa.select(ClinicAccount.revision).where(ClinicAccount.id == sa.bindparam("id"))


def test_a_plain_row_is_as_committed(account, any_portal):
    asked = {"id": account.id}
    account.revision = 41
    db.session.commit()
    assert plain_rows(db, REVISION, asked)[0][0] == 41
    assert plain_rows(db, REVISION, {"id": uuid.uuid4()}) == []


def test_a_plain_row_in_a_transaction_is_its_own(account):
    account.revision = 41
    db.session.flush()
    assert plain_rows(db, REVISION, {"id": account.id})[0][0] == 41


def test_plain_rows_of_a_session_are_as_in_its_transaction(account):
    account.revision = 41
    assert plain_rows(db.session(), REVISION, {"id": account.id}) == [(41,)]


def test_a_plain_row_leaves_the_connection_as_the_host_has_it(account):
    db.session.rollback()
    plain_rows(db, REVISION, {"id": account.id})
    account.revision = 41
    db.session.flush()
    db.session.rollback()
    assert plain_rows(db, REVISION, {"id": account.id})[0][0] != 41


def test_a_plain_row_of_a_query_with_a_value_of_its_own(account):
    """A query that psycopg refused would be asked twice, and cost a connection each time."""
    there = sa.select(sa.literal(7)).where(ClinicAccount.id == sa.bindparam("id"))
    db.session.rollback()
    with db.engine.connect():  # the pool's first connection stays, whatever comes
        pass
    made = []
    sa.event.listen(db.engine, "connect", lambda *_: made.append(1))
    assert plain_rows(db, there, {"id": account.id})[0][0] == 7
    assert not made


def test_a_plain_row_is_asked_for_again_after_the_server_ended_the_connection(account):
    """SQLAlchemy says so once at most, and the pool is fresh after it."""
    asked = {"id": account.id}
    db.session.rollback()
    plain_rows(db, REVISION, asked)
    db.session.remove()
    if on_postgresql(db.session()):
        with db.engine.connect() as other:
            other.execute(OTHERS_END)
    with suppress(sa.exc.OperationalError):
        plain_rows(db, REVISION, asked)
    assert plain_rows(db, REVISION, asked)


def test_a_plain_row_that_cannot_be_is_an_error_of_sqlalchemy(account):
    """The widget's pages know what to say then."""
    db.session.rollback()
    with pytest.raises(sa.exc.DBAPIError):
        plain_rows(db, sa.select(sa.column("nothing")).select_from(sa.table("rdv_nothing")), {})
    db.session.rollback()
    assert plain_rows(db, REVISION, {"id": account.id})


def test_a_plain_row_of_a_server_that_is_away_is_an_error_at_once(account, closed_port):
    url = f"postgresql+psycopg://nobody@127.0.0.1:{closed_port}/none"
    tried, engine = [], sa.create_engine(url)
    sa.event.listen(engine, "do_connect", lambda *_: tried.append(1))
    away = SimpleNamespace(engine=engine, session=db.session)
    db.session.rollback()
    with pytest.raises(sa.exc.OperationalError):
        plain_rows(away, REVISION, {"id": uuid.uuid4()})
    assert len(tried) == 1


def test_a_host_whose_session_chooses_the_engine_is_asked_by_its_session(account):
    asked = []

    class Choosing(Session):
        def get_bind(self, *given, **named):
            asked.append(self)
            return super().get_bind(*given, **named)

    db.session.rollback()
    sessions = scoped_session(sessionmaker(class_=Choosing, db=db), scopefunc=lambda: 1)
    assert plain_rows(
        SimpleNamespace(engine=db.engine, session=sessions), REVISION, {"id": account.id}
    )
    assert asked
    sessions.remove()
