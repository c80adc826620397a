"""How the host's connections are set, on each database."""

import pytest

from flask_logivet_rdv.doctor import database
from tests.support.databases import database as database_of

SERVERS = {
    "postgresql": (
        ("READ COMMITTED", "ok", "READ COMMITTED."),
        ("REPEATABLE READ", "warning", "40001"),
        ("SERIALIZABLE", "warning", "40001"),
        ("AUTOCOMMIT", "error", "two people can book one slot"),
    ),
    "mariadb": (
        ("REPEATABLE READ", "ok", "REPEATABLE READ."),
        ("READ COMMITTED", "ok", "READ COMMITTED."),
        ("READ UNCOMMITTED", "warning", "Use REPEATABLE READ"),
        ("SERIALIZABLE", "warning", "Use REPEATABLE READ"),
        ("AUTOCOMMIT", "error", "two people can book one slot"),
    ),
}


@pytest.fixture(scope="module", params=SERVERS)
def server(request, tmp_path_factory):
    """An empty database of a server, whose kind is the first of the pair."""
    with database_of(request.param, tmp_path_factory.mktemp(request.param)) as url:
        yield request.param, url


def test_what_a_server_runs_with_by_itself_is_fine(portal_with, look, server):
    kind, url = server
    found = look(database.look, portal_with(url))
    assert [level for level, _ in found.values()] == ["ok", "ok"]
    assert {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}[kind] in found["database"][1]


def test_an_isolation_that_our_lock_suffers_from_is_told(portal_with, look, server):
    kind, url = server
    for isolation, level, words in SERVERS[kind]:
        app = portal_with(url, SQLALCHEMY_ENGINE_OPTIONS={"isolation_level": isolation})
        found = look(database.look, app)["isolation"]
        assert found[0] == level, isolation
        assert words in found[1]


def test_sqlite_as_it_should_be_is_still_for_one_machine(portal, look):
    found = look(database.look, portal)
    assert {level for level, _ in found.values()} == {"ok"}
    assert found["database"][1].endswith("for one machine only.")


def test_sqlite_as_it_comes_is_not_as_it_should_be(portal_with, look, monkeypatch):
    monkeypatch.setattr("host_example.portal.sqlite.prepare", lambda _: None)
    app = portal_with(SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 14.9}})
    with app.app_context():
        app.extensions["sqlalchemy"].session.connection().exec_driver_sql(
            "PRAGMA journal_mode=DELETE"
        )
    found = look(database.look, app)
    assert {name: level for name, (level, _) in found.items()} == {
        "database": "ok",
        "sqlite: foreign keys": "error",
        "sqlite: busy timeout": "warning",
        "sqlite: journal": "warning",
    }
    assert "PRAGMA foreign_keys=ON" in found["sqlite: foreign keys"][1]
    assert "14.9 s" in found["sqlite: busy timeout"][1]
    assert "PRAGMA journal_mode=WAL" in found["sqlite: journal"][1]


def test_fifteen_seconds_are_enough(portal_with, look, monkeypatch):
    monkeypatch.setattr("host_example.portal.sqlite.prepare", lambda _: None)
    app = portal_with(SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 15}})
    assert look(database.look, app)["sqlite: busy timeout"][0] == "ok"
