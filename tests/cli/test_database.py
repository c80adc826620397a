"""Without tables, or without a database, each command says so in one line."""

import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import migrating
from flask_logivet_rdv.models import ClinicAccount
from host_example.models import UUID_KEYS, Clinic, db
from tests.support.portal import make_portal, migrate

CLINIC = uuid.UUID(int=1) if UUID_KEYS else 1

READ_OR_WRITE = [
    ("clinic", "activate", str(CLINIC)),
    ("clinic", "deactivate", str(CLINIC)),
    ("clinic", "list"),
    ("clinic", "show", str(CLINIC)),
    ("key", "create", str(CLINIC)),
    ("key", "list", str(CLINIC)),
    ("key", "revoke", str(CLINIC), "x"),
    ("new-epoch", "--all"),
    ("new-epoch", str(CLINIC)),
    ("drain",),
    ("tidy",),
]
"""Every command that needs the tables, on a clinic that the portal knows."""


@pytest.fixture
def portal_of(tmp_path):
    """Return how a portal is made in which a command can be run."""
    made = []

    def make(url=None):
        app = make_portal(tmp_path, url)
        made.append(app)
        return app, lambda *args: app.test_cli_runner().invoke(args=["rdv", *args])

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def hosts_tables(portal_of):
    """A portal with its own tables and a clinic, and none of ours."""
    app, run = portal_of()
    with app.app_context():
        db.create_all()
        words = dict.fromkeys(("name_fr", "name_en", "address", "phone", "email"), "x")
        own = {"time_zone": "America/Toronto", "locale": "fr", "accent": "#123456"}
        db.session.add(Clinic(id=CLINIC, slug="x", **words, **own))
        db.session.commit()
    return app, run


def told(result):
    """Return the one line that a command failed with."""
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.parametrize("command", READ_OR_WRITE, ids=" ".join)
def test_tables_that_are_missing_are_to_be_made(hosts_tables, command):
    app, run = hosts_tables
    head = migrating.revisions(app)[1]
    assert told(run(*command)).endswith(
        f"The rdv_* tables are missing, this version needs {head}: run « flask rdv upgrade »."
    )


def test_tables_of_an_older_version_are_to_be_brought_up(hosts_tables):
    app, run = hosts_tables
    migrating.upgrade(app, "0001")
    assert "at 0001" in told(run("clinic", "list"))
    assert "flask rdv upgrade" in told(run("clinic", "list"))


def test_the_portals_tables_come_first(portal_of):
    _, run = portal_of()
    assert "(clinic, user_account): run « flask db upgrade »" in told(run("upgrade"))


@pytest.mark.parametrize(
    "command", [*READ_OR_WRITE, ("upgrade",), ("downgrade",), ("check",)], ids=" ".join
)
def test_a_database_that_is_away_is_said_to_be(portal_of, command):
    _, run = portal_of("sqlite:////nowhere/at/all/portal.sqlite3")
    line = told(run(*command))
    assert "database" in line
    assert "nowhere" not in line


def test_a_fault_of_another_kind_is_not_explained_away(hosts_tables, monkeypatch):
    app, run = hosts_tables
    migrate(app)

    def fail(*_):
        raise sa.exc.OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr("flask_logivet_rdv.cli.clinics.standings", fail)
    result = run("clinic", "list")
    assert isinstance(result.exception, sa.exc.OperationalError)


def test_what_the_database_refuses_while_migrating_is_said_in_one_line(hosts_tables):
    app, run = hosts_tables
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {ClinicAccount.__tablename__} (id INTEGER)"))
    assert "The database refused: table rdv_clinic_account already exists" in told(run("upgrade"))
