"""« Courriels non livrés »: what the clinic's clients were not told, and telling them again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import local, words
from flask_logivet_rdv.messages.delivery import still_right
from flask_logivet_rdv.messages.mail_words import error_words, kind_words
from flask_logivet_rdv.services.bookings import BookingFacts, read_bookings
from flask_logivet_rdv.services.outbox import retry
from flask_logivet_rdv.services.undelivered import Undelivered, undelivered
from flask_logivet_rdv.state import state

from .access import write
from .forms import read_submission
from .layout import show
from .visit import Visit

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A mail in words: what it is, of which visit, for whom, how it stands and why.

    `again` tells whether it can be sent once more, `over` that it no longer makes sense.
    """

    id: uuid.UUID
    kind: str
    visit: str
    client: str
    standing: str
    why: str
    given_up: bool
    again: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Mails:
    """The part of this page; `more` tells that not all are shown."""

    rows: Sequence[Row]
    more: bool


def mails(visit: Visit) -> Response:
    """Show the mails that were given up, and those tried in vain so far."""
    return _mails(visit)


def again(visit: Visit, mail_id: uuid.UUID) -> Response:
    """Put a mail that was given up back to be sent, and go back to the list."""
    sent = read_submission("save")
    if sent.problems:
        return _mails(visit, problems=sent.problems)
    if write(visit, lambda tx: retry(tx, mail_id, visit.actor)):
        flash(_("The email is being sent again."), "success")
    return redirect(url_for(".mails"), 303)


def _mails(visit: Visit, **frame: Any) -> Response:
    here = state()
    session, now = here.db.session(), here.clock()
    found = undelivered(session, visit.account_id, limit=MOST_SHOWN + 1)
    bookings = read_bookings(session, visit.account_id, [mail.booking_id for mail in found])
    rows = [_row(visit, mail, bookings[mail.booking_id], now) for mail in found[:MOST_SHOWN]]
    sheet = Mails(rows, more=len(found) > MOST_SHOWN)
    title, address = _("Undelivered emails"), url_for(".mails")
    return show(visit, "mails.html", sheet, title=title, here=address, **frame)


def _row(visit: Visit, mail: Undelivered, booking: BookingFacts, now: datetime) -> Row:
    say = words(visit.lang)
    phone = booking.phone and say.phone(booking.phone)
    right = still_right(mail.kind, booking, now)
    return Row(
        id=mail.id,
        kind=kind_words(mail.kind),
        visit=_visit_words(visit, booking),
        client=", ".join(filter(None, (booking.client_name, phone, booking.email))),
        standing=_standing(visit, mail, now),
        why=error_words(mail.error),
        given_up=mail.given_up,
        again=mail.given_up and right and visit.may_write,
        over=not right,
    )


def _visit_words(visit: Visit, booking: BookingFacts) -> str:
    say, start = words(visit.lang), local(booking.starts_at, booking.time_zone)
    names = (booking.label("category", visit.lang), booking.pet_name)
    return f"{say.date_and_time(start)} – {', '.join(filter(None, names))}"


def _standing(visit: Visit, mail: Undelivered, now: datetime) -> str:
    say = words(visit.lang)
    moment = say.date_and_time(local(mail.at, visit.time_zone))
    tried = say.trn("{n} attempt", "{n} attempts", mail.attempts)
    if mail.given_up:
        return _("Given up on {moment} ({attempts})", moment=moment, attempts=tried)
    if mail.at <= now.timestamp():
        return _("To be tried again shortly ({attempts} in vain)", attempts=tried)
    return _("Next attempt on {moment} ({attempts} in vain)", moment=moment, attempts=tried)
