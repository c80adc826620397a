"""What LogiVet asks when it reads: from where, how much, and how long to wait."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from flask_logivet_rdv.services.bookings import Listing

from .fields import Count, Cursor, Moment, absent, up_to
from .payloads import Asked

PAGE_SIZE = 200
MAX_WAIT_S = 25


class EventsQuery(Asked):
    """Where to read the feed from, and how long to wait for something to read."""

    cursor: Cursor = Field(
        description="The last cursor that was given and whose events are stored on your side:"
        " asking acknowledges every event up to it."
    )
    wait: Annotated[
        int, up_to(MAX_WAIT_S), Count, WithJsonSchema({"type": "integer", "minimum": 0})
    ] = Field(
        0,
        description="Seconds to wait for an event if there is none; more than 25 is 25. Let the"
        " client's own time-out be longer.",
    )
    limit: Annotated[
        int,
        up_to(PAGE_SIZE),
        Field(ge=1),
        Count,
        WithJsonSchema({"type": "integer", "minimum": 1}),
    ] = Field(PAGE_SIZE, description="Events to return at most; more than 200 is 200.")


class BookingsQuery(Asked):
    """Which bookings to read, and which page of them."""

    since: Moment | None = absent(alias="from", description="Only bookings that end after it.")
    until: Moment | None = absent(alias="to", description="Only bookings that start before it.")
    status: Literal["confirmed", "cancelled"] | None = absent(
        description="Only bookings of this status."
    )
    page: Annotated[
        int,
        Field(ge=1, le=1_000_000),
        Count,
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1_000_000}),
    ] = Field(1, description="From 1; a page holds 200 bookings.")
    as_of: Cursor | None = absent(
        validate_default=True,
        description="The `as_of` of the first page; required from page 2 on.",
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
