"""What LogiVet is answered: instants in UTC with ``Z``, LogiVet's own keys for its own things."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.messages import notices
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.services.changes import Applied
from flask_logivet_rdv.services.events import FeedEvent
from flask_logivet_rdv.services.snapshots import Committed
from flask_logivet_rdv.services.uploads import Kind, Status

EVENT_TYPES = (
    "booking.created",
    "booking.cancelled",
    "booking.moved",
    "booking.conflict",
    "notice",
)
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
EventType = Annotated[str, Field(json_schema_extra={"enum": list(EVENT_TYPES)})]


def rfc3339(moment: datetime | int) -> str:
    """Return an aware moment, or UTC seconds, as ``2026-03-16T14:00:00Z``."""
    seen = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment
    return f"{seen.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class ClinicOut(BaseModel):
    """The clinic of the key."""

    name: str
    time_zone: str
    locale: str


class Limits(BaseModel):
    """What one request may hold."""

    changes_per_request: int
    bytes_per_request: int
    events_per_page: int
    wait_s: int
    snapshot_parts: int


class Hello(BaseModel):
    """Who is there, and where an upload and a reading go on."""

    protocol: Literal[1] = 1
    server_time: Instant
    clinic: ClinicOut
    subscription: Literal["active", "inactive"]
    token: str = Field(description="To be sent with the next changes.")
    cursor: str = Field(description="The oldest that still works.")
    acknowledged: str
    limits: Limits


class ResultOut(BaseModel):
    """What became of one change: an older version is stale, an equal one unchanged."""

    kind: Kind
    id: str
    status: Status


class ConflictOut(BaseModel):
    """An online booking, which is kept, under an entry that does not mirror it."""

    booking_id: UUID
    busy_id: str


class ChangesApplied(BaseModel):
    """The batch was applied, in the order it was sent."""

    token: str
    results: list[ResultOut]
    conflicts: list[ConflictOut]


class SnapshotOpened(BaseModel):
    """Where the parts go."""

    id: UUID
    part_size: int = Field(description="The most items that a part may hold.")


class CountsOut(BaseModel):
    """How many rows of a kind a snapshot changed."""

    added: int
    changed: int
    removed: int
    unchanged: int


class SnapshotApplied(BaseModel):
    """The snapshot is what is stored now; `conflicts` are all that stand."""

    token: str
    counts: dict[Kind, CountsOut]
    conflicts: list[ConflictOut]


class Names(BaseModel):
    """A name in both languages."""

    fr: str
    en: str


class Labels(BaseModel):
    """Names as they were when the booking was made."""

    category: Names
    species: Names
    resource: Names


class Client(BaseModel):
    """Who booked; null once the personal data are blanked."""

    name: str | None
    email: str | None
    phone: str | None


class ConsentOut(BaseModel):
    """The consent that was given, and to which text."""

    at: Instant
    text_version: str
    language: str


class BookingOut(BaseModel):
    """An online booking as it is now; `version` only grows."""

    id: UUID
    version: int
    status: Literal["confirmed", "cancelled"]
    resource_id: str
    category_id: str
    species_id: str
    start: Instant
    end: Instant
    time_zone: str
    language: str
    labels: Labels
    client: Client
    pet_name: str | None
    reason: str | None
    booked_at: Instant
    consent: ConsentOut
    cancelled_at: Instant | None
    cancelled_by: Literal["client", "clinic"] | None
    cancel_reason: str | None


class AgendaOut(BaseModel):
    """What to do to the agenda entry; `description` is the text to append."""

    status: str
    status_code: str
    description: str


class MessageOut(BaseModel):
    """A message for the message centre."""

    language: str
    subject: str
    body: str


class EventOut(BaseModel):
    """All that is to be done for one event, to be applied in one local transaction."""

    seq: int
    id: UUID
    type: EventType
    at: Instant
    booking: BookingOut | None
    agenda: AgendaOut | None
    message: MessageOut


class EventsPage(BaseModel):
    """Events after the cursor that was sent, in order."""

    events: list[EventOut]
    cursor: str = Field(description="To be sent next.")
    has_more: bool
    server_time: Instant
    poll_after_s: int = Field(description="Seconds to let pass before asking again.")


class BookingsPage(BaseModel):
    """A page of the bookings in full; it may hold few or none and still have more after it."""

    bookings: list[BookingOut]
    page: int
    has_more: bool
    as_of: str = Field(description="The cursor from which the feed goes on.")


class BookingAnswer(BaseModel):
    """The booking as it is now."""

    booking: BookingOut


class KeyRotated(BaseModel):
    """The new key, shown this once."""

    key: str
    expires_at: Instant = Field(description="When the key that asked ends.")


class ProblemItem(BaseModel):
    """What is wrong with one item of the body (`pointer`, RFC 6901), a parameter or a header."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


class Problem(BaseModel):
    """An error (RFC 9457); `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[ProblemItem] | None = None
    retry_after_s: int | None = None


def applied(done: Applied) -> ChangesApplied:
    """Return the answer to a batch."""
    return ChangesApplied(
        token=done.token,
        results=[ResultOut(kind=r.kind, id=r.id, status=r.status) for r in done.results],
        conflicts=[ConflictOut(booking_id=b, busy_id=k) for b, k in done.conflicts],
    )


def committed(done: Committed) -> SnapshotApplied:
    """Return the answer to a snapshot."""
    return SnapshotApplied.model_validate(
        {
            "token": done.token,
            "counts": done.counts,
            "conflicts": [{"booking_id": b, "busy_id": k} for b, k in done.conflicts],
        }
    )


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
