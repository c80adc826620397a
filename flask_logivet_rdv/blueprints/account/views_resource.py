"""The switch of a resource (A4), which stands on both its tabs."""

import uuid

from flask import abort, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.services.saving import Saved
from flask_logivet_rdv.services.settings import Missing, set_enabled

from .access import write
from .forms import read_submission
from .layout import Problem
from .resource import living_resource
from .views import saved_page
from .views_lists import missing_words
from .views_offers import sent_offers
from .views_week import sent_week
from .visit import Visit

TABS = ("offers", "openings")


def activation(visit: Visit, resource_id: uuid.UUID) -> Response:
    """Switch a resource on or off at once, or say what it lacks (S53, S54).

    What its page holds comes along: edits that are not saved are shown again, still not saved.
    """
    resource = living_resource(visit, resource_id)
    sent = read_submission("save")
    wanted, tab = sent.fields.get("active"), sent.fields.get("tab", TABS[0])
    if wanted not in ("0", "1") or tab not in TABS:
        abort(400)
    sent_tab = sent_week if tab == "openings" else sent_offers
    page, gone, unsaved = sent_tab(visit, resource, sent)
    problems = list(sent.problems)
    if not problems:
        missing = write(visit, lambda tx: set_enabled(tx, resource_id, wanted == "1", visit.actor))
        problems = [_missing_problem(what, resource_id) for what in missing]
    if problems:
        return page(problems=problems, notes=gone, unsaved=unsaved)
    if gone or unsaved:
        on, off = _("The resource is now enabled."), _("The resource is now disabled.")
        notes = [on if wanted == "1" else off, *gone]
        return page(notes=notes, unsaved=unsaved, focus="switch")
    return saved_page(visit, Saved(), url_for(f".{tab}", resource_id=resource_id))


def _missing_problem(missing: Missing, resource_id: uuid.UUID) -> Problem:
    tab = "offers" if missing is Missing.CATEGORIES else "openings"
    text = _("To enable this resource, first set {missing}.", missing=missing_words(missing))
    return Problem(url_for(f".{tab}", resource_id=resource_id), text)
