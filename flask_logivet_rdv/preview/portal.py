"""A portal for the preview alone: its database is in memory, its clock stands, nobody is real."""

import dataclasses
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_logivet_rdv.extension import LogivetRdv
from flask_logivet_rdv.host import Actor, ClinicFacts, Layout, MailText
from flask_logivet_rdv.models.base import Base
from flask_logivet_rdv.state import EXTENSION, KEPT, State

MONDAY_10H = datetime(2026, 3, 16, 14, tzinfo=UTC)
ORIGIN = "https://portail.exemple.ca"


class Tables(DeclarativeBase):
    """The declarative base of this portal."""


db = SQLAlchemy(model_class=Tables)

if TYPE_CHECKING:
    Model = Tables
else:
    Model = db.Model


class Clinic(Model):
    """A clinic; what is said of it is the host's own knowledge."""

    id: Mapped[int] = mapped_column(primary_key=True)


class Person(Model):
    """Somebody who logs in."""

    id: Mapped[int] = mapped_column(primary_key=True)


@dataclass
class Clock:
    """A clock that stands where a scene puts it; with a `fault`, looking at it fails."""

    now: datetime = MONDAY_10H
    fault: Exception | None = None

    def __call__(self) -> datetime:
        """Return the present instant."""
        if self.fault:
            raise self.fault
        return self.now


@dataclass
class Host:
    """The portal's answers: a person at the keyboard, and clinics by their id."""

    known: dict[int, ClinicFacts] = field(default_factory=dict)
    person: Actor | None = None
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def add(self, facts: ClinicFacts) -> int:
        """Return the id of a new clinic."""
        clinic_id = next(self.ids)
        self.known[clinic_id] = facts
        return clinic_id

    def actor(self) -> Actor | None:
        """Return who is at the keyboard."""
        return self.person

    def clinics(self, ids: Sequence[Any]) -> Mapping[Any, ClinicFacts]:
        """Return the facts of clinics."""
        return {clinic_id: self.known[clinic_id] for clinic_id in ids if clinic_id in self.known}

    def find_clinics(self, text: str, limit: int) -> Mapping[Any, ClinicFacts]:
        """Return clinics whose name holds a text."""
        found = ((i, facts) for i, facts in self.known.items() if text in facts.name_fr)
        return dict(list(found)[:limit])

    def layout(self) -> Layout:
        """Return the package's own bare layout."""
        return Layout()

    def mail_text(self, clinic_id: Any, message: str, locale: str) -> MailText | None:
        """Return None: what is previewed is the package's own text."""
        return None


@dataclass(frozen=True)
class Portal:
    """The application, and what a scene may turn."""

    app: Flask
    clock: Clock
    host: Host

    @contextmanager
    def settings(self, **changed: Any) -> Iterator[None]:
        """Have other settings for a while."""
        here: State = self.app.extensions[EXTENSION]
        settings = dataclasses.replace(here.settings, **changed)
        self.app.extensions[EXTENSION] = dataclasses.replace(here, settings=settings)
        try:
            yield
        finally:
            self.app.extensions[EXTENSION] = here

    def copy(self) -> sqlite3.Connection:
        """Return the database as it is now."""
        kept = sqlite3.connect(":memory:")
        self._connection.backup(kept)
        return kept

    def restore(self, kept: sqlite3.Connection) -> None:
        """Have the database be as it was."""
        kept.backup(self._connection)
        self.app.extensions.pop(KEPT, None)

    @property
    def _connection(self) -> sqlite3.Connection:
        with self.app.app_context():
            return cast("sqlite3.Connection", db.engine.raw_connection().driver_connection)


def make_portal() -> Portal:
    """Return a portal with its tables, and nothing in them."""
    app, clock, host = Flask(__name__), Clock(), Host()
    app.config.update(
        SECRET_KEY="of a preview",  # noqa: S106 nothing is kept, nobody comes
        SQLALCHEMY_DATABASE_URI="sqlite://",
        MAIL_SUPPRESS_SEND=True,
        MAIL_DEFAULT_SENDER="rendez-vous@exemple.ca",
        WTF_CSRF_ENABLED=False,
        LOGIVET_RDV_PUBLIC_URL=ORIGIN,
        LOGIVET_RDV_ACCOUNT_URL=ORIGIN,
        LOGIVET_RDV_EMAIL_KEY="of a preview",
        LOGIVET_RDV_REDIS_URL=None,
        LOGIVET_RDV_SUPPORT="soutien@exemple.ca",
        LOGIVET_RDV_SUBNAV=True,
        LOGIVET_RDV_FORM_MIN_AGE=0,
        LOGIVET_RDV_LIMIT_PAGES=None,
        LOGIVET_RDV_LIMIT_BOOKINGS=None,
        LOGIVET_RDV_LIMIT_WIDGET=None,
        LOGIVET_RDV_LIMIT_CANCELS=None,
    )
    db.init_app(app)
    LogivetRdv(app, db=db, clinic=Clinic, user=Person, host=host, clock=clock)
    with app.app_context():
        db.create_all()
        Base.metadata.create_all(db.engine)
    return Portal(app, clock, host)
