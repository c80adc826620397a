"""The lists that LogiVet fills: categories, species, resources (A1–A3)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Category, Resource, Species
from flask_logivet_rdv.services.accounts import last_upload
from flask_logivet_rdv.services.associations import save_species
from flask_logivet_rdv.services.catalogue import (
    category_links,
    living,
    offered_resources,
    resources_with_hours,
)
from flask_logivet_rdv.services.settings import Missing, save_categories
from flask_logivet_rdv.state import state

from .clash import Clash, save
from .forms import (
    CategoryRow,
    Submission,
    category_edits,
    category_rows,
    name_in,
    read_submission,
)
from .forms_species import Associations, SpeciesRow, chosen, on_demand, page_after
from .layout import show
from .sorting import Sort, read_sort
from .vanished import vanished
from .views import saved_page
from .visit import Visit

NAMES = {"fr": "name_fr", "en": "name_en"}
ONLINE = NAMES | {"online": "online"}
ENABLED = NAMES | {"enabled": "enabled"}


@dataclass(frozen=True, slots=True)
class Table:
    """The part of these pages: rows in an order, and whether LogiVet ever sent anything."""

    rows: Sequence[object]
    sort: Sort
    received: bool


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A resource as the list shows it; `lacks` says why it is not offered although enabled."""

    id: uuid.UUID
    name: str
    name_fr: str
    name_en: str
    enabled: bool
    lacks: tuple[str, ...]


def categories(visit: Visit) -> Response:
    """Show the categories; save which are online and how long they last (S9–S20)."""
    sort = read_sort(url_for(".categories"), ONLINE)
    found = living(state().db.session(), Category, visit.account_id)
    saved_rows = category_rows(found, visit.lang)
    if request.method != "POST":
        return _categories(visit, sort, saved_rows)
    sent = read_submission("save", "sort")
    rows = category_rows(found, visit.lang, sent.fields)
    gone = vanished(visit, Category, sent.ids("online-", "duration-"), found)
    again = partial(_categories, visit, sort, rows, notes=gone, unsaved=rows != saved_rows)
    if sent.op == "sort":
        return again(problems=sent.problems, focus=sort.heading)
    problems = [*sent.problems, *(row.problem for row in sort.rows(rows) if row.problem)]
    if problems:
        return again(problems=problems)
    edits = category_edits(rows, sent)
    saved = save(visit, "categories", sent.base, lambda tx: save_categories(tx, edits, visit.actor))
    if isinstance(saved, Clash):
        return again(**saved.frame(visit))
    return saved_page(visit, saved, sort.here)


def _categories(visit: Visit, sort: Sort, rows: Sequence[CategoryRow], **frame: Any) -> Response:
    table, title = _table(visit, sort.rows(rows), sort), _("Appointment categories")
    return show(visit, "categories.html", table, title=title, here=sort.here, **frame)


def species(visit: Visit) -> Response:
    """Show the species; save which are online and with which categories (S21–S30)."""
    sort = read_sort(url_for(".species"), ONLINE)
    page = _associations(visit)
    saved_rows = page.rows(visit.lang)
    if request.method != "POST":
        return _species(visit, sort, saved_rows)
    sent = read_submission("save", "sort", "remove", "open")
    fields, focus = page_after(sent, sort)
    rows = page.rows(visit.lang, fields)
    gone = associations_gone(visit, page, sent)
    again = partial(_species, visit, sort, rows, notes=gone, unsaved=rows != saved_rows)
    if sent.op != "save":
        return again(problems=sent.problems, focus=focus)
    problems = [*sent.problems, *page.problems(sort.rows(rows), sent)]
    if problems:
        return again(problems=problems)
    edits = page.edits(rows, sent)
    saved = save(visit, "species", sent.base, lambda tx: save_species(tx, edits, visit.actor))
    if isinstance(saved, Clash):
        return again(**saved.frame(visit))
    return saved_page(visit, saved, sort.here)


def associations_gone(visit: Visit, page: Associations, sent: Submission) -> list[str]:
    """Return a sentence for each species and category that was sent and that LogiVet deleted."""
    species = sent.ids("online-", "categories-")
    return [
        *vanished(visit, Species, species, page.species),
        *vanished(visit, Category, chosen(sent.fields, species), page.categories),
    ]


def _associations(visit: Visit) -> Associations:
    """Return the clinic's species: they may have what is online, and keep what they have (S24)."""
    session = state().db.session()
    found = living(session, Species, visit.account_id)
    every = living(session, Category, visit.account_id)
    held = category_links(session, visit.account_id)
    online = frozenset(row.id for row in every if row.online)
    return Associations(
        species=found,
        categories=every,
        allowed={row.id: online | held.get(row.id, frozenset()) for row in found},
        online=[row.id for row in found if row.online],
        held=held,
    )


def _species(visit: Visit, sort: Sort, rows: Sequence[SpeciesRow], **frame: Any) -> Response:
    table, title = _table(visit, on_demand(sort.rows(rows)), sort), _("Appointment species")
    return show(visit, "species.html", table, title=title, here=sort.here, **frame)


def resources(visit: Visit) -> Response:
    """Show the resources and whether each is enabled (S31–S37)."""
    sort = read_sort(url_for(".resources"), ENABLED)
    session, account_id = state().db.session(), visit.account_id
    lacking = (
        (Missing.CATEGORIES, offered_resources(session, account_id)),
        (Missing.OPENINGS, resources_with_hours(session, account_id)),
    )
    rows = [
        ResourceRow(
            id=row.id,
            name=name_in(visit.lang, row),
            name_fr=row.name_fr,
            name_en=row.name_en,
            enabled=row.enabled,
            lacks=_lacks(row, lacking) if row.enabled else (),
        )
        for row in living(session, Resource, account_id)
    ]
    table, title = _table(visit, sort.rows(rows), sort), _("Resource management")
    return show(visit, "resources.html", table, title=title, here=sort.here)


def _table(visit: Visit, rows: Sequence[object], sort: Sort) -> Table:
    heard = rows or last_upload(state().db.session(), visit.account_id)
    return Table(rows, sort, received=bool(heard))


def _lacks(
    resource: Resource, lacking: Iterable[tuple[Missing, frozenset[uuid.UUID]]]
) -> tuple[str, ...]:
    return tuple(missing_words(what) for what, having in lacking if resource.id not in having)


def missing_words(missing: Missing) -> str:
    """Return what a resource lacks, in words (S54)."""
    if missing is Missing.CATEGORIES:
        return _("at least one category")
    return _("at least one time range")
