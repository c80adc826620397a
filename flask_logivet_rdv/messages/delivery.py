"""One mail of the outbox: rendered from the database as it is now, then sent."""

from datetime import datetime

from flask_logivet_rdv.i18n import language
from flask_logivet_rdv.scheduling.rules import cancellable
from flask_logivet_rdv.services.accounts import account_row
from flask_logivet_rdv.services.bookings import BookingFacts, read_bookings
from flask_logivet_rdv.services.by_clinic import (
    CANCELLED_BY_CLINIC,
    MOVED_BY_CLINIC,
    Move,
    last_told_move,
)
from flask_logivet_rdv.services.cancelling import CANCELLATION, mint_cancel_link
from flask_logivet_rdv.services.outbox import Claim
from flask_logivet_rdv.services.reminding import REMINDER
from flask_logivet_rdv.services.transaction import Desk
from flask_logivet_rdv.state import state

from . import ics, mail
from .letters import Occasion, write
from .own_text import own_text


def deliver(desk: Desk, claim: Claim) -> bool:
    """Send a claimed mail; return False when it is no longer right, and nothing was sent.

    Right is a confirmation, a move or a reminder of a booking that still stands and lies ahead, a
    cancellation of one that is cancelled (by the clinic: and would lie ahead), of several moves the
    last, a reminder while the portal sends any, and nothing once the personal data are blanked.
    No transaction is open while the mail server is spoken to. Raises what the mail server raises,
    and what the host does when it is asked for the clinic's facts.
    """
    now = desk.clock()
    booking = read_bookings(desk.session, claim.account_id, [claim.booking_id]).get(
        claim.booking_id
    )
    account = account_row(desk.session, claim.account_id)
    if account is None or booking is None or not still_right(claim.kind, booking, now):
        return False
    if claim.kind == REMINDER and not desk.rules.reminder_s:
        return False
    move = None
    if claim.kind == MOVED_BY_CLINIC:
        move = last_told_move(desk.session, claim.account_id, claim.booking_id)
        if move is None or not claim.dedupe_key.endswith(f":v{move.version}"):
            return False
    clinic_id = account.clinic_id
    subscribed = account.subscribed(int(now.timestamp()))
    occasion = _occasion(desk, claim, booking, clinic_id, now, move, subscribed)
    letter = write(occasion, own_text(desk, claim, clinic_id, occasion.lang))
    envelope = _envelope(claim, occasion, now)
    desk.session.rollback()
    mail.send(letter, envelope)
    return True


def still_right(kind: str, booking: BookingFacts, now: datetime) -> bool:
    """Tell whether a mail of that kind would still be right for a booking as it is at `now`."""
    if booking.email is None:
        return False
    if kind == CANCELLATION:
        return booking.cancelled
    stands_as_told = booking.cancelled == (kind == CANCELLED_BY_CLINIC)
    return stands_as_told and booking.starts_at > now.timestamp()


def _occasion(
    desk: Desk,
    claim: Claim,
    booking: BookingFacts,
    clinic_id: object,
    now: datetime,
    move: Move | None,
    subscribed: bool,
) -> Occasion:
    here, lang, link = state(), language(claim.locale), None
    if not booking.cancelled:
        token = mint_cancel_link(desk, claim.account_id, claim.booking_id)
        link = here.settings.cancel_url(token)
    return Occasion(
        kind=claim.kind,
        booking=booking,
        clinic=here.facts(clinic_id),
        lang=lang,
        cancel_url=link,
        too_late=cancellable(booking.starts_at, now, desk.rules) is not None,
        cancel_hours=here.settings.min_cancel_hours,
        former=move.was if move else None,
        widget_url=here.settings.widget_url(claim.account_id, lang) if subscribed else None,
    )


def _envelope(claim: Claim, occasion: Occasion, now: datetime) -> mail.Envelope:
    settings, clinic, booking = state().settings, occasion.clinic, occasion.booking
    return mail.Envelope(
        message_id=f"<{claim.dedupe_key.replace(':', '.')}@{settings.public_host}>",
        sender_name=clinic.name(occasion.lang),
        sender_address=settings.mail_from,
        to=booking.email or "",
        reply_to=clinic.email,
        calendar=ics.calendar(
            booking, clinic, occasion.lang, settings, now=now, cancelled=booking.cancelled
        ),
        method="CANCEL" if booking.cancelled else "PUBLISH",
    )
