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
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from flask_logivet_rdv.services.bookings import Listing
from flask_logivet_rdv.services.uploads import BusyData, CatalogueData, Change, Kind

from .fields import Count, Key, Moment, Short, Version, Word, up_to

MAX_BYTES = 524_288
MAX_CHANGES = 500
PAGE_SIZE = 200
MAX_WAIT_S = 25
LONGEST_RANGE_S = 366 * 86_400
TAG = "="
"""Begins the tags of the kinds of change, which are no part of a JSON pointer."""


class Payload(BaseModel):
    """Base of what is sent in a body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Asked(BaseModel):
    """Base of what is asked in an address or a header; what is not ours there is left alone."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Name(Payload):
    """A name in French, in English or both; where one is missing the other is shown."""

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
    """A category or resource, whole. Inactive means gone from the account and the widget."""

    name: Name
    active: bool = True
    position: int = Field(0, ge=-(2**31), le=2**31 - 1, description="Its place in lists.")

    def data(self) -> CatalogueData:
        """Return the row as the service takes it."""
        return CatalogueData(
            self.name.fr or "", self.name.en or "", active=self.active, position=self.position
        )


class SpeciesRow(CatalogueRow):
    """A species, whole."""

    short_name: ShortName | None = None

    def data(self) -> CatalogueData:
        """Return the row as the service takes it."""
        fr = en = ""
        if self.short_name is not None:
            fr, en = self.short_name.fr or "", self.short_name.en or ""
        return CatalogueData(
            self.name.fr or "", self.name.en or "", fr or en, en or fr, self.active, self.position
        )


class BusyRow(Payload):
    """A range ``[start, end)`` of the agenda, whole; at most 366 days long."""

    resource_id: Key | None = Field(description="null is the « Non assigné » column.")
    type: Literal["appointment", "note", "unavailability", "reservation"]
    start: Moment
    end: Moment
    booking_id: Annotated[UUID, Strict(False)] | None = Field(
        None, description="The online booking that this entry mirrors."
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

    id: Key
    version: Version


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
    """A row that is gone; its version is remembered."""

    op: Literal["delete"]
    kind: Kind
    id: Key
    version: Version
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
        description="The last token that the server gave."
    )
    changes: list[AnyChange] = Field(max_length=MAX_CHANGES)

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
    ] = Field(alias="Idempotency-Key", description="1 to 200 visible ASCII characters.")


class EventsQuery(Asked):
    """Where to read the feed from, and how long to wait for something to read."""

    cursor: str = Field(description="The last cursor given; acknowledges all up to it.")
    wait: Annotated[
        int, up_to(MAX_WAIT_S), Count, WithJsonSchema({"type": "integer", "minimum": 0})
    ] = Field(0, description="Seconds to wait for an event; more than 25 is 25.")
    limit: Annotated[
        int,
        up_to(PAGE_SIZE),
        Field(ge=1),
        Count,
        WithJsonSchema({"type": "integer", "minimum": 1}),
    ] = Field(PAGE_SIZE, description="Events to return; more than 200 is 200.")


class BookingsQuery(Asked):
    """Which bookings to read, and which page of them."""

    since: Moment | None = Field(None, alias="from", description="Bookings that end after it.")
    until: Moment | None = Field(None, alias="to", description="Bookings that start before it.")
    status: Literal["confirmed", "cancelled"] | None = None
    page: Annotated[
        int,
        Field(ge=1, le=1_000_000),
        Count,
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1_000_000}),
    ] = 1
    as_of: str | None = Field(
        None, validate_default=True, description="The first page's; required from page 2 on."
    )

    @field_validator("as_of")
    @classmethod
    def _same_reading(cls, as_of: str | None, info: ValidationInfo) -> str | None:
        if as_of is None and info.data.get("page", 1) > 1:
            raise PydanticCustomError("no_as_of", "another reading")
        return as_of

    def listing(self) -> Listing:
        """Return the bookings that are wanted, as the service takes them."""
        return Listing(
            since=self.since.seconds if self.since else None,
            until=self.until.ceiling if self.until else None,
            status=self.status,
        )
