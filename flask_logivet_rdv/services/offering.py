"""What a clinic offers online, read without a lock: which species, for what, with whom."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    Category,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
    WeeklyOpening,
)
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.shelf import Shelf

from .connection import rows

Label = dict[str, str]


MOST_OFFERS = 50_000
"""How many a process keeps, some 17 MB; a clinic has some tens."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A bookable triple with the names (fr, en) of its three parts."""

    triple: Triple
    species: Label
    category: Label
    resource: Label


class OfAccount(Protocol):
    """What tells whose offers are wanted, and whether those that are kept still stand."""

    @property
    def id(self) -> uuid.UUID:
        """Return the tenant."""

    @property
    def epoch(self) -> int:
        """Return the account's epoch."""

    @property
    def settings_revision(self) -> int:
        """Return the account's counter of changes to its settings."""


@dataclass(frozen=True, slots=True)
class KeptOffers:
    """What clinics offer, read again only after a change of their settings."""

    shelf: Shelf[tuple[object, Sequence[Offer]]] = field(
        default_factory=lambda: Shelf(MOST_OFFERS, lambda kept: len(kept[1]) + 1)
    )

    def of(self, account: OfAccount, session: Callable[[], Session]) -> Sequence[Offer]:
        """Return `bookable_offers` of an account, asking a `session` only where none are kept.

        `account` is as committed, or as locked by a write of the agenda alone.
        """
        made_of = (account.epoch, account.settings_revision)
        kept = self.shelf.find(account.id)
        if kept is None or kept[0] != made_of:
            kept = made_of, bookable_offers(session(), account.id)
            self.shelf.keep(account.id, kept)
        return kept[1]


def bookable_offers(session: Session, account_id: uuid.UUID) -> list[Offer]:
    """Return all that an owner may choose, in one query, in the order of the lists.

    A triple is bookable when the species is online, the category is online with a duration and
    linked to the species, and the resource is enabled, sees the species, offers the category to
    it, and has at least one weekly interval.
    """
    named = lru_cache(maxsize=None)(_label)  # one of each name, however often it is offered
    return [
        Offer(
            Triple(species, category, resource, minutes or 0),
            named(species_fr, species_en),
            named(category_fr, category_en),
            named(resource_fr, resource_en),
        )
        for (
            species, category, resource, minutes, species_fr, species_en,
            category_fr, category_en, resource_fr, resource_en,
        ) in rows(session, _bookable(), {"account": account_id})
    ]  # fmt: skip


def _label(fr: str, en: str) -> Label:
    return {"fr": fr, "en": en}


@cache
def _bookable() -> Any:
    """Return the query of `bookable_offers`, built once: that costs more than running it."""
    of: sa.BindParameter[uuid.UUID] = sa.bindparam("account")
    linked = _linked(of)
    has_hours = (
        sa.select(WeeklyOpening.resource_id)
        .where(WeeklyOpening.account_id == of, WeeklyOpening.resource_id == Resource.id)
        .exists()
    )
    return (
        sa.select(
            Species.id,
            Category.id,
            Resource.id,
            Category.duration_min,
            Species.name_fr,
            Species.name_en,
            Category.name_fr,
            Category.name_en,
            Resource.name_fr,
            Resource.name_en,
        )
        .select_from(linked)
        .join(Species, (Species.account_id == of) & (Species.id == linked.c.species_id))
        .join(Category, (Category.account_id == of) & (Category.id == linked.c.category_id))
        .join(Resource, (Resource.account_id == of) & (Resource.id == linked.c.resource_id))
        .where(
            Species.online,
            Species.deleted_at.is_(None),
            Category.online,
            Category.deleted_at.is_(None),
            Category.duration_min.is_not(None),
            Resource.enabled,
            Resource.deleted_at.is_(None),
            has_hours,
        )
        .order_by(
            Species.name_fr,
            Species.id,
            Category.name_fr,
            Category.id,
            Resource.position,
            Resource.name_fr,
            Resource.id,
        )
    )


def _linked(of: sa.BindParameter[uuid.UUID]) -> sa.CTE:
    """Return the triples whose links stand.

    Materialized, or PostgreSQL weighs all orders of seven tables: 11 ms to plan, 0.3 to run.
    """
    return (
        sa.select(ResourceOffer.species_id, ResourceOffer.category_id, ResourceOffer.resource_id)
        .join(
            ResourceSpecies,
            (ResourceSpecies.account_id == of)
            & (ResourceSpecies.resource_id == ResourceOffer.resource_id)
            & (ResourceSpecies.species_id == ResourceOffer.species_id)
            & ResourceSpecies.online,
        )
        .join(
            SpeciesCategory,
            (SpeciesCategory.account_id == of)
            & (SpeciesCategory.species_id == ResourceOffer.species_id)
            & (SpeciesCategory.category_id == ResourceOffer.category_id),
        )
        .where(ResourceOffer.account_id == of)
        .cte("linked")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
