import pytest

from host_example.models import db
from tests.support.portal import copy_of, make_portal, migrate


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory):
    """A SQLite file with all tables, and no row in them."""
    folder = tmp_path_factory.mktemp("empty")
    app = make_portal(folder)
    migrate(app)
    with app.app_context():
        db.engine.dispose()
    return folder / "portal.sqlite3"


@pytest.fixture
def portal_with(tmp_path, empty_tables, clock):
    """Return how a portal of this test alone is made, with other settings; it has no clinic."""
    made = []

    def make(database=None, **config):
        if database is None:
            copy_of(empty_tables, tmp_path)
        made.append(make_portal(tmp_path, database, clock, **config))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def portal(portal_with):
    return portal_with()


@pytest.fixture
def look():
    """Run one check of an application, and return its findings as level and detail by name."""

    def looking(check, app):
        with app.app_context():
            found = list(check(app))
        names = [one.name for one in found]
        assert len(set(names)) == len(names)
        return {one.name: (one.level, one.detail) for one in found}

    return looking
