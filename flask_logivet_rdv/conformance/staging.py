"""Scenes that several chapters share: something is bookable, and is booked."""

from dataclasses import dataclass
from typing import Any

from .rows import Row, busy, catalogue
from .scene import Scene
from .session import Session, StepError

STARTS = 10
"""The starts that a step needs at most."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A resource that owners can book, with the starts that were free; keys of LogiVet's."""

    resource: str
    species: str
    category: str
    starts: list[str]


def stage(s: Session, scene: Scene) -> Stage:
    """Upload a resource, a species and a category of their own, and have them offered online."""
    s.greet()
    resource, species, category = (s.name(kind) for kind in ("doctor", "dog", "exam"))
    s.upload(
        catalogue("resource", resource, name="Dr Dolittle"),
        catalogue("species", species, name="Canin"),
        catalogue("category", category, name="Examen"),
    )
    scene.offer(resource=resource, species=species, category=category)
    starts = list(scene.starts(resource=resource))
    if len(starts) < STARTS:
        raise StepError("nothing that was uploaded can be booked")
    return Stage(resource, species, category, starts)


def booked(s: Session, scene: Scene, on: Stage, n: int = 0) -> str:
    """Book the `n`-th of the starts, and return the booking's id. Raises StepError."""
    made = scene.book(on.starts[n], resource=on.resource)
    if made is None:
        raise StepError("a start that was offered could not be booked")
    s.booked.append(made)
    return made


def found(s: Session, booking_id: str) -> dict[str, Any]:
    """Return a booking from the full state, an empty one when it is not there."""
    return next((held for held in s.bookings() if held.get("id") == booking_id), {})


def mirror(s: Session, booking: dict[str, Any]) -> Row:
    """Return the agenda entry that mirrors a booking."""
    return busy(
        s.name("mirror"),
        booking["start"],
        booking["end"],
        resource=booking["resource_id"],
        booking=booking["id"],
    )
