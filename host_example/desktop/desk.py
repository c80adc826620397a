"""What every page of one running LogiVet shares."""

from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app

from . import outgoing
from .dates import wall, zone_of
from .store import Store
from .sync import Sync


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, the exchange with the portal, and the slug of the pages' address."""

    store: Store
    sync: Sync
    slug: str

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone as the portal says it; Toronto before the first contact."""
        return zone_of(self.store.state("time_zone"))

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
        return [*self.sync.status.problems.values(), *outgoing.refusals(self.store)]


def desk() -> Desk:
    """Return the desk of the current application."""
    return cast("Desk", current_app.extensions["desk"])
