"""The time zones in which the calendar can be read (S74), and a time said in one of them."""

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from flask_logivet_rdv.i18n import Words, local
from flask_logivet_rdv.scheduling.opening import canadian_zones


@dataclass(frozen=True)
class Zones:
    """The list of zones, IANA names, and which of them is the clinic's own time."""

    names: tuple[str, ...]
    own: str

    @cached_property
    def shown(self) -> list[tuple[str, str]]:
        """Return each name with what people read: ``Canada / Eastern``."""
        return [(name, name.replace("/", " / ").replace("_", " ")) for name in self.names]

    def pick(self, wanted: str | None) -> str:
        """Return a wanted zone of the list, else the clinic's."""
        return wanted if wanted in self.names else self.own


@cache
def zones(clinic_zone: str) -> Zones:
    """Return the Canada/* names, and the clinic's own zone where none has the same rules."""
    rules = _rules(clinic_zone)
    own = next((name for name in canadian_zones() if _rules(name) == rules), None)
    if own:
        return Zones(canadian_zones(), own)
    return Zones((clinic_zone, *canadian_zones()), clinic_zone)


def zone_phrase(words: Words, name: str) -> str:
    """Return a zone as it follows « à l'heure » or precedes “time”: ``de l'Est``, ``Eastern``."""
    return words.zone_name(name).removeprefix("heure ").removesuffix(" Time")


def spoken_range(words: Words, start: int, end: int, zone_name: str) -> str:
    """Return ``mercredi 18 mars 2026, 13 h 30 à 14 h (heure de l'Est)``.

    `start`, `end` in UTC seconds. An hour that comes twice is told by its abbreviation.
    """
    first, last = local(start, zone_name), local(end, zone_name)
    text = words.tr(
        "{date}, {h1} to {h2}",
        date=words.weekday_date(first.date()),
        h1=words.time(first),
        h2=words.time(last),
    )
    return f"{text} ({words.twice(first) or words.zone_name(zone_name)})"


@cache
def _rules(name: str) -> bytes:
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
