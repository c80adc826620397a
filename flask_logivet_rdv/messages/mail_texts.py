"""For the portal's page « Gabarits de courriel »: the messages, our texts of them, a preview."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_logivet_rdv.host import MailText
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import language, speaking
from flask_logivet_rdv.models import CANCELLED, CONFIRMED
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.services.accounts import account_of_clinic
from flask_logivet_rdv.services.bookings import BookingFacts
from flask_logivet_rdv.services.by_clinic import MOVED_BY_CLINIC
from flask_logivet_rdv.state import state

from .letters import Occasion, wording, write
from .mail_words import kind_words
from .placeholders import GIVES, MESSAGES, STANDING, names

HALF_HOUR_S, DAY_S = 1800, 86_400
NOBODY = uuid.UUID(int=0)


def mail_messages(locale: str) -> dict[str, str]:
    """Return the messages that a clinic may word, with their names in a language."""
    with speaking(language(locale)):
        return {message: kind_words(message) for message in MESSAGES}


def mail_placeholders(message: str, locale: str) -> dict[str, str]:
    """Return what a text of a message may name in braces, and what each gives, in a language."""
    with speaking(language(locale)):
        return {name: str(GIVES[name]) for name in names(message)}


def default_mail_text(clinic_id: Any, message: str, locale: str) -> MailText:
    """Return our own text of a message, with its placeholders, for a clinic to begin from.

    It is the very text that is sent where the host has none, and in the clinic's colour. Needs an
    application context. Raises LookupError when the host does not know the clinic.
    """
    return wording(_sample(clinic_id, message, language(locale)))


def preview_mail_text(
    clinic_id: Any, message: str, locale: str, own: MailText | None = None
) -> MailText:
    """Return a message as a client would receive it: a clinic's own text, or ours, for None.

    The appointment is invented. `own` need not be right: what is not understood is left as it is.
    Its HTML is to be shown where nothing runs. Needs an application context. Raises LookupError
    when the host does not know the clinic.
    """
    return write(_sample(clinic_id, message, language(locale)), own)


def _sample(clinic_id: Any, message: str, lang: str) -> Occasion:
    here = state()
    clinic, now, stands = here.facts(clinic_id), here.clock(), message in STANDING
    start = _in_a_week(now, clinic.time_zone)
    settings, account = here.settings, account_of_clinic(here.db.session(), clinic_id)
    return Occasion(
        kind=message,
        booking=_booking(start, clinic.time_zone, lang, now, cancelled=not stands),
        clinic=clinic,
        lang=lang,
        cancel_url=settings.cancel_url("exemple") if stands else None,
        too_late=False,
        cancel_hours=settings.min_cancel_hours,
        former=_half_hour(start - DAY_S) if message == MOVED_BY_CLINIC else None,
        widget_url=settings.widget_url(account.id if account else NOBODY, lang),
    )


def _in_a_week(now: datetime, zone_name: str) -> int:
    """Return 13:30 at the clinic, a week from `now`, as UTC seconds."""
    day = now.astimezone(zone(zone_name)) + timedelta(days=7)
    return int(day.replace(hour=13, minute=30, second=0, microsecond=0).timestamp())


def _half_hour(start: int) -> Range:
    return Range(start, start + HALF_HOUR_S)


def _booking(
    start: int, zone_name: str, lang: str, now: datetime, *, cancelled: bool
) -> BookingFacts:
    span, at = _half_hour(start), now.astimezone(UTC)
    with speaking(lang):
        labels = {
            "category": {lang: _("Exam")},
            "species": {lang: _("Canine")},
            "resource": {lang: "Dr John Dolittle"},
        }
        reason, cancel_reason = _("Annual vaccination"), _("Dr John Dolittle is away that day")
    return BookingFacts(
        account_id=NOBODY,
        id=NOBODY,
        version=1,
        status=CANCELLED if cancelled else CONFIRMED,
        resource_id=NOBODY,
        species_id=NOBODY,
        category_id=NOBODY,
        resource_ref="",
        category_ref="",
        species_ref="",
        starts_at=span.start,
        ends_at=span.end,
        time_zone=zone_name,
        language=lang,
        labels=labels,
        client_name="Camille Tremblay",
        email="camille@example.com",
        phone="+15145550134",
        pet_name="Tom",
        reason=reason,
        booked_at=at,
        consent_at=at,
        consent_version="",
        consent_locale=lang,
        cancelled_at=at if cancelled else None,
        cancelled_by=None,
        cancel_reason=cancel_reason if cancelled else None,
    )
