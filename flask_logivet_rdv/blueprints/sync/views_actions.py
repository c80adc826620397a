"""What LogiVet does beside uploading and reading: to a booking for the clinic, to its own key."""

from uuid import UUID

from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.services import keys
from flask_logivet_rdv.services.bookings import read_bookings
from flask_logivet_rdv.services.by_clinic import (
    BY_CLINIC,
    Acted,
    CannotMove,
    Hindrance,
    cancel_by_clinic,
    move_by_clinic,
)
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from flask_logivet_rdv.telemetry import tell

from . import answers
from .guard import Caller
from .payloads_actions import Cancellation, NewPlace
from .problems import BadItem, ProblemError


def cancel_booking(
    caller: Caller, asked: Cancellation, *, booking_id: UUID
) -> answers.BookingAnswer:
    """Cancel an online booking for the clinic, however near it is.

    One that is cancelled already is answered as it is, and nobody is told anything.
    """
    try:
        done = transact(
            desk(),
            caller.account_id,
            lambda tx: cancel_by_clinic(
                tx, booking_id, asked.reason, notify_client=asked.notify_client
            ),
            agenda=True,
        )
    except LookupError:
        raise ProblemError("unknown_booking") from None
    _tell("cancellation", done, caller, booking_id)
    return _answer(caller.account_id, booking_id)


def move_booking(caller: Caller, asked: NewPlace, *, booking_id: UUID) -> answers.BookingAnswer:
    """Move an online booking for the clinic, over a busy range too, whatever the weekly hours.

    The client's link cancels the new time. One that is there already is answered as it is.
    """
    try:
        done = transact(
            desk(),
            caller.account_id,
            lambda tx: move_by_clinic(
                tx, booking_id, asked.placement(), notify_client=asked.notify_client
            ),
            agenda=True,
        )
    except LookupError:
        raise ProblemError("unknown_booking") from None
    _tell("move", done, caller, booking_id)
    if isinstance(done, CannotMove):
        raise _refusal(done.reason)
    return _answer(caller.account_id, booking_id)


def rotate_key(caller: Caller) -> answers.KeyRotated:
    """Answer with a new key of the same scopes; the one that asks goes on for 24 hours.

    If the answer is lost, ask again with the old key: the new one is revoked for another as long
    as nobody has used it. What the old key itself had replaced ends at once.
    """
    done = transact(desk(), caller.account_id, lambda tx: keys.rotate_key(tx, caller.key_id))
    if isinstance(done, keys.AlreadyReplaced):
        raise ProblemError("key_replaced")
    return answers.KeyRotated(key=done.key, expires_at=answers.rfc3339(done.old_ends_at))


def _tell(what: str, done: Acted | CannotMove, caller: Caller, booking_id: UUID) -> None:
    made = "done" if isinstance(done, Acted) and done.now else "again"
    outcome = done.reason.value if isinstance(done, CannotMove) else made
    tell(what, outcome, caller.account_id, by=BY_CLINIC, booking=booking_id)


def _refusal(reason: Hindrance) -> ProblemError:
    if reason is Hindrance.UNKNOWN_RESOURCE:
        wrong = BadItem("unknown", "Is no resource of this clinic.", "/resource_id")
        return ProblemError("invalid", [wrong])
    return ProblemError("slot_taken" if reason is Hindrance.TAKEN else "booking_cancelled")


def _answer(account_id: UUID, booking_id: UUID) -> answers.BookingAnswer:
    found = read_bookings(state().db.session(), account_id, [booking_id])
    return answers.BookingAnswer(booking=answers.booking(found[booking_id]))
