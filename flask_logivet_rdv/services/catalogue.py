"""The clinic's catalogue and settings as the account pages show them, read without a lock."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

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
from flask_logivet_rdv.models.catalogue import FromLogivet

Links = Mapping[uuid.UUID, frozenset[uuid.UUID]]
Row = TypeVar("Row", bound=FromLogivet)


def living(
    session: Session, model: type[Row], account_id: uuid.UUID, *ids: uuid.UUID
) -> Sequence[Row]:
    """Return the rows of an account that LogiVet has not deleted (of `ids` only, if given)."""
    query = sa.select(model).where(model.account_id == account_id, model.deleted_at.is_(None))
    return session.scalars(query.where(model.id.in_(ids)) if ids else query).all()


def deleted(
    session: Session, model: type[Row], account_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> Sequence[Row]:
    """Return the rows among `ids` that LogiVet has deleted."""
    gone = model.deleted_at.is_not(None)
    query = sa.select(model).where(model.account_id == account_id, model.id.in_(ids), gone)
    return session.scalars(query).all() if ids else ()


def category_links(session: Session, account_id: uuid.UUID) -> Links:
    """Return the categories associated with each species (S21)."""
    return _grouped(
        session.execute(
            sa.select(SpeciesCategory.species_id, SpeciesCategory.category_id).where(
                SpeciesCategory.account_id == account_id
            )
        )
    )


@dataclass(frozen=True, slots=True)
class ResourceSettings:
    """What a resource offers: the species it sees, and its categories for each (S38, S39)."""

    online: frozenset[uuid.UUID]
    categories: Links


def resource_settings(
    session: Session, account_id: uuid.UUID, resource_id: uuid.UUID
) -> ResourceSettings:
    """Return the species and categories of a resource, those switched off included."""
    seen = session.scalars(
        sa.select(ResourceSpecies.species_id).where(
            ResourceSpecies.account_id == account_id,
            ResourceSpecies.resource_id == resource_id,
            ResourceSpecies.online,
        )
    )
    offered = session.execute(
        sa.select(ResourceOffer.species_id, ResourceOffer.category_id).where(
            ResourceOffer.account_id == account_id, ResourceOffer.resource_id == resource_id
        )
    )
    return ResourceSettings(frozenset(seen), _grouped(offered))


def offered_resources(session: Session, account_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the resources with at least one category on offer to a species they see.

    The category and species must be online and linked: what `set_enabled` asks for (S54).
    """
    return frozenset(session.scalars(_offered(account_id)))


def resources_with_hours(session: Session, account_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the resources that have at least one weekly interval."""
    return frozenset(session.scalars(_with_hours(account_id)))


def count_bookable(session: Session, account_id: uuid.UUID) -> int:
    """Return how many resources are enabled and lack nothing: those that an owner can choose."""
    counted = sa.select(sa.func.count()).where(
        Resource.account_id == account_id,
        Resource.enabled,
        Resource.deleted_at.is_(None),
        Resource.id.in_(_offered(account_id)),
        Resource.id.in_(_with_hours(account_id)),
    )
    return session.scalar(counted) or 0


def _offered(of: uuid.UUID) -> sa.Select[Any]:
    return (
        sa.select(ResourceOffer.resource_id)
        .join(
            ResourceSpecies,
            (ResourceSpecies.account_id == of)
            & (ResourceSpecies.resource_id == ResourceOffer.resource_id)
            & (ResourceSpecies.species_id == ResourceOffer.species_id),
        )
        .join(
            SpeciesCategory,
            (SpeciesCategory.account_id == of)
            & (SpeciesCategory.species_id == ResourceOffer.species_id)
            & (SpeciesCategory.category_id == ResourceOffer.category_id),
        )
        .join(Species, (Species.account_id == of) & (Species.id == ResourceOffer.species_id))
        .join(Category, (Category.account_id == of) & (Category.id == ResourceOffer.category_id))
        .where(
            ResourceOffer.account_id == of,
            ResourceSpecies.online,
            Species.online,
            Species.deleted_at.is_(None),
            Category.online,
            Category.deleted_at.is_(None),
        )
    )


def _with_hours(of: uuid.UUID) -> sa.Select[Any]:
    return sa.select(WeeklyOpening.resource_id).where(WeeklyOpening.account_id == of)


def _grouped(pairs: Iterable[Any]) -> Links:
    groups: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for one, other in pairs:
        groups[one].add(other)
    return {one: frozenset(others) for one, others in groups.items()}
