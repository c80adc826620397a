"""« Historique »: who changed what on the account pages, when, from what to what."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import local, words
from flask_logivet_rdv.messages import changes
from flask_logivet_rdv.services import history as audit
from flask_logivet_rdv.services import incidents
from flask_logivet_rdv.services.history import Change, Names
from flask_logivet_rdv.state import state

from .layout import show
from .visit import Visit

PAGE = 50
SUBJECTS: Mapping[str, Sequence[str]] = {
    "domains": ("domains", "subscription*", "keys", "epoch", "mails"),
    "categories": ("categories",),
    "species": ("species",),
    "resources": ("resource:*",),
    "incidents": incidents.LOG,
}
_PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Entry:
    """A change in words; `machine_time` is for programs."""

    when: str
    machine_time: str
    who: str
    what: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of pages whose history is shown."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class History:
    """The part of this page, with what it says where there are no entries.

    `older` leads to what came before, None where nothing did.
    """

    entries: Sequence[Entry]
    none: str
    filters: Sequence[Filter]
    older: str | None


def history(visit: Visit) -> Response:
    """Show the changes of a clinic's settings, the newest first, fifty a page."""
    wanted = request.args.get("subject", "")
    session = state().db.session()
    found, more = audit.history(
        session, visit.account_id, _subjects(wanted), before=_place(), limit=PAGE
    )
    names = audit.names(session, visit.account_id)
    last = f"{found[-1].revision}-{found[-1].n}" if more else None
    none = _("Nothing was noted yet.") if wanted == "incidents" else _("Nothing was changed yet.")
    sheet = History(
        entries=[entry(visit, change, names) for change in found],
        none=none,
        filters=_filters(wanted),
        older=url_for(".history", subject=wanted or None, before=last) if last else None,
    )
    here = url_for(".history", subject=wanted or None)
    return show(visit, "history.html", sheet, title=_("History"), here=here)


def entry(visit: Visit, change: Change, names: Names) -> Entry:
    """Return a change as the pages show it."""
    what = changes.title(change.subject, names)
    spoken, at = words(visit.lang), local(int(change.at.timestamp()), visit.time_zone)
    return Entry(
        when=_("{date} at {time}", date=spoken.plain_date(at.date()), time=spoken.time(at)),
        machine_time=at.isoformat(timespec="seconds"),
        who=change.actor,
        what=what[:1].upper() + what[1:],
        lines=changes.lines(change, names, visit.time_zone),
    )


def _subjects(wanted: str) -> Sequence[str]:
    """Return the subjects of a page; of a resource by its id; all of them for anything else."""
    try:
        return (f"resource:{uuid.UUID(wanted)}:*",)
    except ValueError:
        return SUBJECTS.get(wanted, ())


def _place() -> tuple[int, int] | None:
    found = _PLACE.fullmatch(request.args.get("before", ""))
    return (int(found[1]), int(found[2])) if found else None


def _filters(wanted: str) -> list[Filter]:
    labels = {
        "": _("Everything"),
        "domains": _("Online appointments"),
        "categories": _("Appointment categories"),
        "species": _("Appointment species"),
        "resources": _("Resource management"),
        "incidents": _("Incident log"),
    }
    return [
        Filter(label, url_for(".history", subject=subject or None), subject == wanted)
        for subject, label in labels.items()
    ]
