"""The tab of a resource's weekly hours (A4b)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Resource
from flask_logivet_rdv.services import availability
from flask_logivet_rdv.services.settings import save_openings
from flask_logivet_rdv.state import state

from .clash import Clash, save
from .forms import Submission, read_submission
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
from .layout import Problem, show
from .resource import Sent, Tab, living_resource
from .views import resource_title, saved_page
from .visit import Visit


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


def openings(visit: Visit, resource_id: uuid.UUID) -> Response:
    """Show the weekly hours of a resource; save them (S46–S50)."""
    resource = living_resource(visit, resource_id)
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


def sent_week(visit: Visit, resource: Resource, sent: Submission) -> Sent:
    """Return the tab as it was sent; as it is saved where nothing of it was."""
    held = _saved_week(visit, resource.id)
    lines = held if sent.base is None else sent_lines(sent.fields)
    return partial(_openings, visit, resource, lines), [], lines != held


def _saved_week(visit: Visit, resource_id: uuid.UUID) -> list[Line]:
    return saved_lines(availability.openings(state().db.session(), visit.account_id, resource_id))


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
