import pytest
import sqlalchemy as sa

from flask_logivet_rdv import migrating
from flask_logivet_rdv.doctor import tables
from host_example.models import db


def test_tables_of_this_version(portal, look):
    head = migrating.revisions(portal)[1]
    found = look(tables.look, portal)["tables"]
    assert found == ("ok", f"At {head}, as the models have them.")


def test_no_tables_yet(portal_with, look, tmp_path):
    app = portal_with(f"sqlite:///{tmp_path / 'none.sqlite3'}")
    found = look(tables.look, app)["tables"]
    assert found == ("error", "There are none yet. Run « flask rdv upgrade ».")


def test_tables_of_an_older_version(portal, look):
    migrating.downgrade(portal, "0001")
    level, told = look(tables.look, portal)["tables"]
    assert level == "error"
    assert told.startswith("At 0001, this version needs ")
    assert "flask rdv upgrade" in told


def test_tables_altered_by_hand(portal, look):
    with portal.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE rdv_conflict"))
    level, told = look(tables.look, portal)["tables"]
    assert level == "error"
    assert "1 difference from the models" in told


def test_the_hosts_autogenerate_is_shielded(portal, look):
    assert look(tables.look_at_shield, portal)["autogenerate"][0] == "ok"


@pytest.mark.parametrize("theirs", [None, lambda name, type_, parents: True])
def test_a_shield_that_was_taken_away_is_an_error(portal, look, monkeypatch, theirs):
    args = portal.extensions["migrate"].configure_args
    monkeypatch.setitem(args, "include_name", theirs)
    level, told = look(tables.look_at_shield, portal)["autogenerate"]
    assert level == "error"
    assert "drop the rdv_* tables" in told


def test_a_host_without_migrations_has_nothing_to_shield(portal, look, monkeypatch):
    monkeypatch.delitem(portal.extensions, "migrate")
    level, told = look(tables.look_at_shield, portal)["autogenerate"]
    assert level == "ok"
    assert "No Flask-Migrate" in told
