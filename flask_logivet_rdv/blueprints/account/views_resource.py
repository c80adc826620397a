"""One resource: its categories, its weekly hours, and its switch (A4)."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Category, Resource, Species
from flask_logivet_rdv.services import availability
from flask_logivet_rdv.services.catalogue import category_links, deleted, living, resource_settings
from flask_logivet_rdv.services.settings import (
    Missing,
    Saved,
    save_offers,
    save_openings,
    set_enabled,
)
from flask_logivet_rdv.state import state

from .access import write
from .clash import Clash, save
from .forms import Submission, name_in, read_submission
from .forms_species import Associations, SpeciesRow, on_demand, page_after
from .forms_week import (
    Line,
    copying,
    day_name,
    field_label,
    judge,
    saved_lines,
    sent_lines,
    with_copies,
    with_line,
    without_line,
)
from .layout import Problem, message_page, show
from .sorting import Sort, read_sort
from .vanished import left_out
from .views import resource_title, saved_page
from .views_lists import associations_gone, missing_words
from .visit import Visit

SPECIES = {"fr": "name", "online": "online"}
TABS = ("offers", "openings")
Sent = tuple[Callable[..., Response], list[str], bool]
"""What shows a tab as it was sent, what LogiVet deleted of that, and whether any is not saved."""


@dataclass(frozen=True, slots=True)
class Tab:
    """What both tabs of a resource show (S41, S53)."""

    resource_id: uuid.UUID
    enabled: bool
    tab: str


@dataclass(frozen=True, slots=True)
class Offers(Tab):
    """The tab of its species and categories."""

    rows: Sequence[SpeciesRow]
    sort: Sort


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week with its lines; `name` as it stands within a sentence."""

    weekday: int
    name: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Week(Tab):
    """The tab of its weekly hours; `source` is the day that would be copied to others."""

    days: Sequence[Day]
    source: int | None = None

    @staticmethod
    def label(line: Line, which: str) -> str:
        """Return the name of a field of a line."""
        return field_label(line, which)

    @staticmethod
    def bin_label(line: Line) -> str:
        """Return the name of the bin of a line."""
        day = day_name(line.weekday)
        if not line.start and not line.end:
            return _("Delete the empty range on {day}", day=day)
        return _(
            "Delete the {start} to {end} range on {day}", start=line.start, end=line.end, day=day
        )


def offers(visit: Visit, resource_id: uuid.UUID) -> Response:
    """Show the species a resource sees and its categories for each; save them (S38–S45)."""
    resource = _resource(visit, resource_id)
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


def openings(visit: Visit, resource_id: uuid.UUID) -> Response:
    """Show the weekly hours of a resource; save them (S46–S50)."""
    resource = _resource(visit, resource_id)
    held = _saved_week(visit, resource_id)
    if request.method != "POST":
        return _openings(visit, resource, held)
    sent = read_submission("save", "add", "remove", "copy")
    lines = sent_lines(sent.fields)
    if sent.op == "copy":
        return _with_copies(visit, resource, held, lines, sent)
    if sent.op != "save":
        change = with_line if sent.op == "add" else without_line
        lines, focus = change(lines, sent.subject)
        notes = [_("Time range deleted.")] if sent.op == "remove" else []
        again = partial(_openings, visit, resource, lines, unsaved=lines != held)
        return again(problems=sent.problems, notes=notes, focus=focus)
    week, wrong = judge(lines)
    again = partial(_openings, visit, resource, lines, unsaved=lines != held)
    if problems := [*sent.problems, *wrong]:
        return again(problems=problems)
    saved = save(
        visit,
        f"resource:{resource_id}:openings",
        sent.base,
        lambda tx: save_openings(tx, resource_id, week, visit.actor),
    )
    if isinstance(saved, Clash):
        return again(**saved.frame(visit))
    return saved_page(visit, saved, url_for(".openings", resource_id=resource_id))


def _with_copies(
    visit: Visit,
    resource: Resource,
    held: Sequence[Line],
    lines: Sequence[Line],
    sent: Submission,
) -> Response:
    """Show the week with a day copied to others, which is not saved yet."""
    source, onto = copying(sent.fields)
    lines = with_copies(lines, source, onto)
    again = partial(_openings, visit, resource, lines, unsaved=lines != held)
    if not onto:
        none = Problem("copy-to-0", _("Choose at least one other day to copy to."))
        return again(source, problems=[*sent.problems, none])
    told = _(
        "{day} was copied to {days}.",
        day=day_name(source).capitalize(),
        days=", ".join(map(day_name, onto)),
    )
    return again(problems=sent.problems, notes=[told], focus=f"start-{onto[0]}-0")


def activation(visit: Visit, resource_id: uuid.UUID) -> Response:
    """Switch a resource on or off at once, or say what it lacks (S53, S54).

    What its page holds comes along: edits that are not saved are shown again, still not saved.
    """
    resource = _resource(visit, resource_id)
    sent = read_submission("save")
    wanted, tab = sent.fields.get("active"), sent.fields.get("tab", TABS[0])
    if wanted not in ("0", "1") or tab not in TABS:
        abort(400)
    sent_tab = _sent_week if tab == "openings" else _sent_offers
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


def _sent_week(visit: Visit, resource: Resource, sent: Submission) -> Sent:
    held = _saved_week(visit, resource.id)
    lines = held if sent.base is None else sent_lines(sent.fields)
    return partial(_openings, visit, resource, lines), [], lines != held


def _sent_offers(visit: Visit, resource: Resource, sent: Submission) -> Sent:
    page = _associations(visit, resource.id)
    held = page.rows(visit.lang)
    rows = held if sent.base is None else page.rows(visit.lang, sent.fields)
    again = partial(_offers, visit, resource, _offers_sort(resource.id), rows)
    return again, associations_gone(visit, page, sent), rows != held


def _resource(visit: Visit, resource_id: uuid.UUID) -> Resource:
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


def _offers_sort(resource_id: uuid.UUID) -> Sort:
    return read_sort(url_for(".offers", resource_id=resource_id), SPECIES)


def _saved_week(visit: Visit, resource_id: uuid.UUID) -> list[Line]:
    return saved_lines(availability.openings(state().db.session(), visit.account_id, resource_id))


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


def _missing_problem(missing: Missing, resource_id: uuid.UUID) -> Problem:
    tab = "offers" if missing is Missing.CATEGORIES else "openings"
    text = _("To enable this resource, first set {missing}.", missing=missing_words(missing))
    return Problem(url_for(f".{tab}", resource_id=resource_id), text)


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


def _openings(
    visit: Visit,
    resource: Resource,
    lines: Sequence[Line],
    source: int | None = None,
    **frame: Any,
) -> Response:
    days = [
        Day(weekday, day_name(weekday), [line for line in lines if line.weekday == weekday])
        for weekday in range(7)
    ]
    return show(
        visit,
        "openings.html",
        Week(resource.id, resource.enabled, "openings", days, source),
        title=resource_title(visit, resource),
        here=url_for(".openings", resource_id=resource.id),
        **frame,
    )
