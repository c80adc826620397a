"""What LogiVet sends, checked strictly: types are not guessed, unknown members are refused."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from flask_logivet_rdv.services.uploads import BusyData, CatalogueData, Change, Kind

from .fields import Key, Moment, Short, Version, Word

MAX_BYTES = 524_288
MAX_CHANGES = 500
LONGEST_RANGE_S = 366 * 86_400
TAG = "="
"""Begins the tags of the kinds of change, which are no part of a JSON pointer."""
_BLANK: JsonDict = {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^\\s*$"}]}


class Payload(BaseModel):
    """Base of what is sent in a body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Asked(BaseModel):
    """Base of what is asked in an address or a header; what is not ours there is left alone."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Name(Payload):
    """A name in French, in English or both; where one is missing or blank the other is shown.

    Spaces at its ends are left out.
    """

    model_config = ConfigDict(
        json_schema_extra={"not": {"properties": {"fr": _BLANK, "en": _BLANK}}},
    )

    fr: Word | None = None
    en: Word | None = None

    @model_validator(mode="after")
    def _some(self) -> "Name":
        if not (self.fr or self.en):
            raise PydanticCustomError("no_name", "no name at all")
        return self


class ShortName(Payload):
    """An abbreviation in French, in English or both."""

    fr: Short | None = None
    en: Short | None = None


class CatalogueRow(Payload):
    """A category or resource, whole: what is left out gets its default, not its former value."""

    name: Name
    active: bool = Field(
        True,
        description="false: gone at once from the account pages and the widget, as if deleted."
        " A row that comes back is not offered until the clinic switches it on again.",
    )
    position: int = Field(
        0,
        ge=-(2**31),
        le=2**31 - 1,
        description="A resource's place in lists, the lowest first; not kept of other kinds.",
    )

    def data(self) -> CatalogueData:
        """Return the row as the service takes it."""
        return CatalogueData(
            self.name.fr or "", self.name.en or "", active=self.active, position=self.position
        )


class SpeciesRow(CatalogueRow):
    """A species, whole: what is left out gets its default, not its former value."""

    short_name: ShortName | None = Field(None, description="null: it has no abbreviation.")

    def data(self) -> CatalogueData:
        """Return the row as the service takes it."""
        fr = en = ""
        if self.short_name is not None:
            fr, en = self.short_name.fr or "", self.short_name.en or ""
        return CatalogueData(
            self.name.fr or "", self.name.en or "", fr or en, en or fr, self.active, self.position
        )


class BusyRow(Payload):
    """A range `[start, end)` of the agenda, whole. It hides slots; only the range is ever used."""

    resource_id: Key | None = Field(
        description="Your key of the resource. null is the « Non assigné » column: it blocks"
        " nobody. One that is unknown or deleted is accepted and blocks nobody until it comes"
        " back."
    )
    type: Literal["appointment", "note", "unavailability", "reservation"]
    start: Moment = Field(description="The first instant that is taken.")
    end: Moment = Field(
        description="The first instant that is free again: after `start`, at most 366 days later."
    )
    booking_id: Annotated[UUID, Strict(False)] | None = Field(
        None,
        description="The online booking that this entry mirrors: it never conflicts with it. null"
        " for every other entry. An unknown one is accepted, as an ordinary range, with a notice.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> "BusyRow":
        if self.end <= self.start:
            raise PydanticCustomError("order", "ends before it starts")
        if self.end.ceiling - self.start.seconds > LONGEST_RANGE_S:
            raise PydanticCustomError("too_long_range", "too long")
        return self

    def data(self) -> BusyData:
        """Return the range as the service takes it, grown to whole seconds."""
        return BusyData(
            self.resource_id, self.type, self.start.seconds, self.end.ceiling, self.booking_id
        )


class Item(Payload):
    """A row of LogiVet's, whole, by its own key."""

    id: Key = Field(description="Your own key of the row, unique per clinic and kind.")
    version: Version = Field(
        description="Your own counter of the row; it grows with each change of it."
    )


class CategoryItem(Item):
    """A category."""

    kind: Literal["category"]
    data: CatalogueRow


class SpeciesItem(Item):
    """A species."""

    kind: Literal["species"]
    data: SpeciesRow


class ResourceItem(Item):
    """A resource: a person or a group with a column in the agenda."""

    kind: Literal["resource"]
    data: CatalogueRow


class BusyItem(Item):
    """An entry of the agenda that takes time."""

    kind: Literal["busy"]
    data: BusyRow


class Upsert(Payload):
    """A row that is new or was changed."""

    op: Literal["upsert"]


class UpsertCategory(Upsert, CategoryItem):
    """A category that is new or was changed."""


class UpsertSpecies(Upsert, SpeciesItem):
    """A species that is new or was changed."""


class UpsertResource(Upsert, ResourceItem):
    """A resource that is new or was changed."""


class UpsertBusy(Upsert, BusyItem):
    """An entry of the agenda that is new or was changed."""


class Delete(Payload):
    """A row that is gone. A tombstone remembers its version: an upsert needs a greater one."""

    op: Literal["delete"]
    kind: Kind
    id: Key = Field(description="Your own key of the row; one never sent is accepted.")
    version: Version = Field(description="Greater than the row's last one.")
    data: None = None


def tag(change: Any) -> str:
    """Return the model that a change is checked against: for an unclear one, any that fails."""
    given = change if isinstance(change, dict) else {}
    kind = given.get("kind")
    if given.get("op") == "delete":
        return f"{TAG}delete"
    return TAG + (kind if kind in ("species", "resource", "busy") else "category")


AnyChange = Annotated[
    Annotated[UpsertCategory, Tag(f"{TAG}category")]
    | Annotated[UpsertSpecies, Tag(f"{TAG}species")]
    | Annotated[UpsertResource, Tag(f"{TAG}resource")]
    | Annotated[UpsertBusy, Tag(f"{TAG}busy")]
    | Annotated[Delete, Tag(f"{TAG}delete")],
    Discriminator(tag),
]


class Batch(Payload):
    """Changes of the catalogue and the agenda, applied all or none."""

    token: Annotated[str, StringConstraints(max_length=64)] = Field(
        description="The last token that the portal gave, as it gave it."
    )
    changes: list[AnyChange] = Field(
        max_length=MAX_CHANGES,
        description="In any order: the catalogue is applied before the agenda. More than 500"
        " answer 413 `too_many_changes`.",
    )

    def as_changes(self) -> list[Change]:
        """Return the changes as the service takes them."""
        return [
            Change(c.kind, c.id, c.version, None if isinstance(c, Delete) else c.data.data())
            for c in self.changes
        ]


class ChangesHeaders(Asked):
    """The header that makes an upload safe to repeat."""

    idempotency_key: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]*$")
    ] = Field(
        alias="Idempotency-Key",
        description="1 to 200 visible ASCII characters, new for each batch and the same when that"
        " batch is sent again. Kept 48 hours with the answer, if that was 200.",
    )
