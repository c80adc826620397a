"""Faults of the database and of who writes to it (F5, F12, F13): nothing is half done.

Slow, as each test starts a server.
"""

import signal
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Booking, BookingCell, Event, Outbox
from host_example.models import db
from tests.benchmarks.crowd import starts
from tests.blueprints.widget.owner import Owner
from tests.faults.visitor import Visitor, page
from tests.support.clinics import make_clinic
from tests.support.databases import KINDS, POSTGRESQL, database, postgresql
from tests.support.portal import make_portal, migrate
from tests.support.served import ROOT, Served, call, served
from tests.support.wire import wire_to

LEFT = (Booking, BookingCell, Event, Outbox)
DIES_BEFORE_ITS_COMMIT = """
import sys, time, uuid
import sqlalchemy as sa
from pathlib import Path
from flask_logivet_rdv.models import Outbox
from tests.support.clinics import TestClinic
from tests.support.portal import make_portal

folder, url, account, species, category, resource, start = sys.argv[1:]
app = make_portal(Path(folder), url)
clinic = TestClinic(
    app, uuid.UUID(account), None, None, "",
    {"Examen": uuid.UUID(category)}, {"Canin": uuid.UUID(species)},
    {"Dr John Dolittle": uuid.UUID(resource)},
)

def all_is_written(connection, cursor, statement, *_):
    if "INSERT INTO rdv_outbox" in statement:
        print("written", flush=True)
        time.sleep(600)

with app.app_context():
    from host_example.models import db
    sa.event.listen(db.engine, "after_cursor_execute", all_is_written)
clinic.book(int(start))
"""


def everything(app):
    """Count what a booking leaves, on a connection that nobody has ended."""
    with app.app_context():
        db.engine.dispose()
        counts = [sa.select(sa.func.count()).select_from(model) for model in LEFT]
        return [db.session.scalar(count) for count in counts]


@pytest.mark.parametrize("kind", KINDS)
def test_f5_a_process_killed_between_writing_and_commit_leaves_nothing(kind, tmp_path):
    with database(kind, tmp_path) as url:
        app = make_portal(tmp_path, url)
        migrate(app)
        clinic = make_clinic(app, configured=True)
        (start,) = starts(1)
        chosen = (clinic.species["Canin"], clinic.categories["Examen"])
        ids = (clinic.account_id, *chosen, clinic.resources["Dr John Dolittle"])
        command = [sys.executable, "-c", DIES_BEFORE_ITS_COMMIT, str(tmp_path), url]
        with subprocess.Popen(
            [*command, *map(str, ids), str(start)], cwd=ROOT, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout.readline() == b"written\n"
            process.send_signal(signal.SIGKILL)
        assert everything(app) == [0, 0, 0, 0]
        clinic.book(start)
        assert everything(app) == [1, 6, 1, 1]
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def visitor_of(portal: Served) -> Visitor:
    """Return an owner in front of a clinic of a portal."""
    clinic = make_clinic(portal.app, configured=True)
    return Visitor(Owner(clinic, None), lambda path, *a, **kw: call(portal.url + path, *a, **kw))


def until_pages_come_back(visitor: Visitor) -> None:
    """Let the portal find out that its connections were ended."""
    deadline = time.monotonic() + 20
    while visitor.calendar().status != 200:
        assert time.monotonic() < deadline, "it stays away"


@pytest.fixture
def wire(monkeypatch):
    """A wire to the PostgreSQL server, at whose end `database` then makes its databases."""
    with postgresql() as server:
        at = sa.make_url(server)
        folder = at.query.get("host")
        end = f"{folder}/.s.PGSQL.5432" if folder else (at.host, at.port or 5432)
        with wire_to(end) as wire:
            far = at.set(host="127.0.0.1", port=wire.port, query={})
            monkeypatch.setenv(POSTGRESQL, far.render_as_string(hide_password=False))
            yield wire


def test_f12_while_the_database_is_away_pages_say_whom_to_call_and_nothing_is_half_done(
    wire, tmp_path
):
    with served("postgresql", tmp_path) as portal:
        visitor = visitor_of(portal)
        form = visitor.form(starts(1)[0])
        wire.cut()
        away = [visitor.calendar(), visitor.send(form), visitor.calendar()]
        assert [answer.status for answer in away] == [503, 503, 503]
        assert all(int(answer.headers["retry-after"]) > 0 for answer in away)
        assert all("call the clinic" in page(answer).text for answer in away)
        assert page(away[1]).form()["name"] == "Marie Tremblay"
        wire.mend()
        until_pages_come_back(visitor)
        assert everything(portal.app) == [0, 0, 0, 0]
        assert visitor.send(form).status == 303
        assert everything(portal.app) == [1, 6, 1, 1]


def set_read_only(url: str, switch: str) -> None:
    """Have a PostgreSQL database take no writes, or take them again, from now on."""
    own = sa.make_url(url)
    engine = sa.create_engine(
        own.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    with engine.connect() as server:
        server.execute(
            sa.text(f"ALTER DATABASE {own.database} SET default_transaction_read_only = {switch}")
        )
        server.execute(sa.text(ended), {"name": own.database})


def test_f13_a_database_that_takes_no_writes_confirms_nothing_and_mails_nothing(tmp_path):
    with served("postgresql", tmp_path) as portal:
        visitor = visitor_of(portal)
        form = visitor.form(starts(1)[0])
        set_read_only(portal.database_url, "on")
        until_pages_come_back(visitor)
        refused = visitor.send(form)
        assert (refused.status, int(refused.headers["retry-after"]) > 0) == (503, True)
        assert page(refused).form()["name"] == "Marie Tremblay"
        set_read_only(portal.database_url, "off")
        until_pages_come_back(visitor)
        assert everything(portal.app) == [0, 0, 0, 0]
        assert visitor.send(form).status == 303
        assert everything(portal.app) == [1, 6, 1, 1]
