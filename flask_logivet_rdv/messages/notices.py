"""What LogiVet shows of an event: the agenda entry's status and text, and the message.

Both are rendered when the event is read, from the booking as it is then: nothing personal is
stored in the feed. Times are in the booking's zone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from flask_babel.speaklater import LazyString

from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import local, speaking, words
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.services.events import FeedEvent
from flask_logivet_rdv.services.moved_clocks import ZONE
from flask_logivet_rdv.services.warnings import MAIL_TEXT

from .checking import FIELDS, SENTENCES, MailTextProblem
from .mail_words import kind_words
from .notice_texts import DESCRIPTIONS, ERASED, MESSAGES, NOTHING_LEFT, UNFORESEEN
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


def agenda(event: FeedEvent, clinic: ClinicFacts, lang: str) -> AgendaText | None:
    """Return what an event changes in the agenda entry, or None for nothing (S99, S100).

    The status is the booking's present one; the text tells the event.
    """
    booking, texts = event.booking, DESCRIPTIONS.get(_kind(event))
    if booking is None or texts is None:
        return None
    parts = _parts(event, booking, lang)
    for name in parts.keys() & {"reason", "told_time", "was_h2"}:
        # a full stop follows them in the text
        parts[name] = parts[name].removesuffix(".")
    with speaking(lang):
        status = _("Cancelled") if booking.cancelled else _("Confirmed")
        return AgendaText(status, booking.status, _first_known(texts, parts))


def message(event: FeedEvent, clinic: ClinicFacts, lang: str) -> Message:
    """Return an event as a message, whatever is left of its booking, whatever its type."""
    subject, *texts = MESSAGES.get(_kind(event), UNFORESEEN)
    with speaking(lang):
        parts = _facts_parts(event, clinic, lang)
        if event.booking:
            parts |= _parts(event, event.booking, lang)
        last = NOTHING_LEFT if event.facts.get("about") in ("gone", ZONE) else ERASED
        return Message(lang, str(subject), _first_known((*texts, last), parts))


def _kind(event: FeedEvent) -> str:
    """Return the key of an event's texts: its type, then what its facts tell apart."""
    facts = event.facts
    sense = ("ahead" if facts["skew_s"] > 0 else "behind") if "skew_s" in facts else None
    told = (facts.get(name) for name in ("by", "about", "mail", "of"))
    return ".".join(filter(None, (event.type, *told, sense)))


def _first_known(texts: Iterable[LazyString], parts: dict[str, str]) -> str:
    for text in texts:
        try:
            return str(text).format_map(parts)
        except KeyError:
            continue
    raise AssertionError("The last text names nothing.")


def _facts_parts(event: FeedEvent, clinic: ClinicFacts, lang: str) -> dict[str, str]:
    """Return what a text may name of an event that is not its booking's."""
    facts, zone = event.facts, event.booking.time_zone if event.booking else clinic.time_zone
    parts: dict[str, str] = {}
    if facts.get("start") is not None:
        parts |= _span("busy", (facts["start"], facts["end"]), zone, lang)
    if "skew_s" in facts:
        parts["duration"] = words(lang).duration(60 * round(abs(facts["skew_s"]) / 60))
    if facts.get("about") == "gone":
        parts |= _left(event, lang)
    if facts.get("about") == ZONE:
        parts |= _moved_clocks(event, lang)
    if facts.get("about") == MAIL_TEXT:
        parts |= _mail_text(facts, lang)
    return parts


def _mail_text(facts: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Return which text cannot be sent, and why; nothing of a problem of another version."""
    told = MailTextProblem(**facts["problem"])
    if told.code not in SENTENCES or told.field not in FIELDS:
        return {}
    return {
        "message": kind_words(facts["message"]),
        "language": Locale.parse(facts["lang"]).get_language_name(lang) or facts["lang"],
        "field": str(FIELDS[told.field]),
        "problem": told.words(lang),
    }


def _left(event: FeedEvent, lang: str) -> dict[str, str]:
    """Return the visits that still depend on a row that is gone, and its name as they have it."""
    kind, row = event.facts["of"], event.facts["row"]
    left = [
        booking
        for booking in event.listed
        if not booking.cancelled and str(getattr(booking, f"{kind}_id")) == row
    ]
    if not left:
        return {}
    unlisted = event.facts["count"] - len(event.facts["bookings"])
    more = ["…"] if unlisted else []
    return {
        "label": left[0].label(kind, lang),
        "listed": "; ".join([_visit(booking, lang) for booking in left] + more).removesuffix("."),
    }


def _moved_clocks(event: FeedEvent, lang: str) -> dict[str, str]:
    """Return the visits that still are where the clock has moved, with what was told and is now."""
    standing = {str(booking.id): booking for booking in event.listed if not booking.cancelled}
    told = zip(event.facts["bookings"], event.facts["times"], strict=True)
    left = [
        _clocks(standing[key], times[0], lang)
        for key, times in told
        if key in standing and _wall(standing[key]) == datetime.fromisoformat(times[1])
    ]
    unlisted = event.facts["count"] - len(event.facts["bookings"])
    more = ["…"] if unlisted else []
    return {"clocks": "; ".join(left + more).removesuffix(".")} if left else {}


def _clocks(booking: BookingFacts, told: str, lang: str) -> str:
    say = words(lang)
    before = datetime.fromisoformat(told)
    return _(
        "{visit}, told {date} at {time}",
        visit=_visit(booking, lang),
        date=say.weekday_date(before),
        time=say.time(before),
    )


def _wall(booking: BookingFacts) -> datetime:
    return local(booking.starts_at, booking.time_zone).replace(tzinfo=None, second=0)


def _visit(booking: BookingFacts, lang: str) -> str:
    say, start = words(lang), local(booking.starts_at, booking.time_zone)
    when = _("{date} at {h1}", date=say.weekday_date(start), h1=say.time(start))
    who = ", ".join(one_line(text) for text in (booking.pet_name, booking.client_name) if text)
    return f"{when} ({who})" if who else when


def _span(name: str, span: Sequence[int], zone: str, lang: str) -> dict[str, str]:
    say, (start, end) = words(lang), (local(instant, zone) for instant in span)
    return {
        f"{name}_date": say.weekday_date(start),
        f"{name}_h1": say.time(start),
        f"{name}_h2": say.time(end),
    }


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
    was = event.facts.get("was")
    return {
        **{name: one_line(text) for name, text in typed.items() if text},
        **{part: booking.label(part, lang) for part in booking.labels},
        **(_span("was", was, zone, lang) if was else {}),
        "told_date": say.plain_date(told),
        "told_time": say.time(told),
        "date": say.weekday_date(start),
        "h1": say.time(start),
        "h2": say.time(local(booking.ends_at, zone)),
    }
