"""The evidence of consent (Law 25): to which text each booking's client said yes, and when."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Booking, ClinicAccount, ConsentText

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """The consent of one booking: `text` is what was shown, `sha256` its hash with the two others.

    `clinic_id` is the host's. It outlives the blanking of the booking: its client is then unknown.
    """

    clinic_id: Any
    booking_id: uuid.UUID
    given_at: datetime
    version: str
    language: str
    sha256: str
    text: str


def evidence(
    session: Session, *, account_id: uuid.UUID | None = None, booking_id: uuid.UUID | None = None
) -> Iterator[Evidence]:
    """Yield the consents of a clinic, or of one booking, in the order in which they were given."""
    query = (
        sa.select(
            ClinicAccount.clinic_id,
            Booking.id,
            Booking.consent_at,
            ConsentText.version,
            ConsentText.locale,
            ConsentText.sha256,
            ConsentText.body,
        )
        .join(ClinicAccount, ClinicAccount.id == Booking.account_id)
        .join(ConsentText, ConsentText.sha256 == Booking.consent_sha256)
        .order_by(Booking.consent_at, Booking.id)
        .execution_options(yield_per=AT_ONCE)
    )
    if account_id is not None:
        query = query.where(Booking.account_id == account_id)
    if booking_id is not None:
        query = query.where(Booking.id == booking_id)
    for row in session.execute(query):
        yield Evidence(*row)
