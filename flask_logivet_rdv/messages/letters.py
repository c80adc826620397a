"""The wording of a mail: the package's templates, or the clinic's own text from the host."""

import logging
import re
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import escape

from flask_logivet_rdv.host import ClinicFacts, MailText
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import local, speaking, words
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.theme import Theme, theme

from .plain import one_address, one_line, short_lines

PLAIN_ACCENT = "#0b6e8f"
NAME_LENGTH = 120
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail tells: a booking as it is now, in a language.

    `kind` is ``confirmation`` or ``cancellation``, or ``moved_by_clinic`` (`former` is the range
    that was left, in UTC seconds) or ``cancelled_by_clinic``. `too_late` tells that the visit is
    nearer than `cancel_hours`, so that `cancel_url` no longer serves. `widget_url` is where another
    appointment is booked, None while the clinic takes none online.
    """

    kind: str
    booking: BookingFacts
    clinic: ClinicFacts
    lang: str
    cancel_url: str | None
    too_late: bool
    cancel_hours: int
    former: Range | None = None
    widget_url: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to send; `html` None is a mail of plain text."""

    subject: str
    text: str
    html: str | None


def write(occasion: Occasion, own: MailText | None) -> Letter:
    """Return the mail in the clinic's own words where the host gives them, else in ours.

    The placeholders of the host's text are the keys of `placeholders`, in braces. Other braces
    are left alone; an unknown name in braces is logged, and the mail is written in our words.
    """
    values = placeholders(occasion)
    if own is not None:
        try:
            return _filled(own, values)
        except KeyError as error:
            log.error("The host's text of %s has no placeholder %s.", occasion.kind, error)
    return _rendered(occasion, values)


def placeholders(occasion: Occasion) -> dict[str, str]:
    """Return what a mail may name, as plain text on one line each.

    ``name``, ``pet``, ``reason``, ``cancel_reason`` are as typed; ``species``, ``category``,
    ``resource``, ``clinic`` are names; ``address`` and ``phone`` are the clinic's. In the zone of
    the booking: ``date`` (mercredi 18 mars 2026), ``day`` (mercredi 18 mars), ``short_date``
    (18 mars 2026), ``time`` and ``end_time`` (13 h 30), ``clock`` (13:30), ``zone`` (heure de
    l'Est). ``minutes`` is the duration, ``cancel_url`` the link (empty in a cancellation),
    ``widget_url`` where to book again (empty while that is closed). Of a move, ``former_date``
    and ``former_time`` are what ``date`` and ``time`` were (else empty).
    """
    booking, clinic, say = occasion.booking, occasion.clinic, words(occasion.lang)
    start = local(booking.starts_at, booking.time_zone)
    former = local(occasion.former.start, booking.time_zone) if occasion.former else None
    return {
        "name": one_line(booking.client_name, NAME_LENGTH),
        "pet": one_line(booking.pet_name, NAME_LENGTH),
        "reason": one_line(booking.reason),
        "cancel_reason": one_line(booking.cancel_reason),
        **{part: booking.label(part, occasion.lang) for part in booking.labels},
        "clinic": one_line(clinic.name(occasion.lang)),
        "address": one_address(clinic.address),
        "phone": say.phone(one_line(clinic.phone)),
        "date": say.weekday_date(start),
        "day": say.weekday_day(start),
        "short_date": say.plain_date(start),
        "time": say.time(start),
        "end_time": say.time(local(booking.ends_at, booking.time_zone)),
        "clock": say.clock(start),
        "zone": _zone(occasion),
        "minutes": str(booking.minutes),
        "cancel_url": occasion.cancel_url or "",
        "widget_url": occasion.widget_url or "",
        "former_date": say.weekday_date(former) if former else "",
        "former_time": say.time(former) if former else "",
    }


def colours(accent: str | None) -> Theme:
    """Return the colours of a clinic's accent, or the package's for none or a malformed one."""
    try:
        return theme(accent or PLAIN_ACCENT)
    except ValueError:
        return theme(PLAIN_ACCENT)


def _filled(own: MailText, values: dict[str, str]) -> Letter:
    def fill(text: str, known: dict[str, Any]) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: str(known[found[1]]), text)

    return Letter(
        subject=one_line(fill(own.subject, values)),
        text=short_lines(fill(own.text, values)),
        html=own.html and short_lines(fill(own.html, {k: escape(v) for k, v in values.items()})),
    )


def _rendered(occasion: Occasion, values: dict[str, str]) -> Letter:
    say = words(occasion.lang)
    with speaking(occasion.lang):
        context: dict[str, Any] = {
            **values,
            "tr": say.tr,
            "trn": say.trn,
            "trp": say.trp,
            "w": say,
            "rows": _rows(occasion, values),
            "note": _note(occasion),
            "too_late": _too_late(occasion, values["phone"]),
            "colours": colours(occasion.clinic.accent),
        }

        def part(name: str) -> str:
            # not render_template: the host's context processors may need a request
            found = current_app.jinja_env.get_template(f"logivet_rdv/mail/{occasion.kind}/{name}")
            return found.render(context)

        subject = one_line(part("subject.txt"))
        context["subject"] = subject
        return Letter(subject, short_lines(part("body.txt")), short_lines(part("body.html")))


def _rows(occasion: Occasion, values: dict[str, str]) -> list[tuple[str, str]]:
    """Return the appointment as (label, value) pairs, without those that have no value."""
    say, minutes = words(occasion.lang), occasion.booking.minutes
    length = say.trn("{n} minute", "{n} minutes", minutes)
    place = filter(None, (values["clinic"], values["address"], values["phone"]))
    rows = (
        *_when(occasion),
        (_("Appointment"), f"{values['category']}, {length}"),
        (_("Resource"), values["resource"]),
        (_("Location"), ", ".join(place)),
        (_("Reason"), "" if occasion.former else values["reason"]),
    )
    return [row for row in rows if row[1]]


def _when(occasion: Occasion) -> list[tuple[str, str]]:
    booking = occasion.booking
    now = _range(occasion, Range(booking.starts_at, booking.ends_at))
    if occasion.former is None:
        return [(_("Date"), now)]
    return [(_("New date"), now), (_("Former date"), _range(occasion, occasion.former))]


def _range(occasion: Occasion, span: Range) -> str:
    """Return ``mercredi 18 mars 2026, 13 h 30 à 14 h (heure de l'Est)``."""
    say, zone = words(occasion.lang), occasion.booking.time_zone
    start, end = (local(instant, zone) for instant in span)
    hours = _(
        "{date}, {h1} to {h2}", date=say.weekday_date(start), h1=say.time(start), h2=say.time(end)
    )
    return f"{hours} ({_zone(occasion)})"


def _zone(occasion: Occasion) -> str:
    return words(occasion.lang).zone_name(occasion.booking.time_zone).removesuffix(" Time")


def _note(occasion: Occasion) -> str:
    return words(occasion.lang).trn(
        "Important note: an appointment cannot be cancelled less than {n} hour in advance"
        " using this link.",
        "Important note: an appointment cannot be cancelled less than {n} hours in advance"
        " using this link.",
        occasion.cancel_hours,
    )


def _too_late(occasion: Occasion, phone: str) -> str:
    """Return what a visit too near to be cancelled online needs to say, or nothing."""
    if not occasion.too_late:
        return ""
    say, n = words(occasion.lang), occasion.cancel_hours
    if phone:
        return say.trn(
            "Your appointment is less than {n} hour away, so it cannot be cancelled online."
            " To cancel, call the clinic at {tel}.",
            "Your appointment is less than {n} hours away, so it cannot be cancelled online."
            " To cancel, call the clinic at {tel}.",
            n,
            tel=phone,
        )
    return say.trn(
        "Your appointment is less than {n} hour away, so it cannot be cancelled online."
        " To cancel, call the clinic.",
        "Your appointment is less than {n} hours away, so it cannot be cancelled online."
        " To cancel, call the clinic.",
        n,
    )
