"""The three lists of W1: species, category, resource (S68)."""

import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_logivet_rdv.i18n import Words
from flask_logivet_rdv.scheduling.offer import Choices, Triple, choices
from flask_logivet_rdv.services.offering import Label, Offer

from .reading import Wish


@dataclass(frozen=True, slots=True)
class Lists:
    """The three lists and what is chosen in them, with names in the language of the page."""

    chosen: Choices
    names: Mapping[uuid.UUID, str]

    @property
    def triple(self) -> Triple | None:
        """Return the bookable combination once all three are chosen."""
        c = self.chosen
        if not (c.chosen_species and c.chosen_category and c.chosen_resource and c.minutes):
            return None
        return Triple(c.chosen_species, c.chosen_category, c.chosen_resource, c.minutes)

    @property
    def keep(self) -> dict[str, str]:
        """Return the choices as parameters."""
        c = self.chosen
        parts = (
            ("species", c.chosen_species),
            ("category", c.chosen_category),
            ("resource", c.chosen_resource),
        )
        return {name: str(chosen) for name, chosen in parts if chosen}

    def were_asked(self, wish: Wish) -> bool:
        """Tell whether a wish names nothing but what is chosen: then it is one of few that are."""
        c = self.chosen
        return (
            wish.species in {None, c.chosen_species}
            and wish.category in {None, c.chosen_category}
            and wish.resource in {None, c.chosen_resource}
        )

    @property
    def about(self) -> dict[str, str]:
        """Return the names of the chosen species and category, for the clinic's page."""
        parts = (("species", self.chosen.chosen_species), ("category", self.chosen.chosen_category))
        return {part: self.names[chosen] for part, chosen in parts if chosen}


def lists_of(offers: Sequence[Offer], wish: Wish, speech: Words) -> Lists:
    """Return the three lists for a wish, species and categories in alphabetical order."""
    names: dict[uuid.UUID, str] = {}
    for offer in offers:
        parts = (offer.species, offer.category, offer.resource)
        for public_id, label in zip(offer.triple[:3], parts, strict=True):
            names[public_id] = name_of(label, speech.lang)

    def alphabetical(offer: Offer) -> tuple[str, str]:
        return _folded(names[offer.triple.species]), _folded(names[offer.triple.category])

    triples = [offer.triple for offer in sorted(offers, key=alphabetical)]
    return Lists(choices(triples, wish.species, wish.category, wish.resource), names)


def name_of(label: Label, lang: str) -> str:
    """Return a name in a language, or in the other one where it is missing."""
    return label.get(lang) or next((name for name in label.values() if name), "")


def _folded(name: str) -> str:
    """Return a name as lists sort it: « Écho » stands with the E."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
