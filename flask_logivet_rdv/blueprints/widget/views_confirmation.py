"""W3: the appointment is booked; where and when, and how to put it in one's calendar."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Response

from flask_logivet_rdv import jobs
from flask_logivet_rdv.i18n import language, words
from flask_logivet_rdv.messages import ics
from flask_logivet_rdv.scheduling.rules import cancellable
from flask_logivet_rdv.services.bookings import BookingFacts, booking_for_confirmation
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.reading import session_to_read
from flask_logivet_rdv.web.tokens import sign_draft

from .entry import Visit, turn_away, visit_of
from .zones import spoken_range

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"


def confirmation(token: str) -> Response:
    """Show a booking to whom has just made it, until the visit."""
    booking, visit = _find(token)
    here, speech = state(), words(visit.lang)
    again = {
        "name": booking.client_name or "",
        "email": booking.email or "",
        "phone": speech.phone(booking.phone or ""),
    }
    return visit.page(
        "confirmation.html",
        booking=booking,
        about={part: booking.label(part, visit.lang) for part in ("species", "category")},
        token=token,
        when=spoken_range(speech, booking.starts_at, booking.ends_at, booking.time_zone),
        cancellable=cancellable(booking.starts_at, here.clock(), here.settings.rules) is None,
        mail_late=jobs.confirmation_is_late(booking.account_id, booking.id),
        calendars={} if booking.cancelled else _calendars(booking, visit),
        again=sign_draft(again),
    )


def calendar(token: str) -> Response:
    """Return the booking as a calendar file."""
    booking, visit = _find(token)
    here = state()
    body = ics.calendar(
        booking,
        visit.facts,
        visit.lang,
        here.settings,
        now=here.clock(),
        cancelled=booking.cancelled,
    )
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="rendez-vous.ics"'
    return answer


def _find(token: str) -> tuple[BookingFacts, Visit]:
    """Return the booking of a token and its widget; abort with one page for all that is none."""
    here = state()
    booking = booking_for_confirmation(session_to_read(), token)
    if booking is None or booking.starts_at <= here.clock().timestamp():
        turn_away("gone", 404)
    visit = visit_of(booking.account_id, language(booking.language))
    if visit is None:
        turn_away("gone", 404)
    return booking, visit


def _calendars(booking: BookingFacts, visit: Visit) -> dict[str, str]:
    """Return links that fill a new event, by the service's name; nothing personal is in them."""
    start, end = (datetime.fromtimestamp(t, UTC) for t in (booking.starts_at, booking.ends_at))
    title = f"{booking.label('category', visit.lang)} – {visit.facts.name(visit.lang)}"
    place = visit.facts.address or visit.facts.name(visit.lang)
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{start:%Y%m%dT%H%M%SZ}/{end:%Y%m%dT%H%M%SZ}",
        "location": place,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "location": place,
    }
    return {
        "Google": f"{GOOGLE}?{urlencode(google)}",
        "Outlook.com": f"{OUTLOOK}?{urlencode(outlook)}",
    }
