"""Who is at the keyboard: the clinic from the session's person only, and what they may do."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import DEFAULT_ZONE, Actor
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import language, speaking
from flask_logivet_rdv.services.accounts import account_of_clinic, copy_facts
from flask_logivet_rdv.services.saving import UnknownRowError
from flask_logivet_rdv.services.transaction import Tx, transact
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web import incidents

from .layout import message_page
from .visit import NO_ACCOUNT, Visit

T = TypeVar("T")


def for_staff(view: Callable[..., Response]) -> Callable[..., Response]:
    """Return a view that is given the `Visit`; whoever may not enter gets the answer here.

    Nobody logged in: the host's login. No clinic, or a write that is not allowed: 403.
    """

    def entered(actor: Actor, lang: str, **parts: Any) -> Response:
        if actor.clinic_id is None:
            return message_page(lang, 403, _("Your account is not linked to any clinic."))
        visit = _visit(actor, lang)
        if request.method == "POST" and not visit.may_write:
            return message_page(lang, 403, _refusal(visit))
        try:
            return view(visit, **parts)
        except NotFound:
            refused(visit)
            raise

    return _for_a_person(view, entered)


def for_support(view: Callable[..., Response]) -> Callable[..., Response]:
    """Return a view that is given the person, who is of LogiVet's support and of no clinic.

    Nobody logged in: the host's login. Anybody else, or a write that is not allowed: 403.
    """

    def entered(actor: Actor, lang: str, **parts: Any) -> Response:
        if not actor.is_support or actor.clinic_id is not None:
            return message_page(lang, 403, _("This page is for LogiVet's support only."))
        if request.method == "POST" and not actor.may_edit:
            return message_page(lang, 403, _("You can see these settings but not change them."))
        return view(actor, **parts)

    return _for_a_person(view, entered)


def _for_a_person(
    view: Callable[..., Response], entered: Callable[..., Response]
) -> Callable[..., Response]:
    """Return a view that calls `entered` with who is logged in, whose language is spoken."""

    @wraps(view)
    def guarded(**parts: Any) -> Response:
        actor = state().host.actor()
        if actor is None:
            return _log_in()
        lang = language(actor.locale)
        with speaking(lang):
            return entered(actor, lang, **parts)

    return guarded


def refused(visit: Visit) -> None:
    """Count that a page was asked for an id that is not the clinic's."""
    if visit.account_id != NO_ACCOUNT:
        incidents.refused(visit.account_id, visit.actor)


def write(visit: Visit, verb: Callable[[Tx], T]) -> T:
    """Run a service's verb under the clinic's lock; an id that is not the clinic's is a 404.

    The clinic's zone and language are taken over from the host on the way.
    """

    def work(tx: Tx) -> T:
        copy_facts(tx, visit.clinic)
        return verb(tx)

    try:
        return transact(jobs.desk(), visit.account_id, work)
    except UnknownRowError:
        abort(404)


def _visit(actor: Actor, lang: str) -> Visit:
    here = state()
    account = account_of_clinic(here.db.session(), actor.clinic_id)
    return Visit(
        actor=actor,
        clinic=here.facts(actor.clinic_id),
        lang=lang,
        account_id=account.id if account else NO_ACCOUNT,
        time_zone=account.time_zone if account else DEFAULT_ZONE,
        domains=tuple(account.domains) if account else (),
        subscribed=account is not None and account.subscribed(int(here.clock().timestamp())),
        revision=account.revision if account else 0,
    )


def _log_in() -> Response:
    manager = getattr(current_app, "login_manager", None)
    if manager is None:
        abort(401)
    return current_app.make_response(manager.unauthorized())


def _refusal(visit: Visit) -> str:
    if visit.subscribed:
        return _("You can see these settings but not change them.")
    return _("You must subscribe to the LogiVet online appointment service to use this feature.")
