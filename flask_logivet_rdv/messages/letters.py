"""The wording of a mail: the package's templates, or the clinic's own text from the host."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import escape

from flask_logivet_rdv.host import ClinicFacts, MailText
from flask_logivet_rdv.i18n import dial, local, speaking, words
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.theme import Theme, theme

from .placeholders import IN_BRACES
from .plain import one_address, one_line, short_lines

PLAIN_ACCENT = "#0b6e8f"
NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail tells: a booking as it is now, in a language.

    `kind` is ``confirmation`` or ``cancellation``, or ``moved_by_clinic`` (`former` is the range
    that was left, in UTC seconds), ``cancelled_by_clinic`` or ``reminder``. `too_late` tells that
    the visit is nearer than `cancel_hours`, so that `cancel_url` no longer serves. `widget_url` is
    where another appointment is booked, None while the clinic takes none online.
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


def write(occasion: Occasion, own: MailText | None) -> MailText:
    """Return the mail ready to send, in the clinic's own words where there are any, else in ours.

    The placeholders of the clinic's text are the keys of `placeholders`, in braces, and nothing
    else is looked at: no attribute, no format, no template. Other braces are left alone, and so is
    an unknown name in braces, which `check_mail_text` has refused before. A text that has no words
    left once it is filled gives way to ours.
    """
    values = placeholders(occasion)
    filled = own and _filled(own, values)
    if filled and filled.subject and filled.text.strip():
        return filled
    return _rendered(occasion, values, _note(occasion), _too_late(occasion, values["phone"]))


def wording(occasion: Occasion) -> MailText:
    """Return our own text of such a mail, its placeholders unfilled, as a clinic begins from it."""
    unfilled = {name: f"{{{name}}}" for name in placeholders(occasion)}
    return _rendered(occasion, unfilled, unfilled["cancel_note"])


def placeholders(occasion: Occasion) -> dict[str, str]:
    """Return what a mail may name, as plain text on one line each; see `placeholders.GIVES`.

    Times are in the zone of the booking. What a message has not is empty: a cancelled appointment
    has no ``cancel_url`` nor note, a clinic that takes no bookings online no ``widget_url``, and
    only a move has ``former_*``. The note tells, when it is, that it is too late.
    """
    booking, clinic, say = occasion.booking, occasion.clinic, words(occasion.lang)
    start = local(booking.starts_at, booking.time_zone)
    stands = occasion.cancel_url is not None
    phone = say.phone(one_line(clinic.phone))
    where = (one_line(clinic.name(occasion.lang)), one_address(clinic.address), phone)
    return {
        "name": one_line(booking.client_name, NAME_LENGTH),
        "pet": one_line(booking.pet_name, NAME_LENGTH),
        "reason": one_line(booking.reason),
        "cancel_reason": one_line(booking.cancel_reason),
        **{part: booking.label(part, occasion.lang) for part in booking.labels},
        "duration": say.minutes(booking.minutes),
        "minutes": str(booking.minutes),
        **dict(zip(("clinic", "address", "phone"), where, strict=True)),
        "place": ", ".join(filter(None, where)),
        "day": say.weekday_day(start),
        "short_date": say.plain_date(start),
        "clock": say.clock(start),
        **_span(occasion, "", Range(booking.starts_at, booking.ends_at)),
        **_span(occasion, "former_", occasion.former),
        "cancel_url": occasion.cancel_url or "",
        "cancel_note": " ".join(filter(None, (_note(occasion), _too_late(occasion, phone))))
        if stands
        else "",
        "cancel_hours": str(occasion.cancel_hours) if stands else "",
        "widget_url": occasion.widget_url or "",
    }


def _span(occasion: Occasion, prefix: str, span: Range | None) -> dict[str, str]:
    """Return ``date``, ``time``, ``end_time`` and ``zone`` of a range, empty without one."""
    names, said = ("date", "time", "end_time", "zone"), ("", "", "", "")
    if span is not None:
        say, zone = words(occasion.lang), occasion.booking.time_zone
        start, end = (local(instant, zone) for instant in span)
        zone_name = say.twice(start) or say.zone_name(zone).removesuffix(" Time")
        said = (say.weekday_date(start), say.time(start), say.time(end), zone_name)
    return {prefix + name: text for name, text in zip(names, said, strict=True)}


def colours(accent: str | None) -> Theme:
    """Return the colours of a clinic's accent, or the package's for none."""
    return theme(accent or PLAIN_ACCENT)


def _filled(own: MailText, values: dict[str, str]) -> MailText:
    def fill(text: str, known: dict[str, Any]) -> str:
        return IN_BRACES.sub(lambda found: str(known.get(found[1], found[0])), text)

    escaped = {name: escape(text) for name, text in values.items()}
    return MailText(
        subject=one_line(fill(own.subject, values)),
        text=short_lines(fill(own.text, values)),
        html=short_lines(fill(_dialled(own.html, values), escaped))
        if own.html and own.html.strip()
        else None,
    )


def _dialled(html: str, values: dict[str, str]) -> str:
    """Return a clinic's HTML whose links to its phone hold what a telephone dials."""
    return html.replace("tel:{phone}", f"tel:{dial(values['phone'])}")


def _rendered(
    occasion: Occasion, values: dict[str, str], note: str, too_late: str = ""
) -> MailText:
    say = words(occasion.lang)
    with speaking(occasion.lang):
        context: dict[str, Any] = {
            **values,
            "tr": say.tr,
            "trn": say.trn,
            "trp": say.trp,
            "w": say,
            "rows": _rows(values, moved=occasion.former is not None),
            "note": note,
            "too_late": too_late,
            "colours": colours(occasion.clinic.accent),
        }

        def part(name: str) -> str:
            # not render_template: the host's context processors may need a request
            found = current_app.jinja_env.get_template(f"logivet_rdv/mail/{occasion.kind}/{name}")
            return found.render(context)

        subject = one_line(part("subject.txt"))
        context["subject"] = subject
        return MailText(subject, short_lines(part("body.txt")), short_lines(part("body.html")))


def _rows(values: dict[str, str], *, moved: bool) -> list[tuple[str, str]]:
    """Return the appointment as (label, value) pairs, without those that have no value."""
    now = _range(values, "")
    when = [(_("Date"), now)]
    if moved:
        when = [(_("New date"), now), (_("Former date"), _range(values, "former_"))]
    rows = (
        *when,
        (_("Appointment"), f"{values['category']}, {values['duration']}"),
        (_("Resource"), values["resource"]),
        (_("Location"), values["place"]),
        (_("Reason"), "" if moved else values["reason"]),
    )
    return [row for row in rows if row[1]]


def _range(values: dict[str, str], prefix: str) -> str:
    """Return ``mercredi 18 mars 2026, 13 h 30 à 14 h (heure de l'Est)``."""
    date, h1, h2 = (values[prefix + name] for name in ("date", "time", "end_time"))
    return f"{_('{date}, {h1} to {h2}', date=date, h1=h1, h2=h2)} ({values[prefix + 'zone']})"


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
