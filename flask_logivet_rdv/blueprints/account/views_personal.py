"""« Renseignements personnels »: what is held about an address, given and erased (Law 25)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import local, words
from flask_logivet_rdv.messages.mail_words import kind_words
from flask_logivet_rdv.services import person
from flask_logivet_rdv.services.outbox import State
from flask_logivet_rdv.services.person import Holding, Needed, StillNeeded
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.addresses import parse_email
from flask_logivet_rdv.web.text import one_line

from .access import write
from .forms import read_submission
from .layout import Problem, show
from .visit import Visit


@dataclass(frozen=True, slots=True)
class Row:
    """A booking in words: the visit, what its client typed, what they agreed to, what they got."""

    visit: str
    client: str
    typed: Sequence[str]
    consent: str
    mails: Sequence[str]


@dataclass(frozen=True, slots=True)
class Personal:
    """The part of this page: what is held about `address`, and what keeps it from being erased.

    `searched` tells that somebody has asked.
    """

    address: str = ""
    searched: bool = False
    rows: Sequence[Row] = ()
    needed: Sequence[str] = ()


def personal(visit: Visit) -> Response:
    """Ask for an address; show, give or erase what the clinic holds about it.

    The address is in the body of a POST alone, and nothing of it is kept.
    """
    if not visit.may_write:
        return _page(visit, Personal())
    sent = read_submission("save", "show", "download", "erase")
    address = one_line(sent.fields.get("email"))
    problems = list(sent.problems) if sent.fields else []
    try:
        address = parse_email(address) if sent.fields else ""
    except ValueError:
        problems.append(Problem("email", _("Email address is not valid. Example: name@example.ca")))
    if problems or not address:
        return _page(visit, Personal(address), problems=problems)
    if sent.op == "erase":
        return _erase(visit, address)
    found = person.held(state().db.session(), address, visit.account_id)
    if found:
        write(visit, lambda tx: person.note_access(tx, len(found), visit.actor))
    return _download(address, found) if sent.op == "download" else _found(visit, address, found)


def _erase(visit: Visit, address: str) -> Response:
    done = write(visit, lambda tx: person.erase(tx, address, visit.actor))
    if isinstance(done, StillNeeded):
        found = person.held(state().db.session(), address, visit.account_id)
        return _found(visit, address, found)
    say = words(visit.lang)
    flash(say.trn("Erased: {n} appointment", "Erased: {n} appointments", done.bookings), "success")
    return redirect(url_for(".personal"), 303)


def _download(address: str, found: Sequence[Holding]) -> Response:
    told = {"email": address, "bookings": [person.as_json(holding) for holding in found]}
    body = json.dumps(told, ensure_ascii=False, indent=2)
    answer = FlaskResponse(body, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="renseignements.json"'
    return _private(answer)


def _found(visit: Visit, address: str, found: Sequence[Holding]) -> Response:
    here = state()
    now = int(here.clock().timestamp())
    still = person.needed(here.db.session(), address, now, visit.account_id)
    sheet = Personal(
        address,
        searched=True,
        rows=[_row(visit, holding) for holding in found],
        needed=[_needed(visit, one) for one in still],
    )
    return _page(visit, sheet)


def _page(visit: Visit, sheet: Personal, **frame: Any) -> Response:
    title, here = _("Personal information"), url_for(".personal")
    return _private(show(visit, "personal.html", sheet, title=title, here=here, **frame))


def _private(answer: FlaskResponse) -> FlaskResponse:
    """Return an answer that no browser keeps."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _row(visit: Visit, holding: Holding) -> Row:
    say, booking = words(visit.lang), holding.booking
    phone = booking.phone and say.phone(booking.phone)
    names = (booking.label("category", visit.lang), booking.label("species", visit.lang))
    texts = (
        (_("Pet: {text}"), booking.pet_name),
        (_("Reason: {text}"), booking.reason),
        (_("Reason for the cancellation: {text}"), booking.cancel_reason),
    )
    agreed = booking.consent_at.timestamp()
    return Row(
        visit=f"{_moment(visit, booking.starts_at)} – {', '.join(names)}",
        client=", ".join(filter(None, (booking.client_name, phone, booking.email))),
        typed=[words_.format(text=text) for words_, text in texts if text],
        consent=_(
            "{moment}, version {version}",
            moment=_moment(visit, int(agreed)),
            version=booking.consent_version,
        ),
        mails=[
            _("{mail}, {moment}", mail=kind_words(mail.kind), moment=_moment(visit, mail.sent_at))
            for mail in holding.mails
            if mail.state == State.SENT and mail.sent_at is not None
        ],
    )


def _needed(visit: Visit, one: Needed) -> str:
    when = _moment(visit, one.starts_at)
    if one.ahead:
        return _("{moment}: cancel this appointment first.", moment=when)
    return _("{moment}: LogiVet has not received this appointment yet.", moment=when)


def _moment(visit: Visit, instant: int) -> str:
    return words(visit.lang).date_and_time(local(instant, visit.time_zone))
