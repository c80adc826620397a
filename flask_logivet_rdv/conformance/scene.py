"""What LogiVet cannot do itself and the contract needs: owners who book, keys, a subscription."""

from collections.abc import Callable, Sequence
from typing import Protocol


class Scene(Protocol):
    """Acts in the portal on the clinic of the run. Instants are RFC 3339 in UTC, keys LogiVet's."""

    def offer(self, *, resource: str, species: str, category: str) -> None:
        """Have the rows of these keys of LogiVet's, just uploaded, booked online, 30 minutes."""

    def starts(self, *, resource: str) -> Sequence[str]:
        """Return the starts that the widget offers at a resource, two days ahead and later.

        From the first of a day on: as visits take 30 minutes, each of the first ten ends when the
        next begins.
        """

    def book(self, start: str, *, resource: str) -> str | None:
        """Book as an owner, and return the booking's id, None when it is refused."""

    def cancel_as_client(self, booking_id: str) -> bool:
        """Cancel as the owner does by the mailed link; tell whether it was done now."""

    def create_key(self, *scopes: str) -> str:
        """Return a new key of the clinic."""

    def revoke_key(self, key: str) -> None:
        """Revoke a key of the clinic."""

    def subscribe(self, active: bool) -> None:
        """Switch the clinic's subscription on or off."""


class Narrated:
    """A scene whose acts are told, each in a sentence, before they are done."""

    def __init__(self, scene: Scene, tell: Callable[[str], None]) -> None:
        self._scene, self._tell = scene, tell

    def offer(self, *, resource: str, species: str, category: str) -> None:
        """See Scene."""
        self._tell(f"The clinic puts {category} for {species} by {resource} online.")
        self._scene.offer(resource=resource, species=species, category=category)

    def starts(self, *, resource: str) -> Sequence[str]:
        """See Scene."""
        found = self._scene.starts(resource=resource)
        shown = ", ".join(found[:3]) or "nothing"
        self._tell(f"The widget offers {shown}{', …' if len(found) > 3 else ''}")
        return found

    def book(self, start: str, *, resource: str) -> str | None:
        """See Scene."""
        self._tell(f"An owner books {start} by {resource}.")
        return self._scene.book(start, resource=resource)

    def cancel_as_client(self, booking_id: str) -> bool:
        """See Scene."""
        self._tell(f"The owner cancels {booking_id}.")
        return self._scene.cancel_as_client(booking_id)

    def create_key(self, *scopes: str) -> str:
        """See Scene."""
        self._tell(f"The clinic gets another key, with {', '.join(scopes) or 'no scope'}.")
        return self._scene.create_key(*scopes)

    def revoke_key(self, key: str) -> None:
        """See Scene."""
        self._tell(f"The key {key} is revoked.")
        self._scene.revoke_key(key)

    def subscribe(self, active: bool) -> None:
        """See Scene."""
        self._tell(f"The subscription is {'active' if active else 'inactive'} from now on.")
        self._scene.subscribe(active)
