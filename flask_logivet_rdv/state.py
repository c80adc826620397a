"""The package's state in an application: what `init_app` was given, typed, in one object."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import DataError

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.host import ClinicFacts, Host
from flask_logivet_rdv.models import host_key
from flask_logivet_rdv.theme import is_colour

T = TypeVar("T")

EXTENSION = "logivet_rdv"
KEPT = f"{EXTENSION}.kept"
FACTS_ARE_FRESH_S = 60


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class State:
    """The host's parts, the settings and the one clock of an application."""

    settings: Settings
    db: SQLAlchemy
    clinic: type
    user: type
    host: Host
    clock: Callable[[], datetime] = utc_now
    _facts: dict[Any, tuple[float, ClinicFacts]] = field(default_factory=dict)

    def facts(self, clinic_id: Any) -> ClinicFacts:
        """Return what the host says of a clinic, asked at most once a minute.

        Without a colour of its own, or with a malformed one, a clinic has that of the settings.
        Raises LookupError when the host does not know it.
        """
        kept = self._facts.get(clinic_id)
        if kept and monotonic() - kept[0] < FACTS_ARE_FRESH_S:
            return kept[1]
        facts = self.host.clinics([clinic_id])[clinic_id]
        if not is_colour(facts.accent):
            facts = replace(facts, accent=self.settings.accent)
        self._facts[clinic_id] = (monotonic(), facts)
        return facts

    def known_clinic(self, text: str) -> Any | None:
        """Return the id of a clinic that a person typed, in the type of the host's key.

        None when the host knows no such clinic.
        """
        try:
            own_id = host_key(self.clinic).type.python_type(text)
        except ValueError:
            return None
        try:
            return own_id if own_id in self.host.clinics([own_id]) else None
        except (OverflowError, DataError):  # a number that no key can be
            self.db.session.rollback()
            return None

    def clinic_changed(self, clinic_id: Any) -> None:
        """Forget what the host said of a clinic."""
        self._facts.pop(clinic_id, None)


def in_process(name: str, make: Callable[[], T]) -> T:
    """Return what the current application keeps in this process, made when first asked for."""
    kept: dict[str, T] = current_app.extensions.setdefault(KEPT, {})
    found = kept.get(name)
    return kept.setdefault(name, make()) if found is None else found


def state() -> State:
    """Return the state of the current application."""
    found: State = current_app.extensions[EXTENSION]
    return found
