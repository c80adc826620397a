"""W2: the owner's details, and the booking itself (S82–S89)."""

import logging
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from flask_logivet_rdv import jobs
from flask_logivet_rdv.i18n import speaking, words
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.scheduling.rules import Refusal
from flask_logivet_rdv.services.availability import bookable_slots
from flask_logivet_rdv.services.booking import (
    AlreadyBooked,
    Booked,
    Refused,
    Unbookable,
    book,
)
from flask_logivet_rdv.services.booking_form import BookingForm, Consent
from flask_logivet_rdv.services.bookings import token_hash
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from flask_logivet_rdv.telemetry import tell
from flask_logivet_rdv.web.limits import client_bucket, hit
from flask_logivet_rdv.web.privacy import email_key
from flask_logivet_rdv.web.reading import offered
from flask_logivet_rdv.web.tokens import (
    FormToken,
    confirmation_token,
    new_form_token,
    read_draft,
)

from .entry import Visit, enter, known_visit, parsed_id, sent_form, trouble
from .forms import DetailsForm, consent_text, typed
from .lists import lists_of
from .reading import read_start, read_wish
from .sheet import Alert, Sheet, failed
from .views_choose import choosing

CONSENT_VERSION = "2026-01"
"""Grows with every change of the consent's text in any language."""
ALERTS = {
    Refusal.TAKEN: Alert.TAKEN,
    Refusal.TOO_SOON: Alert.TOO_SOON,
    Refusal.TOO_FAR: Alert.TOO_FAR,
    Unbookable.GONE: Alert.GONE,
    Unbookable.OFF: Alert.OFF,
    Unbookable.MANY_AHEAD: Alert.MANY_AHEAD,
    Unbookable.MANY_TODAY: Alert.MANY_TODAY,
    Unbookable.MANY_BY_PHONE: Alert.MANY_BY_PHONE,
}
CAPS = frozenset({Unbookable.MANY_AHEAD, Unbookable.MANY_TODAY, Unbookable.MANY_BY_PHONE})
A_DAY_S = 86_400
"""What a cap tells to wait: always the same, or it would tell when somebody's bookings are."""
log = logging.getLogger(__name__)


def details() -> ResponseReturnValue:
    """Show the form for a chosen time; without one, the calendar says so.

    The script leaves the token of a form that was sent in the address it was filled at: who comes
    back there has booked, and the time is not taken from them by somebody else.
    """
    visit = enter()
    if visit.form and visit.booked:
        return _to_confirmation(visit, visit.form)
    return _open(visit, request.args, {})


def reserve() -> ResponseReturnValue:
    """Book what a filled form asks; a draft from the calendar only opens the form again."""
    visit = enter()
    if "draft" in request.form and "token" not in request.form:
        return _open(visit, request.form, typed(read_draft(request.form["draft"])))
    return _reserve(visit, _posted(visit.id, visit.form))


def unavailable(error: SQLAlchemyError) -> Response:
    """Answer when the database does not; what was typed is not lost."""
    log.error("A page of the widget failed (%s).", type(error).__name__)
    with suppress(SQLAlchemyError):
        state().db.session.rollback()
    return _fault(503)


def broken(_: Exception) -> Response:
    """Answer a fault of our own; what was typed is not lost."""
    return _fault(500)


def _open(visit: Visit, fields: Mapping[str, str], draft: Mapping[str, str]) -> Response:
    """Show an empty form, or the draft's, for the start in the fields, if it can be booked."""
    wish, chosen = read_wish(fields), read_start(fields.get("start"))
    offers = offered(visit.account)
    lists = lists_of(offers, wish, words(visit.lang))
    triple = lists.triple
    if triple is None or lists.chosen.dropped or not visit.account.subscribed(_now()):
        return choosing(visit, fields, draft=draft)
    if chosen is None:
        return choosing(visit, fields, draft=draft, no_time=True)
    wish = replace(wish, species=triple.species, category=triple.category, resource=triple.resource)
    form = _blank(new_form_token(visit.id, _now()), draft)
    refusal = _refusal(visit, triple, chosen[0])
    sheet = Sheet(visit, form, wish, chosen[0])
    return sheet.show(409, ALERTS[refusal]) if refusal else sheet.show()


def _refusal(visit: Visit, triple: Triple, start: int) -> Refusal | None:
    """Return why a start cannot be booked now; the POST decides again, under the lock."""
    here, now = state(), state().clock()
    rules = here.settings.rules
    free = bookable_slots(state().db, visit.account, triple, now, rules)
    window = limits.window(now, zone(visit.time_zone), rules)
    return limits.bookable(Range(start, start + triple.minutes * 60), free=free, window=window)


def _reserve(visit: Visit, form: DetailsForm) -> ResponseReturnValue:
    fields = request.form.to_dict()
    wish, chosen = read_wish(fields), read_start(fields.get("start"))
    if chosen and chosen[1]:
        wish = replace(wish, resource=chosen[1])
    sheet = Sheet(visit, form, wish, chosen[0] if chosen else None)
    with speaking(visit.lang):
        valid = form.validate()
    if not valid or sheet.start is None:
        tell("booking", "invalid", visit.id)
        return sheet.show(422)
    token = form.carried
    if form.website.data or _now() - token.made_at < state().settings.form_min_age:
        tell("booking", "robot", visit.id)
        return sheet.show(422, Alert.QUICK)
    limit = _limit_reached(visit)
    if limit is not None:
        tell("booking", limit[0].value, visit.id)
        return sheet.wait(*limit)
    result = _book(sheet, sheet.start, token)
    _tell(visit, result)
    return _answer(sheet, result, token)


def _limit_reached(visit: Visit) -> tuple[Alert, int] | None:
    """Count a booking against the limits; return the words and the wait of one that is reached.

    A form that is sent again is not counted again. What an address sends above its own limit is
    not counted for the widget, or one address could close it to all.
    """
    settings, address = state().settings, client_bucket(request)
    if visit.booked:
        return None
    if wait := hit(settings.limit_bookings, "bookings", address):
        return Alert.MANY_HERE, wait
    if wait := hit(settings.limit_widget, "widget", str(visit.id)):
        return Alert.MANY_FOR_CLINIC, wait
    return None


def _book(sheet: Sheet, start: int, token: FormToken) -> Booked | AlreadyBooked | Refused:
    wish, form, lang = sheet.wish, sheet.form, sheet.visit.lang
    if not (wish.species and wish.category and wish.resource):
        return Refused(Unbookable.GONE)
    asked = BookingForm(
        booking_key=token.booking_key,
        confirmation_sha256=token_hash(confirmation_token(token.booking_key)),
        species=wish.species,
        category=wish.category,
        resource=wish.resource,
        start=start,
        name=form.name.data or "",
        email=form.address,
        email_key=email_key(form.address),
        pet_name=form.pet_name.data or "",
        phone=form.number,
        reason=form.reason.data or "",
        language=lang,
        consent=Consent(CONSENT_VERSION, lang, consent_text(lang)),
    )
    return transact(jobs.desk(), sheet.visit.id, lambda tx: book(tx, asked), agenda=True)


def _tell(visit: Visit, result: Booked | AlreadyBooked | Refused) -> None:
    if isinstance(result, Refused):
        tell("booking", result.reason.value, visit.id)
        return
    again = "again" if isinstance(result, AlreadyBooked) else "booked"
    tell("booking", again, visit.id, booking=result.booking_id)


def _answer(
    sheet: Sheet, result: Booked | AlreadyBooked | Refused, token: FormToken
) -> ResponseReturnValue:
    if isinstance(result, Refused):
        alert = ALERTS[result.reason]
        return sheet.wait(alert, A_DAY_S) if result.reason in CAPS else sheet.show(409, alert)
    if isinstance(result, AlreadyBooked) and not result.same:
        form = _filled(new_form_token(sheet.visit.id, _now()))
        return replace(sheet, form=form).show(409, Alert.USED)
    return _to_confirmation(sheet.visit, token)


def _to_confirmation(visit: Visit, token: FormToken) -> ResponseReturnValue:
    made, theme = confirmation_token(token.booking_key), visit.keep.get("theme")
    return redirect(url_for(".confirmation", token=made, theme=theme), 303)


def _posted(widget_id: uuid.UUID, token: FormToken | None) -> DetailsForm:
    """Return the form that was posted, with its own token, or a fresh one if it is not ours.

    A form that sends a field twice is not ours: none of our pages does.
    """
    once = all(len(values) == 1 for values in request.form.listvalues())
    return _filled(token if once and token else new_form_token(widget_id, _now()))


def _filled(token: FormToken) -> DetailsForm:
    return DetailsForm(request.form, meta={"csrf_context": token})


def _blank(token: FormToken, draft: Mapping[str, str]) -> DetailsForm:
    return DetailsForm(data=draft, meta={"csrf_context": token})


def _now() -> int:
    return int(state().clock().timestamp())


def _fault(status: int) -> Response:
    widget_id = parsed_id(request.values.get("widgetId"))
    if request.endpoint == "rdv_widget.reserve" and "token" in request.form and widget_id:
        return failed(known_visit(), _posted(widget_id, sent_form(widget_id)), status)
    return trouble(status)
