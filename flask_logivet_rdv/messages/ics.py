"""The appointment as a calendar entry (RFC 5545)."""

from datetime import UTC, datetime

from icalendar import Alarm, Calendar, Event, vCalAddress

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.i18n import words
from flask_logivet_rdv.services.bookings import BookingFacts

from .plain import one_address, one_line


def calendar(
    booking: BookingFacts,
    clinic: ClinicFacts,
    lang: str,
    settings: Settings,
    *,
    now: datetime,
    cancelled: bool = False,
) -> bytes:
    """Return a calendar of one entry, in UTC; `now` is an aware instant.

    The same booking always has the same UID, and a SEQUENCE that grows with its version, so that
    `cancelled` takes the entry away. It never holds the cancellation link: calendars are shared.
    """
    made = Calendar()
    made.add("prodid", f"-//{settings.public_host}//flask-logivet-rdv//{lang.upper()}")
    made.add("version", "2.0")
    made.add("method", "CANCEL" if cancelled else "PUBLISH")
    made.add_component(_entry(booking, clinic, lang, settings, now, cancelled))
    return bytes(made.to_ical())


def _entry(
    booking: BookingFacts,
    clinic: ClinicFacts,
    lang: str,
    settings: Settings,
    now: datetime,
    cancelled: bool,
) -> Event:
    say, entry = words(lang), Event()
    what = f"{booking.label('category', lang)} – {one_line(booking.pet_name)}".removesuffix(" – ")
    name = one_line(clinic.name(lang))
    entry.add("uid", f"{booking.id}@{settings.public_host}")
    entry.add("sequence", booking.version - 1)
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", datetime.fromtimestamp(booking.starts_at, UTC))
    entry.add("dtend", datetime.fromtimestamp(booking.ends_at, UTC))
    entry.add("summary", f"{what} ({name})")
    entry.add("location", ", ".join(filter(None, (name, one_address(clinic.address)))))
    if clinic.email:
        entry.add("organizer", _organizer(name, clinic.email))
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if not cancelled:
        how = say.trn(
            "To cancel, use the link in the email, at least {n} hour in advance.",
            "To cancel, use the link in the email, at least {n} hours in advance.",
            settings.min_cancel_hours,
        )
        entry.add("description", how)
        entry.add_component(_reminder(what))
    return entry


def _organizer(name: str, email: str) -> vCalAddress:
    """Return whose entry it is, which RFC 5546 requires of what is published or cancelled."""
    organizer = vCalAddress(f"mailto:{one_line(email)}")
    # a parameter holds no double quote (RFC 5545, 3.2)
    organizer.params["cn"] = name.replace('"', "”")
    return organizer


def _reminder(what: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", what)
    # written out: the library says -P1D, a calendar day, which is 23 or 25 hours when clocks change
    alarm["trigger"] = "-PT24H"
    return alarm
