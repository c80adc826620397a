"""What a mailed cancellation link shows and does (S91–S96): GET, HEAD and OPTIONS never write."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.i18n import dial, language
from flask_logivet_rdv.scheduling.rules import Refusal, cancellable
from flask_logivet_rdv.services.accounts import account_row
from flask_logivet_rdv.services.bookings import BookingFacts, booking_for_link
from flask_logivet_rdv.services.cancelling import BY_CLIENT, CannotCancel, cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from flask_logivet_rdv.telemetry import tell
from flask_logivet_rdv.web.limits import client_bucket, hit, minutes, told_to_wait
from flask_logivet_rdv.web.origin import same_origin
from flask_logivet_rdv.web.pages import browsers_language, public_page
from flask_logivet_rdv.web.reading import session_to_read

from .forms import MAX_REASON, CancelForm, Problem, read_form

log = logging.getLogger(__name__)


class Standing(StrEnum):
    """How a booking stands towards a cancellation by its owner."""

    OPEN = "open"
    LATE = "late"
    PAST = "past"
    ALREADY = "already"
    BY_CLINIC = "clinic"


@dataclass(frozen=True, slots=True)
class Visit:
    """The booking of a link and its clinic, as plain values, which outlive a rollback."""

    booking: BookingFacts
    clinic: ClinicFacts

    @property
    def lang(self) -> str:
        """Return the language in which the booking was made."""
        return language(self.booking.language)

    @property
    def standing(self) -> Standing:
        """Return how it stands now; only the lock of `cancel_by_client` makes it certain."""
        if self.booking.cancelled:
            by_client = self.booking.cancelled_by == BY_CLIENT
            return Standing.ALREADY if by_client else Standing.BY_CLINIC
        here = state()
        refusal = cancellable(self.booking.starts_at, here.clock(), here.settings.rules)
        return _refused(refusal) if refusal else Standing.OPEN


def limited() -> Response | None:
    """Refuse an address that asks too often; static files are not counted."""
    if request.endpoint == "rdv_cancellation.static":
        return None
    settings, address = state().settings, client_bucket(request)
    if wait := hit(settings.limit_pages, "pages", address):
        return told_to_wait(_notice("slow", 429), wait)
    if wait := hit(settings.limit_cancels, "cancels", address):
        return told_to_wait(_notice("many", 429, minutes=minutes(wait)), wait)
    return None


def show(token: str) -> ResponseReturnValue:
    """Show the booking of a link: its form, or why it has none."""
    visit = _find(token)
    if visit is None:
        return unknown()
    standing = visit.standing
    if standing is Standing.OPEN:
        return _told("kept", visit) if "keep" in request.args else _form(CancelForm(token), visit)
    if standing is Standing.ALREADY and "done" in request.args:
        return _told("done", visit)
    return _told(standing, visit)


def cancel(token: str) -> ResponseReturnValue:
    """Cancel the booking of a link for a reason; a second time changes and sends nothing."""
    visit = _find(token)
    if visit is None:
        return unknown()
    standing = visit.standing
    if standing is Standing.OPEN:
        form = read_form(token, request)
        if not same_origin(request):
            form = CancelForm(token, problem=Problem.FOREIGN)
        if form.problem:
            return _form(form, visit)
        standing = _cancelled(visit.booking, form.reason)
    if standing in {Standing.LATE, Standing.PAST}:
        return _told(standing, visit, 409)
    return redirect(url_for(".show", token=token, done=1), 303)


def unavailable(error: Exception) -> Response:
    """Answer while the database fails, keeping what was typed."""
    log.error("A cancellation page failed (%s).", type(error).__name__)
    with suppress(SQLAlchemyError):
        state().db.session.rollback()
    if request.method != "POST" or request.view_args is None:
        return _notice("error", 503)
    form = read_form(request.view_args["token"], request)
    return _form(replace(form, problem=Problem.FAILED), None)


def broken(_: Exception) -> Response:
    """Answer a fault of our own."""
    return _notice("error", 500)


def unknown() -> Response:
    """Answer for a link that is unknown, damaged or whose booking was blanked: all the same."""
    return _notice("unknown", 404)


def _cancelled(booking: BookingFacts, reason: str) -> Standing:
    """Cancel a booking, and return how it stands then."""
    outcome = transact(
        jobs.desk(),
        booking.account_id,
        lambda tx: cancel_by_client(tx, booking.id, reason),
        agenda=True,
    )
    if isinstance(outcome, CannotCancel):
        said, standing = outcome.reason.value, _refused(outcome.reason)
    else:
        said, standing = "done" if outcome.now else "again", Standing.ALREADY
    tell("cancellation", said, booking.account_id, by=BY_CLIENT, booking=booking.id)
    return standing


def _refused(refusal: Refusal) -> Standing:
    return Standing.PAST if refusal is Refusal.PAST else Standing.LATE


def _find(token: str) -> Visit | None:
    """Return the visit of a link; None when it has none or its personal fields were blanked."""
    here, session = state(), session_to_read()
    booking = booking_for_link(session, token)
    if booking is None:
        return None
    account = account_row(session, booking.account_id)
    try:
        return Visit(booking, here.facts(account.clinic_id)) if account else None
    except LookupError:  # the host no longer knows the clinic
        return None


def _form(form: CancelForm, visit: Visit | None) -> Response:
    return _page("form.html", visit, form.status, form=form, most=MAX_REASON)


def _told(what: str, visit: Visit, status: int = 200) -> Response:
    return _page("told.html", visit, status, what=what)


def _notice(what: str, status: int, **context: Any) -> Response:
    """Return a page about no booking, in the reader's language as the browser tells it."""
    return _page("told.html", None, status, what=what, **context)


def _page(template: str, visit: Visit | None, status: int, **context: Any) -> Response:
    lang, settings = visit.lang if visit else browsers_language(), state().settings
    about: dict[str, Any] = {"booking": None, "facts": None}
    if visit:
        widget_id = visit.booking.account_id
        about = {
            "booking": visit.booking,
            "facts": visit.clinic,
            "widget_id": widget_id,
            "widget": settings.widget_url(widget_id, lang),
            "dial": dial(visit.clinic.phone),
            "rules": settings,
        }
    # no clinic's page is around these: they follow the system (UX.md §2.4)
    return public_page(f"cancellation/{template}", lang, status, theme="auto", **about, **context)
