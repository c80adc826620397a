"""« Pourquoi cette plage n'est pas offerte? »: the first rule in the way, and where to mend it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import words
from flask_logivet_rdv.messages import reasons
from flask_logivet_rdv.models import Category, ClinicAccount, Resource, Species
from flask_logivet_rdv.models.catalogue import FromLogivet
from flask_logivet_rdv.scheduling.explain import Reason
from flask_logivet_rdv.scheduling.opening import instants, zone
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.explaining import Explanation, explain
from flask_logivet_rdv.services.explaining import Visit as Wanted
from flask_logivet_rdv.state import state

from .access import refused
from .forms import name_in
from .forms_week import minutes
from .layout import Problem, show
from .sorting import collated
from .visit import Visit

PARTS: Mapping[str, type[FromLogivet]] = {
    "species": Species,
    "category": Category,
    "resource": Resource,
}
MENDED_AT = {
    Reason.SPECIES_OFF: "species",
    Reason.CATEGORY_OFF: "categories",
    Reason.NOT_LINKED: "species",
    Reason.RESOURCE_OFF: "offers",
    Reason.SPECIES_NOT_SEEN: "offers",
    Reason.CATEGORY_NOT_OFFERED: "offers",
    Reason.NO_HOURS: "openings",
    Reason.CLOSED: "openings",
    Reason.NOT_A_START: "openings",
}
"""Where the clinic itself can change what a reason speaks of."""


@dataclass(frozen=True, slots=True)
class Option:
    """A row to choose; ids as text, as the query has them."""

    id: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the three lists."""

    name: str
    label: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer for one instant; `mend` is the page where it can be changed, None for none."""

    moment: str
    offered: bool
    sentence: str
    mend: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """The part of this page; `day` as a date field takes it, `time` as typed."""

    choices: Sequence[Choice]
    day: str
    time: str
    found: Sequence[Found] = ()


def why(visit: Visit) -> Response:
    """Explain a time on the clinic's clock: both instants where the clock shows it twice."""
    asked = {name: request.args.get(name, "").strip() for name in (*PARTS, "day", "time")}
    problems: list[Problem] = []
    found = _answers(visit, asked, problems) if any(asked.values()) else []
    day = _date(asked["day"])
    sheet = Why(_choices(visit, asked), day.isoformat() if day else "", asked["time"], found)
    return show(
        visit,
        "why.html",
        sheet,
        title=_("Why is this time not offered?"),
        problems=problems,
        here=url_for(".why"),
    )


def _choices(visit: Visit, asked: Mapping[str, str]) -> list[Choice]:
    session = state().db.session()
    return [
        Choice(
            name,
            _label(name),
            [
                Option(str(row.id), name_in(visit.lang, row), str(row.id) == asked[name])
                for row in sorted(
                    living(session, model, visit.account_id),
                    key=lambda row: collated(name_in(visit.lang, row)),
                )
            ],
        )
        for name, model in PARTS.items()
    ]


def _answers(visit: Visit, asked: Mapping[str, str], problems: list[Problem]) -> list[Found]:
    species, category, resource = (_id(name, asked[name], problems) for name in PARTS)
    day, minute = _day(asked["day"], problems), _minute(asked["time"], problems)
    account = state().db.session().get(ClinicAccount, visit.account_id)
    if not (species and category and resource and day and account) or minute is None:
        return []
    starts = instants(day, minute, zone(account.time_zone))
    if not starts:
        text = _("The clock jumps over this time that night: it does not exist.")
        return [Found(_moment(visit, day, minute), False, text, None)]
    try:
        return [
            _found(visit, account, Wanted(species, category, resource, start), day, minute)
            for start in starts
        ]
    except LookupError:
        refused(visit)
        problems.append(Problem("species", _("Choose again: one of the choices is gone.")))
        return []


def _found(visit: Visit, account: ClinicAccount, wanted: Wanted, day: date, minute: int) -> Found:
    here = state()
    rules = here.settings.rules
    told: Explanation = explain(here.db.session(), account, wanted, here.clock(), rules)
    return Found(
        moment=_moment(visit, day, minute),
        offered=told.reason is None,
        sentence=reasons.sentence(told, account.time_zone, visit.lang, rules),
        mend=_mend(told.reason, wanted),
    )


def _mend(reason: Reason | None, wanted: Wanted) -> str | None:
    page = MENDED_AT.get(reason) if reason else None
    if page is None:
        return None
    if page in ("offers", "openings"):
        return url_for(f".{page}", resource_id=wanted.resource)
    return url_for(f".{page}")


def _moment(visit: Visit, day: date, minute: int) -> str:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    return _("{date} at {time}", date=words(visit.lang).weekday_date(day), time=clock)


def _id(name: str, text: str, problems: list[Problem]) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        problems.append(Problem(name, _("{label} is required.", label=_label(name))))
        return None


def _label(name: str) -> str:
    return {"species": _("Species"), "category": _("Category"), "resource": _("Resource")}[name]


def _day(text: str, problems: list[Problem]) -> date | None:
    found = _date(text)
    if found is None:
        problems.append(Problem("day", _("{label} is required.", label=_("Date"))))
    return found


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _minute(text: str, problems: list[Problem]) -> int | None:
    found = minutes(text)
    if found is None:
        shown = text[:30]
        message = _("“{value}” is not a valid time. Example: 09h00", value=shown)
        problems.append(
            Problem("time", message if text else _("{label} is required.", label=_("Time")))
        )
    return found
