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
from flask_logivet_rdv.services.booking import (
    AlreadyBooked,
    Booked,
    BookingForm,
    Consent,
    Refused,
    Unbookable,
    book,
)
from flask_logivet_rdv.services.bookings import booking_for_confirmation, token_hash
from flask_logivet_rdv.services.offering import bookable_offers, bookable_slots
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.limits import client_bucket, hit
from flask_logivet_rdv.web.privacy import email_key
from flask_logivet_rdv.web.tokens import (
    FormToken,
    confirmation_token,
    new_form_token,
    read_draft,
    read_form_token,
)

from .entry import Visit, enter, notice, parsed_id
from .forms import DetailsForm, parse_email, parse_phone, typed
from .reading import read_start, read_wish
from .sheet import Alert, Sheet, failed
from .views_choose import choosing, lists_of

CONSENT_VERSION = "2026-01"
"""Grows with every change of the consent's text in any language."""
ALERTS = {
    Refusal.TAKEN: Alert.TAKEN,
    Refusal.TOO_SOON: Alert.TOO_SOON,
    Refusal.TOO_FAR: Alert.TOO_FAR,
    Unbookable.GONE: Alert.GONE,
    Unbookable.OFF: Alert.OFF,
    Unbookable.TOO_MANY: Alert.TOO_MANY,
}
log = logging.getLogger(__name__)


def details() -> ResponseReturnValue:
    """Show the form for a chosen time; without one, the calendar says so."""
    return _open(enter(), request.args, {})


def reserve() -> ResponseReturnValue:
    """Book what a filled form asks; a draft from the calendar only opens the form again."""
    visit = enter()
    if "draft" in request.form and "token" not in request.form:
        return _open(visit, request.form, typed(read_draft(request.form["draft"])))
    form = _posted(visit.id)
    try:
        return _reserve(visit, form)
    except SQLAlchemyError as error:
        _forget(error)
        return failed(visit, form)


def unavailable(error: SQLAlchemyError) -> Response:
    """Answer when the database does not; what was typed is not lost."""
    _forget(error)
    widget_id = parsed_id(request.values.get("widgetId"))
    if request.endpoint == "rdv_widget.reserve" and widget_id:
        return failed(None, _posted(widget_id))
    return notice("error", 503)


def _open(visit: Visit, fields: Mapping[str, str], draft: Mapping[str, str]) -> Response:
    """Show an empty form, or the draft's, for the start in the fields, if it can be booked."""
    here, wish, chosen = state(), read_wish(fields), read_start(fields.get("start"))
    offers = bookable_offers(here.db.session(), visit.id)
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
    free = bookable_slots(here.db.session(), visit.account, triple, now, rules)
    window = limits.window(now, zone(visit.time_zone), rules)
    return limits.bookable(Range(start, start + triple.minutes * 60), free=free, window=window)


def _reserve(visit: Visit, form: DetailsForm) -> ResponseReturnValue:
    wish, chosen = read_wish(request.form), read_start(request.form.get("start"))
    if chosen and chosen[1]:
        wish = replace(wish, resource=chosen[1])
    sheet = Sheet(visit, form, wish, chosen[0] if chosen else None)
    with speaking(visit.lang):
        valid = form.validate()
    if not valid or sheet.start is None:
        return sheet.show(422)
    token = form.carried
    if form.website.data or _now() - token.made_at < state().settings.form_min_age:
        return sheet.show(422, Alert.SLOW)
    wait = _wait(visit, token)
    if wait is not None:
        answer = sheet.show(429, Alert.SLOW)
        answer.headers["Retry-After"] = str(wait)
        return answer
    return _answer(sheet, _book(sheet, sheet.start, token), token)


def _wait(visit: Visit, token: FormToken) -> int | None:
    """Count a booking against the limits; a form that is sent again is not counted again."""
    here = state()
    made = confirmation_token(token.booking_key)
    if booking_for_confirmation(here.db.session(), made) is not None:
        return None
    waits = (
        hit(here.settings.limit_bookings, "bookings", client_bucket(request)),
        hit(here.settings.limit_widget, "widget", str(visit.id)),
    )
    return max((seconds for seconds in waits if seconds), default=None)


def _book(sheet: Sheet, start: int, token: FormToken) -> Booked | AlreadyBooked | Refused:
    wish, form, lang = sheet.wish, sheet.form, sheet.visit.lang
    if not (wish.species and wish.category and wish.resource):
        return Refused(Unbookable.GONE)
    email = parse_email(form.email.data or "")
    asked = BookingForm(
        booking_key=token.booking_key,
        confirmation_sha256=token_hash(confirmation_token(token.booking_key)),
        species=wish.species,
        category=wish.category,
        resource=wish.resource,
        start=start,
        name=form.name.data or "",
        email=email,
        email_key=email_key(email),
        pet_name=form.pet_name.data or "",
        phone=parse_phone(form.phone.data or ""),
        reason=form.reason.data or "",
        language=lang,
        consent=Consent(CONSENT_VERSION, lang, form.consent_text(lang)),
    )
    return transact(jobs.desk(), sheet.visit.id, lambda tx: book(tx, asked))


def _answer(
    sheet: Sheet, result: Booked | AlreadyBooked | Refused, token: FormToken
) -> ResponseReturnValue:
    if isinstance(result, Refused):
        alert = ALERTS[result.reason]
        return sheet.show(429 if alert is Alert.TOO_MANY else 409, alert)
    if isinstance(result, AlreadyBooked) and not result.same:
        form = _filled(new_form_token(sheet.visit.id, _now()))
        return replace(sheet, form=form).show(409, Alert.USED)
    theme = sheet.visit.keep.get("theme")
    made = confirmation_token(token.booking_key)
    return redirect(url_for(".confirmation", token=made, theme=theme), 303)


def _posted(widget_id: uuid.UUID) -> DetailsForm:
    """Return the form that was posted, with its own token, or a fresh one if it is not ours.

    A form that sends a field twice is not ours: none of our pages does.
    """
    once = all(len(values) == 1 for values in request.form.listvalues())
    token = read_form_token(request.form.get("token", ""), widget_id) if once else None
    return _filled(token or new_form_token(widget_id, _now()))


def _filled(token: FormToken) -> DetailsForm:
    return DetailsForm(request.form, meta={"csrf_context": token})


def _blank(token: FormToken, draft: Mapping[str, str]) -> DetailsForm:
    return DetailsForm(data=draft, meta={"csrf_context": token})


def _now() -> int:
    return int(state().clock().timestamp())


def _forget(error: SQLAlchemyError) -> None:
    log.error("A page of the widget failed (%s).", type(error).__name__)
    with suppress(SQLAlchemyError):
        state().db.session.rollback()
