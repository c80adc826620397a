"""What LogiVet names and the clinic switches on: categories, species, resources and hours."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from .base import Base, OfAccount, of_account
from .types import Moment, key, uid

NAME = sa.String(200)


class FromLogivet(OfAccount):
    """A row that LogiVet owns: its key there, its version there, its names; never hard-deleted.

    `deleted_at` hides a row that LogiVet deleted or made inactive; foreign keys to it stay valid.
    """

    id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True, default=uuid.uuid4)
    logivet_id: Mapped[str] = mapped_column(key(64))
    version: Mapped[int] = mapped_column(sa.BigInteger)
    name_fr: Mapped[str] = mapped_column(NAME)
    name_en: Mapped[str] = mapped_column(NAME)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)

    @declared_attr.directive
    def __table_args__(self) -> tuple[sa.Constraint, ...]:
        """Return the constraint that LogiVet's key is unique in the clinic."""
        return (sa.UniqueConstraint("account_id", "logivet_id"),)


class Category(FromLogivet, Base):
    """An appointment category; `duration_min` in minutes, required when online (S9, S16)."""

    __tablename__ = "rdv_category"

    online: Mapped[bool] = mapped_column(default=False)
    duration_min: Mapped[int | None]

    @declared_attr.directive
    def __table_args__(self) -> tuple[sa.Constraint, ...]:
        """Return the rules of a duration, for the database to keep too."""
        return (
            sa.UniqueConstraint("account_id", "logivet_id"),
            sa.CheckConstraint("duration_min % 5 = 0 AND duration_min BETWEEN 5 AND 480", "five"),
            sa.CheckConstraint("NOT online OR duration_min IS NOT NULL", "online_has_duration"),
        )


class Species(FromLogivet, Base):
    """A species; LogiVet's abbreviations are kept, the full description is shown (S28)."""

    __tablename__ = "rdv_species"

    short_fr: Mapped[str] = mapped_column(sa.String(40), default="")
    short_en: Mapped[str] = mapped_column(sa.String(40), default="")
    online: Mapped[bool] = mapped_column(default=False)


class Resource(FromLogivet, Base):
    """A person or group with a column in LogiVet's agenda; `enabled`: the clinic's switch (S53)."""

    __tablename__ = "rdv_resource"

    position: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=False)


class SpeciesCategory(OfAccount, Base):
    """A category offered to a species (S21)."""

    __tablename__ = "rdv_species_category"
    __table_args__ = (
        of_account("species_id", to="rdv_species", ondelete="CASCADE"),
        of_account("category_id", to="rdv_category", ondelete="CASCADE"),
    )

    species_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    category_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)


class ResourceSpecies(OfAccount, Base):
    """A species that a resource sees, or no longer does while its categories are kept (S38)."""

    __tablename__ = "rdv_resource_species"
    __table_args__ = (
        of_account("resource_id", to="rdv_resource", ondelete="CASCADE"),
        of_account("species_id", to="rdv_species", ondelete="CASCADE"),
    )

    resource_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    species_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    online: Mapped[bool] = mapped_column(default=False)


class ResourceOffer(OfAccount, Base):
    """A category that a resource offers to a species it sees (S39)."""

    __tablename__ = "rdv_resource_offer"
    __table_args__ = (
        of_account(
            "resource_id",
            "species_id",
            to="rdv_resource_species",
            key=("resource_id", "species_id"),
            ondelete="CASCADE",
        ),
        of_account("category_id", to="rdv_category", ondelete="CASCADE"),
    )

    resource_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    species_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    category_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)


class WeeklyOpening(OfAccount, Base):
    """A weekly interval of a resource: wall-clock minutes, weekday 0 = Sunday (S46)."""

    __tablename__ = "rdv_opening"
    __table_args__ = (
        of_account("resource_id", to="rdv_resource", ondelete="CASCADE"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
        sa.CheckConstraint("start_min >= 0 AND start_min < end_min AND end_min <= 1440", "order"),
        sa.CheckConstraint("start_min % 5 = 0 AND end_min % 5 = 0", "five"),
    )

    resource_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    start_min: Mapped[int] = mapped_column(primary_key=True)
    end_min: Mapped[int]
