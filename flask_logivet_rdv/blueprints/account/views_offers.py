"""The tab of a resource's species and categories (A4a)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Category, Resource, Species
from flask_logivet_rdv.services.associations import save_offers
from flask_logivet_rdv.services.catalogue import category_links, living, resource_settings
from flask_logivet_rdv.state import state

from .clash import Clash, save
from .forms import Submission, name_in, read_submission
from .forms_species import Associations, SpeciesRow, on_demand, page_after
from .layout import Problem, show
from .resource import Sent, Tab, living_resource
from .sorting import Sort, read_sort
from .views import resource_title, saved_page
from .views_lists import associations_gone
from .visit import Visit

SPECIES = {"fr": "name", "online": "online"}


@dataclass(frozen=True, slots=True)
class Offers(Tab):
    """The tab of its species and categories."""

    rows: Sequence[SpeciesRow]
    sort: Sort


def offers(visit: Visit, resource_id: uuid.UUID) -> Response:
    """Show the species a resource sees and its categories for each; save them (S38–S45)."""
    resource = living_resource(visit, resource_id)
    sort = _offers_sort(resource_id)
    page = _associations(visit, resource_id)
    saved_rows = page.rows(visit.lang)
    if request.method != "POST":
        return _offers(visit, resource, sort, saved_rows)
    sent = read_submission("save", "sort", "remove", "open")
    fields, focus = page_after(sent, sort)
    rows = page.rows(visit.lang, fields)
    gone, unsaved = associations_gone(visit, page, sent), rows != saved_rows
    again = partial(_offers, visit, resource, sort, rows, notes=gone, unsaved=unsaved)
    if sent.op != "save":
        return again(problems=sent.problems, focus=focus)
    problems = [*sent.problems, *page.problems(sort.rows(rows), sent)]
    hidden = sent.ids("online-") - {row.id for row in rows}
    off = living(state().db.session(), Species, visit.account_id, *hidden) if hidden else ()
    if off:
        names = ", ".join(sorted(name_in(visit.lang, row) for row in off))
        text = _("A chosen species is not offered online: {names}.", names=names)
        problems.append(Problem("", text))
    if problems:
        return again(problems=problems)
    edits = page.edits(rows, sent)
    saved = save(
        visit,
        f"resource:{resource_id}:categories",
        sent.base,
        lambda tx: save_offers(tx, resource_id, edits, visit.actor),
    )
    if isinstance(saved, Clash):
        return again(**saved.frame(visit))
    return saved_page(visit, saved, sort.here)


def sent_offers(visit: Visit, resource: Resource, sent: Submission) -> Sent:
    """Return the tab as it was sent; as it is saved where nothing of it was."""
    page = _associations(visit, resource.id)
    held = page.rows(visit.lang)
    rows = held if sent.base is None else page.rows(visit.lang, sent.fields)
    again = partial(_offers, visit, resource, _offers_sort(resource.id), rows)
    return again, associations_gone(visit, page, sent), rows != held


def _offers_sort(resource_id: uuid.UUID) -> Sort:
    return read_sort(url_for(".offers", resource_id=resource_id), SPECIES)


def _associations(visit: Visit, resource_id: uuid.UUID) -> Associations:
    """Return the species online; they may have the categories the clinic gave them (S43, S44)."""
    session = state().db.session()
    settings = resource_settings(session, visit.account_id, resource_id)
    return Associations(
        species=[row for row in living(session, Species, visit.account_id) if row.online],
        categories=living(session, Category, visit.account_id),
        allowed=category_links(session, visit.account_id),
        online=settings.online,
        held=settings.categories,
    )


def _offers(
    visit: Visit,
    resource: Resource,
    sort: Sort,
    rows: Sequence[SpeciesRow],
    **frame: Any,
) -> Response:
    return show(
        visit,
        "offers.html",
        Offers(resource.id, resource.enabled, "offers", on_demand(sort.rows(rows)), sort),
        title=resource_title(visit, resource),
        here=sort.here,
        **frame,
    )
