"""The reminder of an appointment: a mail of the outbox that is due some hours before the visit."""

from typing import Protocol

import sqlalchemy as sa

from flask_logivet_rdv.models import Booking, Outbox

from .outbox import State
from .transaction import Mailed, Tx

REMINDER = "reminder"
DAY_S = 86_400


class Reminded(Mailed, Protocol):
    """What a reminder needs to know of its booking."""

    @property
    def starts_at(self) -> int:
        """Return when the visit begins, in UTC seconds."""


def remind(tx: Tx, booking: Reminded) -> None:
    """Put the reminder of a booking in the outbox, due `rules.reminder_s` before its visit.

    A booking made, or moved, less than a day before that moment has none: its client has just been
    told the same. Whether it is still right is decided when it is due.
    """
    due = booking.starts_at - tx.rules.reminder_s
    if not tx.rules.reminder_s or due < tx.instant + DAY_S:
        return
    tx.mail(REMINDER, booking, not_before=due)


def remind_anew(tx: Tx, booking: Booking) -> None:
    """Withdraw the reminder that waits of a booking that was moved, and put another there."""
    tx.session.execute(
        sa.update(Outbox)
        .where(
            Outbox.account_id == tx.account_id,
            Outbox.state == State.PENDING,
            Outbox.kind == REMINDER,
            Outbox.booking_id == booking.id,
        )
        .values(state=State.SKIPPED)
        .execution_options(synchronize_session=False)
    )
    remind(tx, booking)
