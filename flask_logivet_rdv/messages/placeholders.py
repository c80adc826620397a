"""What a clinic's own text of a mail may name in braces, message by message, and what it gives."""

import re
from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from flask_logivet_rdv.i18n import lazy_gettext
from flask_logivet_rdv.services.booking import CONFIRMATION
from flask_logivet_rdv.services.by_clinic import CANCELLED_BY_CLINIC, MOVED_BY_CLINIC
from flask_logivet_rdv.services.cancelling import CANCELLATION
from flask_logivet_rdv.services.reminding import REMINDER

IN_BRACES = re.compile(r"\{(\w+)\}")
"""A placeholder, or what looks like one."""
MESSAGES = (CONFIRMATION, REMINDER, MOVED_BY_CLINIC, CANCELLED_BY_CLINIC, CANCELLATION)
STANDING = frozenset({CONFIRMATION, REMINDER, MOVED_BY_CLINIC})
"""The messages of an appointment that stands: they offer its cancellation (S91-S93)."""

GIVES: Mapping[str, LazyString] = {
    "name": lazy_gettext("the client's name"),
    "pet": lazy_gettext("the pet's name"),
    "reason": lazy_gettext("the reason for the appointment, as the client typed it"),
    "cancel_reason": lazy_gettext("the reason for the cancellation, as it was typed"),
    "species": lazy_gettext("the species: Canine"),
    "category": lazy_gettext("the category: Exam"),
    "resource": lazy_gettext("the resource: Dr John Dolittle"),
    "duration": lazy_gettext("the duration: 30 minutes"),
    "minutes": lazy_gettext("the duration in minutes, as a number: 30"),
    "clinic": lazy_gettext("the clinic's name"),
    "address": lazy_gettext("the clinic's address"),
    "phone": lazy_gettext("the clinic's phone number"),
    "place": lazy_gettext("the clinic's name, address and phone number"),
    "date": lazy_gettext("the date: Wednesday, March 18, 2026"),
    "day": lazy_gettext("the date without its year: Wednesday, March 18"),
    "short_date": lazy_gettext("the date without its weekday: March 18, 2026"),
    "time": lazy_gettext("the time at which it begins: 1:30 p.m."),
    "end_time": lazy_gettext("the time at which it ends: 2:00 p.m."),
    "clock": lazy_gettext("the time at which it begins, in 24 hours: 13:30"),
    "zone": lazy_gettext("the time zone: Eastern"),
    "former_date": lazy_gettext("the date before the move: Tuesday, March 17, 2026"),
    "former_time": lazy_gettext("the time at which it began before the move: 10:00 a.m."),
    "former_end_time": lazy_gettext("the time at which it ended before the move: 10:30 a.m."),
    "former_zone": lazy_gettext("the time zone before the move: Eastern"),
    "cancel_url": lazy_gettext("the address of the page where the client cancels"),
    "cancel_note": lazy_gettext(
        "the note on how long before the appointment it can be cancelled online"
    ),
    "cancel_hours": lazy_gettext("the number of hours of that note: 24"),
    "widget_url": lazy_gettext("the address where another appointment is booked online"),
}
_OF_SOME: Mapping[str, frozenset[str]] = {
    "cancel_reason": frozenset({CANCELLATION, CANCELLED_BY_CLINIC}),
    "former_date": frozenset({MOVED_BY_CLINIC}),
    "former_time": frozenset({MOVED_BY_CLINIC}),
    "former_end_time": frozenset({MOVED_BY_CLINIC}),
    "former_zone": frozenset({MOVED_BY_CLINIC}),
    "cancel_url": STANDING,
    "cancel_note": STANDING,
    "cancel_hours": STANDING,
}


def names(message: str) -> tuple[str, ...]:
    """Return the placeholders that say something in a message."""
    return tuple(name for name in GIVES if message in _OF_SOME.get(name, MESSAGES))
