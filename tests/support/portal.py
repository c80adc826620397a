"""The example portal under test: its tables migrated once, its clock in the test's hands."""

import dataclasses
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from flask_logivet_rdv import migrating
from flask_logivet_rdv.state import EXTENSION
from host_example import create_app
from host_example.models import db

MONDAY_MORNING = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
"""10:00 in Toronto; the manual's own example is booked on Wednesday the 18th."""


@dataclass
class Clock:
    """A clock that stands where the test puts it."""

    now: datetime = MONDAY_MORNING

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def make_portal(
    folder: Path, database: str | None = None, clock: Clock | None = None, **config: Any
) -> Flask:
    """Return the portal on a database (SQLite in `folder` by default); nothing is migrated."""
    url = database or f"sqlite:///{folder / 'portal.sqlite3'}"
    app = create_app(
        {
            "RDV_DEMO_DATA": folder,
            "TESTING": True,
            "SECRET_KEY": "a secret of the tests",
            "SQLALCHEMY_DATABASE_URI": url,
            "LOGIVET_RDV_PUBLIC_URL": "https://widget.exemple.ca",
            "LOGIVET_RDV_ACCOUNT_URL": "https://portail.exemple.ca",
            "LOGIVET_RDV_EMAIL_KEY": "a key of the tests",
            "LOGIVET_RDV_REDIS_URL": None,
            "LOGIVET_RDV_DEV_DOMAINS": False,
            "MAIL_SUPPRESS_SEND": True,
            **config,
        }
    )
    if clock is not None:
        app.extensions[EXTENSION] = dataclasses.replace(app.extensions[EXTENSION], clock=clock)
    return app


def migrate(app: Flask) -> None:
    """Make the host's tables, and ours by our own migrations."""
    with app.app_context():
        db.create_all()
    migrating.upgrade(app)


def copy_of(template: Path, folder: Path) -> Path:
    """Return a copy of a migrated SQLite file, which is faster than migrating again."""
    target = folder / "portal.sqlite3"
    shutil.copy(template, target)
    return target


def login(app: Flask, user_id: Any) -> FlaskClient:
    """Return a browser in which a user of the portal is logged in."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(user_id)
        session["_fresh"] = True
    return client
