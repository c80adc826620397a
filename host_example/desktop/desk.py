"""What every page of one running LogiVet shares."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app

from . import outgoing
from .dates import wall, zone_of
from .faults import Faults
from .store import Store
from .sync import Sync


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, the exchange with the portal, the slug of the pages' address, what goes wrong."""

    store: Store
    sync: Sync
    slug: str
    faults: Faults = field(default_factory=Faults)

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone as the portal says it; Toronto before the first contact."""
        return zone_of(self.store.state("time_zone"))

    @property
    def today(self) -> date:
        """The day in the clinic's zone, by this desktop's own clock."""
        return self.sync.portal.transport.now().astimezone(self.zone).date()

    @property
    def copy(self) -> Path:
        """Where « Garder une copie de l'agenda » keeps it."""
        return self.store.path.with_suffix(".copie.sqlite3")

    def status_line(self) -> str:
        """One French sentence: connected or not, last contact, what waits to be sent."""
        status, waiting = self.sync.status, outgoing.pending(self.store)
        parts = ["Connecté au portail" if status.connected else "Hors ligne"]
        if status.last_contact is not None:
            local = wall(int(status.last_contact), self.zone)
            clock = local.strftime("%H\u00a0h\u00a0%M\u00a0min\u00a0%S\u00a0s")
            parts.append(f"dernier échange à {clock}")
        plural = "s" if waiting > 1 else ""
        parts.append(f"{waiting} modification{plural} en attente" if waiting else "tout est envoyé")
        return " · ".join(parts)

    def problems(self) -> list[str]:
        """Return why nothing goes through, and the rows that the portal refused, in French."""
        both_ways = dict.fromkeys(self.sync.status.problems.values())
        return [*both_ways, *outgoing.refusals(self.store)]


def desk() -> Desk:
    """Return the desk of the current application."""
    return cast("Desk", current_app.extensions["desk"])
