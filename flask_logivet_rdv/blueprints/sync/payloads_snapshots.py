"""What LogiVet sends of a snapshot: what it tells, its parts, its end."""

from typing import Annotated

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from flask_logivet_rdv.services.uploads import Change, Kind

from .fields import Moment
from .payloads import (
    MAX_CHANGES,
    TAG,
    BusyItem,
    CategoryItem,
    Payload,
    ResourceItem,
    SpeciesItem,
    tag,
)

MAX_PARTS = 1000


class NewSnapshot(Payload):
    """What a snapshot tells in full. What it does not tell of that is deleted at its commit."""

    kinds: list[Kind] = Field(
        min_length=1, max_length=4, description="All four, unless you know that some are right."
    )
    busy_from: Moment | None = Field(
        None,
        description="Of the agenda, every range that touches `[busy_from, busy_to)` is told; what"
        " lies outside stays as it is. null is no bound.",
    )
    busy_to: Moment | None = Field(
        None, description="After `busy_from`, and not taken in itself. null is no bound."
    )

    @model_validator(mode="after")
    def _ordered(self) -> "NewSnapshot":
        if self.busy_from and self.busy_to and self.busy_to <= self.busy_from:
            raise PydanticCustomError("order", "ends before it starts")
        return self


AnyItem = Annotated[
    Annotated[CategoryItem, Tag(f"{TAG}category")]
    | Annotated[SpeciesItem, Tag(f"{TAG}species")]
    | Annotated[ResourceItem, Tag(f"{TAG}resource")]
    | Annotated[BusyItem, Tag(f"{TAG}busy")],
    Discriminator(tag),
]


class Part(Payload):
    """Some of the rows of a snapshot; a row that is sent twice counts as the last."""

    items: list[AnyItem] = Field(
        max_length=MAX_CHANGES,
        description="Rows of the kinds that the snapshot was opened for. More than 500 answer 413"
        " `too_many_changes`.",
    )

    def as_changes(self) -> list[Change]:
        """Return the rows as the service takes them."""
        return [Change(i.kind, i.id, i.version, i.data.data()) for i in self.items]


class Commit(Payload):
    """The end of a snapshot."""

    parts: int = Field(
        ge=1,
        le=MAX_PARTS,
        description="How many parts it has: 1 to this number must all have arrived.",
    )
