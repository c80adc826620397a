"""Which species, categories and resources are offered, given the choices made before (S68)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID


class Triple(NamedTuple):
    """One bookable combination, and how many minutes its visit lasts."""

    species: UUID
    category: UUID
    resource: UUID
    minutes: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the three lists offer and what is chosen in them.

    A list is empty until the one before it has a choice. ``minutes`` is there once all three are
    chosen. ``dropped`` names the choices (``species``, ``category``, ``resource``) that were
    asked for and are not offered.
    """

    species: tuple[UUID, ...]
    categories: tuple[UUID, ...]
    resources: tuple[UUID, ...]
    chosen_species: UUID | None
    chosen_category: UUID | None
    chosen_resource: UUID | None
    minutes: int | None
    dropped: tuple[str, ...]


def choices(
    triples: Sequence[Triple],
    species: UUID | None = None,
    category: UUID | None = None,
    resource: UUID | None = None,
) -> Choices:
    """Return the three lists, in the order of ``triples``, and what is chosen in each.

    A choice is ignored while the list before it has none; a list of one is chosen by itself.
    """
    all_species = _unique(triple.species for triple in triples)
    chosen_species = _chosen(all_species, species)
    treating = [triple for triple in triples if triple.species == chosen_species]
    categories = _unique(triple.category for triple in treating)
    chosen_category = _chosen(categories, category)
    offering = [triple for triple in treating if triple.category == chosen_category]
    resources = _unique(triple.resource for triple in offering)
    chosen_resource = _chosen(resources, resource)
    complete = [triple.minutes for triple in offering if triple.resource == chosen_resource]
    asked = (
        ("species", species, all_species, True),
        ("category", category, categories, chosen_species is not None),
        ("resource", resource, resources, chosen_category is not None),
    )
    return Choices(
        species=all_species,
        categories=categories,
        resources=resources,
        chosen_species=chosen_species,
        chosen_category=chosen_category,
        chosen_resource=chosen_resource,
        minutes=complete[0] if complete else None,
        dropped=tuple(
            name
            for name, wanted, options, unlocked in asked
            if unlocked and wanted is not None and wanted not in options
        ),
    )


def _unique(ids: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(ids))


def _chosen(options: Sequence[UUID], wanted: UUID | None) -> UUID | None:
    if wanted in options:
        return wanted
    return options[0] if len(options) == 1 else None
