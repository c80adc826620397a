"""What LogiVet is answered: instants in UTC with ``Z``, LogiVet's own keys for its own things."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.messages import notices
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.services.events import FeedEvent

from .fields import Cursor, Token, absent
from .problems import PROBLEMS
from .reading import ITEM_CODES

EVENT_TYPES = (
    "booking.created",
    "booking.cancelled",
    "booking.moved",
    "booking.conflict",
    "notice",
)
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
EventType = Annotated[str, Field(json_schema_extra={"enum": list(EVENT_TYPES)})]
Lang = Annotated[str, Field(examples=["fr", "en"])]
StatusCode = Annotated[str, Field(json_schema_extra={"enum": ["confirmed", "cancelled"]})]
Code = Annotated[str, Field(json_schema_extra={"enum": sorted(PROBLEMS)})]
ItemCode = Annotated[str, Field(json_schema_extra={"enum": ITEM_CODES})]


def rfc3339(moment: datetime | int) -> str:
    """Return an aware moment, or UTC seconds, as ``2026-03-16T14:00:00Z``."""
    seen = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment
    return f"{seen.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class ClinicOut(BaseModel):
    """The clinic of the key."""

    name: str = Field(description="In the clinic's language.")
    time_zone: str = Field(description="IANA name, as in `America/Toronto`.")
    locale: Lang = Field(description="The clinic's language: that of statuses and messages.")


class Limits(BaseModel):
    """What one request may hold."""

    changes_per_request: int = Field(description="Changes in a batch.")
    bytes_per_request: int = Field(description="Bytes in any body.")
    events_per_page: int
    wait_s: int = Field(description="The longest wait for events, in seconds.")
    snapshot_parts: int = Field(description="Parts of a snapshot.")


class Hello(BaseModel):
    """Who is there, and where an upload and a reading go on."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    protocol: Annotated[Literal[1], Field(description="The version of this protocol.")] = 1
    server_time: Instant = Field(description="The portal's clock, which alone decides rules.")
    clinic: ClinicOut
    subscription: Literal["active", "inactive"] = Field(
        description="inactive: `changes` and `snapshots` answer 403, all else goes on."
    )
    token: Token = Field(
        description="To be sent with the next `changes`. If it is not the one you hold, send a"
        " snapshot instead."
    )
    cursor: Cursor = Field(
        description="The oldest that still works: everything that is kept is read again from it."
    )
    acknowledged: Cursor = Field(description="Up to where this key has acknowledged events.")
    limits: Limits


class Names(BaseModel):
    """A name in both languages."""

    fr: str
    en: str


class Labels(BaseModel):
    """Names as they were when the booking was made, or moved to the resource."""

    category: Names
    species: Names
    resource: Names


class Client(BaseModel):
    """Who booked; null once the personal data are erased."""

    name: str | None
    email: str | None
    phone: str | None = Field(description="E.164, as in `+15145550134`.")


class ConsentOut(BaseModel):
    """The consent that was given, and to which text."""

    at: Instant
    text_version: str
    language: Lang


class BookingOut(BaseModel):
    """An online booking as it is when it is read."""

    id: UUID
    version: int = Field(description="Only grows: of two states the greater version is right.")
    status: Literal["confirmed", "cancelled"]
    resource_id: str = Field(description="Your key, even if you have deleted the row since.")
    category_id: str = Field(description="Your key, even if you have deleted the row since.")
    species_id: str = Field(description="Your key, even if you have deleted the row since.")
    start: Instant = Field(description="The range is `[start, end)`.")
    end: Instant
    time_zone: str = Field(description="The clinic's IANA zone when it was booked.")
    language: Lang = Field(description="The client's.")
    labels: Labels
    client: Client
    pet_name: str | None = Field(description="null once the personal data are erased.")
    reason: str | None = Field(
        description="Why the client comes, in the client's words; null once erased."
    )
    booked_at: Instant
    consent: ConsentOut
    cancelled_at: Instant | None = Field(description="null unless it is cancelled.")
    cancelled_by: Literal["client", "clinic"] | None = Field(
        description="null unless it is cancelled."
    )
    cancel_reason: str | None = Field(
        description="null unless it is cancelled; may be empty, if by the clinic."
    )


class AgendaOut(BaseModel):
    """What to do to the agenda entry of the booking."""

    status: str = Field(description="The booking's present status, in the clinic's language.")
    status_code: StatusCode
    description: str = Field(
        description="Text to append to the entry's description, once per event `id`."
    )


class MessageOut(BaseModel):
    """A message for the message centre, to be shown once per event `id`."""

    language: Lang
    subject: str
    body: str


class EventOut(BaseModel):
    """All that is to be done for one event, to be applied in one local transaction."""

    seq: int = Field(description="The clinic's own counter: the order of events.")
    id: UUID = Field(description="The same whenever the event is read again.")
    type: EventType = Field(
        description="`notice` is a message only, as of an email that could not be delivered."
    )
    at: Instant
    booking: BookingOut | None = Field(
        description="The booking as it is now, not as it was at the event: apply it by (`id`,"
        " `version`). null if the event is of no booking."
    )
    agenda: AgendaOut | None = Field(description="null: nothing to do to the agenda entry.")
    message: MessageOut


class EventsPage(BaseModel):
    """Events after the cursor that was sent, in order."""

    events: list[EventOut]
    cursor: Cursor = Field(
        description="To be sent next, once these events are stored on your side."
    )
    has_more: bool = Field(description="true: more events wait, ask again at once.")
    server_time: Instant
    poll_after_s: int = Field(
        description="Seconds to let pass before asking again, if `has_more` is false. 0 is at"
        " once; more than 0 tells that this portal cannot hold your request at present."
    )


class BookingsPage(BaseModel):
    """A page of the bookings in full; it may hold few or none and still have more after it."""

    bookings: list[BookingOut]
    page: int
    has_more: bool = Field(description="true: ask for the next page, with this `as_of`.")
    as_of: Cursor = Field(
        description="The cursor from which `/events` goes on, once the last page is stored. The"
        " same on every page of one reading."
    )


class BookingAnswer(BaseModel):
    """The booking as it is now."""

    booking: BookingOut


class KeyRotated(BaseModel):
    """The new key, shown this once: store it before you use it."""

    key: str
    expires_at: Instant = Field(description="When the key that asked ends.")


class ProblemItem(BaseModel):
    """What is wrong with one item of the body, one parameter or one header."""

    code: ItemCode = Field(description="Stable.")
    detail: str = Field(description="For people, in English; never what was sent.")
    pointer: str | None = absent(description="Where in the body: a JSON pointer (RFC 6901).")
    parameter: str | None = absent(description="Name of the parameter of the address.")
    header: str | None = absent(description="Name of the header.")


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="`about:blank`: the `code` tells all.")
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="For people, in English; never what was sent.")
    instance: str = Field(description="The path that was asked.")
    code: Code = Field(description="Stable: what a program goes by.")
    errors: list[ProblemItem] | None = absent(
        description="With `invalid`: every bad item, not only the first."
    )
    retry_after_s: int | None = absent(description="The same as `Retry-After`, in seconds.")


def booking(facts: BookingFacts) -> BookingOut:
    """Return a booking as LogiVet reads it."""
    return BookingOut.model_validate(
        {
            "id": facts.id,
            "version": facts.version,
            "status": facts.status,
            "resource_id": facts.resource_ref,
            "category_id": facts.category_ref,
            "species_id": facts.species_ref,
            "start": rfc3339(facts.starts_at),
            "end": rfc3339(facts.ends_at),
            "time_zone": facts.time_zone,
            "language": facts.language,
            "labels": facts.labels,
            "client": {
                "name": facts.client_name,
                "email": facts.email,
                "phone": facts.phone,
            },
            "pet_name": facts.pet_name,
            "reason": facts.reason,
            "booked_at": rfc3339(facts.booked_at),
            "consent": {
                "at": rfc3339(facts.consent_at),
                "text_version": facts.consent_version,
                "language": facts.consent_locale,
            },
            "cancelled_at": rfc3339(facts.cancelled_at) if facts.cancelled_at else None,
            "cancelled_by": facts.cancelled_by,
            "cancel_reason": facts.cancel_reason,
        }
    )


def event(seen: FeedEvent, clinic: ClinicFacts, lang: str) -> EventOut:
    """Return an event with its texts, in the clinic's language."""
    entry = notices.agenda(seen, clinic, lang)
    message = notices.message(seen, clinic, lang)
    return EventOut(
        seq=seen.seq,
        id=seen.id,
        type=seen.type,
        at=rfc3339(seen.at),
        booking=booking(seen.booking) if seen.booking else None,
        agenda=AgendaOut(
            status=entry.status, status_code=entry.status_code, description=entry.description
        )
        if entry
        else None,
        message=MessageOut(language=message.language, subject=message.subject, body=message.body),
    )
