"""LogiVet's support: every clinic with online booking, and opening another one (S5)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import Actor, ClinicFacts, FindsClinics
from flask_logivet_rdv.i18n import current_language, words
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.services.accounts import (
    account_of_clinic,
    accounts_of_clinics,
    open_account,
    set_subscription,
)
from flask_logivet_rdv.services.contact import Heard, last_heard
from flask_logivet_rdv.services.disagreements import conflicts_by_account
from flask_logivet_rdv.services.standing import Standing, standings
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state

from .forms import read_submission
from .layout import Problem, support_page
from .sorting import Sort, collated, read_sort

PAGE_SIZE = 50
CANDIDATES = 20
NEVER = float("inf")
COLUMNS = {"name": "name", "subscription": "active", "seen": "silence", "todo": "todo"}


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """A clinic as the list shows it. `silence` is since when LogiVet is not heard, in seconds."""

    standing: Standing
    name: str
    conflicts: int
    heard: Heard | None
    now: datetime

    @property
    def active(self) -> bool:
        """Tell whether its subscription is in force."""
        return self.standing.active

    @property
    def silence(self) -> float:
        """Return for how long LogiVet was not heard, in seconds."""
        return (self.now - self.heard.at).total_seconds() if self.heard else NEVER

    @property
    def todo(self) -> int:
        """Return how many things somebody should look at."""
        return self.standing.unfetched.events + self.conflicts + self.standing.mails.dead

    @property
    def seen(self) -> str:
        """Return when LogiVet was last heard, in words."""
        return _("Seen {when}", when=_ago(self.silence)) if self.heard else _("Never seen")

    @property
    def uploaded(self) -> str:
        """Return when LogiVet last sent something, in words."""
        at = self.standing.uploaded_at
        if at is None:
            return _("Never synced")
        return _("Synced {when}", when=_ago((self.now - at).total_seconds()))

    @property
    def lookouts(self) -> Sequence[str]:
        """Return what somebody should look at, in words."""
        return lookouts(self.standing, self.conflicts, self.now)


@dataclass(frozen=True, slots=True)
class Clinics:
    """The part of the list: a page of the clinics found, of `count` in all."""

    rows: Sequence[ClinicRow]
    sort: Sort
    wanted: str
    count: int
    page: int
    pages: int

    def address(self, page: int) -> str:
        """Return the address of another page of the same list."""
        return f"{request.path}?{urlencode({**request.args.to_dict(), 'page': page})}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clinic of the portal that was looked for; `account_id` once it is open."""

    id: str
    name: str
    address: str
    account_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Opening:
    """The part of the page where a clinic is opened; `candidates` None before a search."""

    wanted: str
    by_name: bool
    candidates: Sequence[Candidate] | None


def clinics(actor: Actor) -> Response:
    """Show the clinics that have online booking, found by name, number or widgetId."""
    wanted = request.args.get("q", "").strip()
    sort = read_sort(url_for(".support"), COLUMNS, q=wanted)
    found = [row for row in _rows() if _matches(row, wanted)]
    pages = max(-(-len(found) // PAGE_SIZE), 1)
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = sort.rows(found)[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    sheet = Clinics(shown, sort, wanted, len(found), page, pages)
    return support_page("support.html", sheet, title=_("Support"), may_write=actor.may_edit)


def opening(actor: Actor) -> Response:
    """Look for a clinic of the portal that has no account; open and activate one (S5)."""
    if request.method != "POST":
        return _opening(actor, request.args.get("q", "").strip())
    sent = read_submission("save")
    wanted = sent.fields.get("clinic", "")
    if sent.problems:
        return _opening(actor, wanted, sent.problems)
    clinic_id = state().known_clinic(wanted)
    if clinic_id is None:
        abort(404)
    try:
        account_id = _opened(actor, clinic_id)
    except ValueError:
        return _opening(actor, wanted, [Problem("", _zoneless(clinic_id))])
    return redirect(url_for(".support_clinic", account_id=account_id), 303)


def lookouts(standing: Standing, conflicts: int, now: datetime) -> list[str]:
    """Return what somebody should look at in a clinic, in words."""
    say, unfetched = words(current_language()), standing.unfetched
    found = []
    if unfetched.since is not None:
        counted = say.trn("{n} event not fetched", "{n} events not fetched", unfetched.events)
        waiting = say.duration(now.timestamp() - unfetched.since)
        found.append(_("{events}, for {duration}", events=counted, duration=waiting))
    if conflicts:
        found.append(say.trn("{n} conflict", "{n} conflicts", conflicts))
    if standing.mails.dead:
        dead = standing.mails.dead
        found.append(say.trn("{n} undelivered email", "{n} undelivered emails", dead))
    return found


def name_of(clinic_id: Any, facts: Mapping[Any, ClinicFacts]) -> str:
    """Return a clinic's name, or its number where the portal no longer names it."""
    found = facts.get(clinic_id)
    return (found.name(current_language()) if found else "") or str(clinic_id)


def _rows() -> list[ClinicRow]:
    here = state()
    session, now = here.db.session(), here.clock()
    found = standings(session, now)
    ids = [standing.account_id for standing in found]
    facts = here.host.clinics([standing.clinic_id for standing in found])
    conflicts = conflicts_by_account(session, ids, now)
    heard = last_heard(session, *ids)
    return [
        ClinicRow(
            standing,
            name_of(standing.clinic_id, facts),
            conflicts.get(standing.account_id, 0),
            heard.get(standing.account_id),
            now,
        )
        for standing in found
    ]


def _matches(row: ClinicRow, wanted: str) -> bool:
    standing = row.standing
    if wanted in (str(standing.clinic_id), str(standing.account_id)):
        return True
    return collated(wanted)[0] in collated(row.name)[0]


def _opening(actor: Actor, wanted: str, problems: Sequence[Problem] = ()) -> Response:
    sheet = Opening(
        wanted,
        by_name=isinstance(state().host, FindsClinics),
        candidates=_candidates(wanted) if wanted else None,
    )
    return support_page(
        "support_open.html",
        sheet,
        title=_("Open a clinic"),
        may_write=actor.may_edit,
        problems=problems,
    )


def _candidates(wanted: str) -> list[Candidate]:
    """Return the clinics whose id or name was typed."""
    here = state()
    found: dict[Any, ClinicFacts] = {}
    by_id = here.known_clinic(wanted)
    if by_id is not None:
        found |= here.host.clinics([by_id])
    if isinstance(here.host, FindsClinics):
        found |= here.host.find_clinics(wanted, CANDIDATES)
    accounts = accounts_of_clinics(here.db.session(), list(found))
    return [
        Candidate(str(key), name_of(key, found), facts.address or "", accounts.get(key))
        for key, facts in found.items()
    ]


def _opened(actor: Actor, clinic_id: Any) -> uuid.UUID:
    """Return the account of a clinic; a new one is activated, one that was there stays as it is."""
    here = state()
    session = here.db.session()
    held = account_of_clinic(session, clinic_id)
    if held is not None:
        flash(_("This clinic is open already."), "warning")
        return held.id
    account_id = open_account(session, clinic_id, here.facts(clinic_id), here.clock())
    transact(jobs.desk(), account_id, lambda tx: set_subscription(tx, True, actor))
    flash(_("The clinic is open. Now make a key for its LogiVet."), "success")
    return account_id


def _ago(seconds: float) -> str:
    return _("{duration} ago", duration=words(current_language()).duration(seconds))


def _zoneless(clinic_id: Any) -> str:
    name = state().facts(clinic_id).time_zone
    return _("This clinic's time zone, {zone}, does not exist: correct it first.", zone=name)
