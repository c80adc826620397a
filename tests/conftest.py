import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy.orm import Session

from host_example.models import db
from tests.support.clinics import TestClinic, make_clinic
from tests.support.databases import KINDS, database
from tests.support.portal import MONDAY_MORNING, Clock, make_portal, migrate
from tests.support.redis import any_redis

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Take the place of pytest-flask's: a context shared by requests makes logins leak."""


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues, which an editable checkout does at installation only."""
    if not hasattr(config, "workerinput"):
        for source in (ROOT / "translations").glob("*/LC_MESSAGES/*.po"):
            with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
                write_mo(mo, read_po(po))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes by itself, or it would be waited for at the end."""
    items.sort(key=lambda item: item.get_closest_marker("minutes") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that was promised every server and still skipped something."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("RDV_TEST_NOTHING_SKIPPED") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def session_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(session_clock: Clock) -> Iterator[Clock]:
    session_clock.now = MONDAY_MORNING
    yield session_clock
    session_clock.now = MONDAY_MORNING


@pytest.fixture(scope="session")
def session_portal(
    tmp_path_factory: pytest.TempPathFactory, session_clock: Clock
) -> Iterator[Flask]:
    app = make_portal(tmp_path_factory.mktemp("portal"), clock=session_clock)
    migrate(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def module_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A portal of a module alone, with its own clock: for what is done to every clinic."""
    app = make_portal(tmp_path_factory.mktemp("module"), clock=Clock())
    migrate(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis."""
    with any_redis() as url:
        yield url


@pytest.fixture
def portal(session_portal: Flask, clock: Clock) -> Flask:
    return session_portal


@pytest.fixture
def clinic(portal: Flask) -> TestClinic:
    return make_clinic(portal, configured=True)


@pytest.fixture
def bare_clinic(portal: Flask) -> TestClinic:
    return make_clinic(portal, configured=False)


@pytest.fixture
def session(portal: Flask) -> Iterator[Session]:
    with portal.app_context():
        yield db.session()


@pytest.fixture(scope="session", params=KINDS)
def any_portal(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, session_clock: Clock
) -> Iterator[Flask]:
    """The portal on each kind of database in turn."""
    folder = tmp_path_factory.mktemp(request.param)
    with database(request.param, folder) as url:
        app = make_portal(folder, url, session_clock)
        migrate(app)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
