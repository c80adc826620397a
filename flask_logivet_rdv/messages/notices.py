"""What LogiVet shows of an event: the agenda entry's status and text, and the message.

Both are rendered when the event is read, from the booking as it is then: nothing personal is
stored in the feed. Times are in the booking's zone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import lazy_gettext, local, speaking, words
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.services.events import FeedEvent

from .plain import one_line


@dataclass(frozen=True, slots=True)
class AgendaText:
    """The entry's status, in words and as a code, and the text to append to its description."""

    status: str
    status_code: str
    description: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message for the clinic's message centre (S88, S98)."""

    language: str
    subject: str
    body: str


# Texts of one event, the fullest first: the first one whose every word is still known is used.
_DESCRIPTIONS = {
    "booking.created": (
        lazy_gettext(
            "Online appointment, booked on {told_date} at {told_time}. Pet: {pet} ({species})."
            " Reason: {reason}. Phone: {tel}. Email: {email}."
        ),
        lazy_gettext("Online appointment, booked on {told_date} at {told_time}."),
    ),
    "booking.cancelled": (
        lazy_gettext(
            "Appointment cancelled online by the client on {told_date} at {told_time}."
            " Reason: {cancel_reason}"
        ),
        lazy_gettext("Appointment cancelled online by the client on {told_date} at {told_time}."),
    ),
}
_ERASED = lazy_gettext("The information of this appointment was erased.")
_MESSAGES = {
    "booking.created": (
        lazy_gettext("New online appointment"),
        lazy_gettext(
            "{name} booked for {pet} ({species}): {category}, {date}, {h1} to {h2}, with"
            " {resource}. Phone: {tel}. Email: {email}. Reason: {reason}"
        ),
        lazy_gettext("{category}, {date}, {h1} to {h2}, with {resource}."),
    ),
    "booking.cancelled": (
        lazy_gettext("Online appointment cancelled"),
        lazy_gettext(
            "{name} cancelled {pet}'s appointment of {date} at {h1} with {resource}."
            " Reason for cancellation: {cancel_reason}"
        ),
        lazy_gettext("The appointment of {date} at {h1} with {resource} was cancelled."),
    ),
    "booking.conflict": (
        lazy_gettext("Online appointment in conflict with the agenda"),
        lazy_gettext(
            "A busy range of the agenda overlaps the online appointment of {name} for {pet},"
            " {date}, {h1} to {h2}, with {resource}. The appointment is kept. Phone: {tel}."
            " Email: {email}."
        ),
        lazy_gettext(
            "A busy range of the agenda overlaps the online appointment of {date}, {h1} to {h2},"
            " with {resource}. The appointment is kept."
        ),
    ),
    "notice.undelivered.confirmation": (
        lazy_gettext("Email not delivered"),
        lazy_gettext(
            "The confirmation email could not be delivered to {email}: appointment of {name} for"
            " {pet}, {date} at {h1} with {resource}. Phone: {tel}."
        ),
        lazy_gettext(
            "The confirmation email could not be delivered: appointment of {date} at {h1} with"
            " {resource}."
        ),
    ),
    "notice.undelivered.cancellation": (
        lazy_gettext("Email not delivered"),
        lazy_gettext(
            "The cancellation email could not be delivered to {email}: appointment of {name} for"
            " {pet}, {date} at {h1} with {resource}. Phone: {tel}."
        ),
        lazy_gettext(
            "The cancellation email could not be delivered: appointment of {date} at {h1} with"
            " {resource}."
        ),
    ),
}


def agenda(event: FeedEvent, clinic: ClinicFacts, lang: str) -> AgendaText | None:
    """Return what an event changes in the agenda entry, or None for nothing (S99, S100).

    The status is the booking's present one; the text tells the event.
    """
    booking, texts = event.booking, _DESCRIPTIONS.get(event.type)
    if booking is None or texts is None:
        return None
    parts = _parts(event, booking, lang)
    for name in parts.keys() & {"reason", "told_time"}:
        # a full stop follows them in the text
        parts[name] = parts[name].removesuffix(".")
    with speaking(lang):
        status = _("Cancelled") if booking.cancelled else _("Confirmed")
        return AgendaText(status, booking.status, _first_known(texts, parts))


def message(event: FeedEvent, clinic: ClinicFacts, lang: str) -> Message:
    """Return an event as a message, whatever is left of its booking.

    Raises KeyError for a type of event that has no message.
    """
    facts = event.facts
    kind = ".".join(filter(None, (event.type, facts.get("about"), facts.get("mail"))))
    subject, *texts = _MESSAGES[kind]
    parts = _parts(event, event.booking, lang) if event.booking else {}
    with speaking(lang):
        return Message(lang, str(subject), _first_known((*texts, _ERASED), parts))


def _first_known(texts: Iterable[LazyString], parts: dict[str, str]) -> str:
    for text in texts:
        try:
            return str(text).format_map(parts)
        except KeyError:
            continue
    raise AssertionError("The last text names nothing.")


def _parts(event: FeedEvent, booking: BookingFacts, lang: str) -> dict[str, str]:
    """Return what a text may name; what the owner typed is missing once it was erased."""
    say, zone = words(lang), booking.time_zone
    told, start = local(event.at, zone), local(booking.starts_at, zone)
    typed = {
        "name": booking.client_name,
        "pet": booking.pet_name,
        "reason": booking.reason,
        "tel": booking.phone and say.phone(booking.phone),
        "email": booking.email,
        "cancel_reason": booking.cancel_reason,
    }
    return {
        **{name: one_line(text) for name, text in typed.items() if text},
        **{part: booking.label(part, lang) for part in booking.labels},
        "told_date": say.plain_date(told),
        "told_time": say.time(told),
        "date": say.weekday_date(start),
        "h1": say.time(start),
        "h2": say.time(local(booking.ends_at, zone)),
    }
