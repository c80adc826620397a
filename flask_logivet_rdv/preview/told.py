"""What is told beside the pages: mails as clients receive them, and LogiVet's messages."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask_mail import Message

from flask_logivet_rdv import jobs
from flask_logivet_rdv.i18n import local, speaking
from flask_logivet_rdv.messages import mail_words, notices, reasons
from flask_logivet_rdv.messages.checking import FIELDS, SENTENCES
from flask_logivet_rdv.messages.mail_texts import mail_messages, mail_placeholders
from flask_logivet_rdv.models import CANCELLED
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.bookings import BookingFacts, read_bookings
from flask_logivet_rdv.services.by_clinic import Placement, cancel_by_clinic, move_by_clinic
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.events import FeedEvent
from flask_logivet_rdv.services.transaction import Tx

from . import sample
from .public import unsubscribed
from .stage import TUESDAY_13H, WEDNESDAY_10H30, Stage, instant

VISIT = "2026-03-25T14:00:00Z"
A_DAY_S, HALF_HOUR_S = 86_400, 1_800
Happening = Callable[[Stage, uuid.UUID], object]


def moved(stage: Stage, booking_id: uuid.UUID) -> object:
    """Have the clinic move the appointment to the next day."""
    start = instant(VISIT) + A_DAY_S
    to = Placement(f"resource-{sample.DOLITTLE}", Range(start, start + HALF_HOUR_S))
    return stage.save(lambda tx: move_by_clinic(tx, booking_id, to, notify_client=True))


def cancelled(verb: Callable[[Tx, uuid.UUID, str], object]) -> Happening:
    """Have the appointment cancelled by the clinic or its client."""
    return lambda stage, booking: stage.save(lambda tx: verb(tx, booking, sample.CANCEL_REASON))


by_clinic = partial(cancel_by_clinic, notify_client=True)


def reminded(stage: Stage, booking_id: uuid.UUID) -> None:
    """Let time go by until the day before."""
    stage.later(instant(VISIT) - A_DAY_S)


def mail(
    happens: Happening = lambda stage, booking: None, start: str = VISIT
) -> Callable[[Stage], Message]:
    """Return what plays a mail: a booking, then what happens; the last mail that leaves is it."""

    def play(stage: Stage) -> Message:
        app = stage.portal.app
        with stage.portal.settings(reminder_hours=24):
            booking = stage.booked(start)
            with app.app_context(), app.extensions["mail"].record_messages() as sent:
                happens(stage, booking)
                jobs.drain()
        last: Message = sent[-1]
        return last

    return play


def too_late(stage: Stage, booking_id: uuid.UUID) -> None:
    """Let time go by until less than 24 hours before the visit."""
    stage.later(instant(TUESDAY_13H) - 23 * 3600)


def cancelled_and_unsubscribed(stage: Stage, booking_id: uuid.UUID) -> object:
    """Have the clinic cancel, and take no more bookings online."""
    cancelled(by_clinic)(stage, booking_id)
    return unsubscribed(stage)


MAILS: Mapping[str, Callable[[Stage], Message]] = {
    "M1 confirmation": mail(),
    "M1 confirmation under 24 hours": mail(too_late, TUESDAY_13H),
    "M2 cancelled by the client": mail(cancelled(cancel_by_client)),
    "M3 cancelled by the clinic": mail(cancelled(by_clinic)),
    "M3 cancelled, nothing online": mail(cancelled_and_unsubscribed),
    "M4 moved by the clinic": mail(moved),
    "M5 reminder": mail(reminded),
}
BUSY = {"start": instant(WEDNESDAY_10H30), "end": instant(WEDNESDAY_10H30) + HALF_HOUR_S}
UNDELIVERED = ("confirmation", "cancellation", "cancelled_by_clinic", "moved_by_clinic", "reminder")
MAIL_TEXT = {"about": "mail_text", "message": "confirmation", "lang": "fr"}
PROBLEM = {"field": "subject", "arguments": {}}
CODES = ("empty", "of another version")
EVENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("booking.created", {}),
    ("booking.cancelled", {}),
    ("booking.cancelled", {"by": "clinic"}),
    ("booking.moved", {"was": list(BUSY.values())}),
    ("booking.conflict", {}),
    *(("notice", {"about": "undelivered", "mail": kind}) for kind in UNDELIVERED),
    *(("notice", MAIL_TEXT | {"problem": PROBLEM | {"code": code}}) for code in CODES),
    ("notice", {"about": "misplaced", **BUSY}),
    ("notice", {"about": "unknown", **BUSY}),
    ("notice", {"about": "clock", "skew_s": 600}),
    ("notice", {"about": "clock", "skew_s": -7_200}),
    *(
        ("notice", {"about": "gone", "of": of, "count": 2, "bookings": [""]})
        for of in ("category", "species", "resource")
    ),
    ("notice", {"about": "zone", "count": 1, "bookings": [""], "times": [], "told": []}),
    ("unforeseen", {}),
)
"""Events by type and facts."""


def messages(stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield each message to the clinic in LogiVet, subject and body, then what enters the agenda.

    First all that is known of the booking, then what is left once it was erased.
    """
    booking_id = stage.booked(VISIT)
    found = stage.read(lambda session: read_bookings(session, stage.account_id, [booking_id]))
    whole = replace(found[booking_id], cancel_reason=sample.CANCEL_REASON)
    states = (whole, replace(whole, status=CANCELLED), erased(whole))
    told = dict.fromkeys(pair for booking in states for pair in _told(stage, booking))
    yield from told


def erased(booking: BookingFacts) -> BookingFacts:
    """Return a booking whose personal fields are blank."""
    return replace(
        booking,
        client_name=None,
        email=None,
        phone=None,
        pet_name=None,
        reason=None,
        cancel_reason=None,
    )


def _told(stage: Stage, booking: BookingFacts) -> Iterator[tuple[str, str]]:
    facts = sample.clinic_facts(stage.lang)
    for number, (kind, given) in enumerate(EVENTS):
        of: dict[str, Any] = {"bookings": [str(booking.id)]} if "bookings" in given else {}
        if "times" in given:
            now = f"{local(booking.starts_at, booking.time_zone):%Y-%m-%dT%H:%M}"
            of["times"] = [["2026-03-18T09:00", now]]
        of |= {"row": str(getattr(booking, f"{given['of']}_id"))} if "of" in given else {}
        at = int(booking.booked_at.timestamp())
        event = FeedEvent(number, booking.id, kind, at, given | of, booking, (booking,))
        message = notices.message(event, facts, stage.lang)
        yield message.subject, message.body
        if entry := notices.agenda(event, facts, stage.lang):
            yield entry.status, entry.description


def templates(stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield what the portal's page of « Gabarits de courriel » is told, by mail and placeholder."""
    for message, name in mail_messages(stage.lang).items():
        for placeholder, gives in mail_placeholders(message, stage.lang).items():
            yield f"{name} {{{placeholder}}}", gives
    with speaking(stage.lang):
        for field in FIELDS.values():
            for sentence in SENTENCES.values():
                yield str(field), str(sentence)


def causes(stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield why a time is not offered, and why a mail does not leave, by where it is said."""
    times = (*reasons.SENTENCES.values(), *reasons.KINDS.values(), reasons.BOOKED)
    mails = (
        mail_words.REFUSED,
        mail_words.IMPOSSIBLE,
        mail_words.MESSAGE_REFUSED,
        mail_words.NOT_ALLOWED,
        mail_words.AWAY,
        mail_words.UNFORESEEN,
    )
    with speaking(stage.lang):
        for screen, sentences in (("A6", times), ("A7", mails)):
            yield from ((screen, str(sentence)) for sentence in sentences)


PAGES: Mapping[str, Callable[[Stage], Iterator[tuple[str, str]]]] = {
    "N1 messages in LogiVet": messages,
    "N2 mails in a clinic's own words": templates,
    "N3 causes of what does not happen": causes,
}
