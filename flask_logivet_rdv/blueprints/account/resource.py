"""What both tabs of a resource share (A4): the resource itself, and a tab as it was sent."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Resource
from flask_logivet_rdv.services.catalogue import deleted, living
from flask_logivet_rdv.state import state

from .forms import name_in
from .layout import message_page
from .vanished import left_out
from .visit import Visit

Sent = tuple[Callable[..., Response], list[str], bool]
"""What shows a tab as it was sent, what LogiVet deleted of that, and whether any is not saved."""


@dataclass(frozen=True, slots=True)
class Tab:
    """What both tabs of a resource show (S41, S53)."""

    resource_id: uuid.UUID
    enabled: bool
    tab: str


def living_resource(visit: Visit, resource_id: uuid.UUID) -> Resource:
    """Return a living resource of the clinic.

    One that LogiVet deleted is named: what is sent for it ends at the list, a look at it is a 404.
    """
    session = state().db.session()
    found = living(session, Resource, visit.account_id, resource_id)
    if not found:
        gone = deleted(session, Resource, visit.account_id, [resource_id])
        abort(_gone(visit, gone[0]) if gone else 404)
    return found[0]


def _gone(visit: Visit, gone: Resource) -> Response:
    if request.method != "POST":
        text = _("{name} is no longer in LogiVet.", name=name_in(visit.lang, gone))
        return message_page(visit.lang, 404, text)
    for told in left_out(visit, [(gone.name_fr, gone.name_en)]):
        flash(told, "warning")
    return redirect(url_for(".resources"), 303)
