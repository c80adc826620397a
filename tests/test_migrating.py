import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from flask_logivet_rdv import migrating
from flask_logivet_rdv.models import Base
from flask_logivet_rdv.services import events
from host_example.models import db
from tests.support.clinics import make_clinic
from tests.support.databases import KINDS, database
from tests.support.portal import MONDAY_MORNING, make_portal, migrate

OURS = set(Base.metadata.tables) | {migrating.VERSION_TABLE}


@pytest.fixture(params=KINDS)
def fresh(request, tmp_path):
    with database(request.param, tmp_path) as url:
        app = make_portal(tmp_path, url)
        migrate(app)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def tables(app):
    with app.app_context():
        return set(sa.inspect(db.engine).get_table_names())


def test_upgrade_makes_exactly_the_models_tables_and_may_be_repeated(fresh):
    migrating.upgrade(fresh)
    assert tables(fresh) >= OURS
    assert migrating.differences(fresh) == []


def test_a_table_altered_by_hand_is_noticed(fresh):
    with fresh.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE rdv_conflict"))
    assert migrating.differences(fresh)


def test_what_a_clinic_had_acknowledged_is_carried_to_its_keys_and_back(fresh):
    clinic = make_clinic(fresh, configured=False)
    with fresh.app_context():
        events.acknowledge(db.session(), clinic.key.split("_")[1], 7, MONDAY_MORNING)
        db.session.remove()
        migrating.downgrade(fresh, "0001")
        state = sa.text("SELECT acked_seq FROM rdv_sync_state")
        assert db.session.scalars(state).all() == [7]
        db.session.remove()
        migrating.upgrade(fresh)
        account_id, reached = clinic.account_id, (7, MONDAY_MORNING)
        assert events.last_acknowledgement(db.session(), account_id) == reached
    assert migrating.differences(fresh) == []


def test_downgrade_leaves_only_the_hosts_tables(fresh):
    migrating.downgrade(fresh)
    assert tables(fresh) - {migrating.VERSION_TABLE} == set(db.metadata.tables)


def test_the_hosts_autogenerate_sees_nothing_of_ours(fresh):
    shield = fresh.extensions["migrate"].configure_args["include_name"]
    with fresh.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": shield})
        assert compare_metadata(context, db.metadata) == []
        unshielded = MigrationContext.configure(connection)
        assert compare_metadata(unshielded, db.metadata) != []


def test_the_hosts_own_filter_still_has_its_say(tmp_path):
    shield = make_portal(tmp_path).extensions["migrate"].configure_args["include_name"]
    assert not shield("rdv_booking", "table", {})
    assert shield("clinic", "table", {})


@pytest.mark.parametrize("command", ["upgrade", "check", "downgrade"])
def test_the_commands(fresh, command):
    result = fresh.test_cli_runner().invoke(args=["rdv", command])
    assert result.exit_code == 0, result.output


def test_check_fails_on_tables_that_differ(fresh):
    migrating.downgrade(fresh)
    result = fresh.test_cli_runner().invoke(args=["rdv", "check"])
    assert result.exit_code == 1
    assert "flask rdv upgrade" in result.output


def test_the_hosts_keys_are_real_foreign_keys(fresh):
    with fresh.app_context():
        keys = sa.inspect(db.engine).get_foreign_keys("rdv_clinic_account")
    assert [(key["referred_table"], key["options"]["ondelete"]) for key in keys] == [
        ("clinic", "CASCADE")
    ]
