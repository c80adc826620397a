"""One agenda entry: read, made, changed, removed; an online booking moved or cancelled."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from . import agenda, catalogue
from .agenda import MAX_DAYS, TYPES, Entry
from .client import OfflineError, RefusedError
from .dates import rfc3339, wall, wall_epoch
from .desk import desk
from .explaining import explained

bp = Blueprint("entry", __name__)
Answer = str | tuple[str, int] | Response


class InvalidEntryError(ValueError):
    """A form that makes no entry; the message is for the person."""


def read_form(form: Mapping[str, str], base: Entry, zone: ZoneInfo) -> Entry:
    """Return ``base`` with the form's fields; InvalidEntryError when they make no sense."""
    kind = agenda.entry_type(form.get("type", ""))
    if kind is None:
        raise InvalidEntryError("Choisissez un type.")
    try:
        start, end = (wall_epoch(form.get(name, ""), zone) for name in ("start", "end"))
    except ValueError:
        raise InvalidEntryError("Indiquez le début et la fin.") from None
    if not start < end <= start + MAX_DAYS * 86_400:
        raise InvalidEntryError("La fin doit suivre le début, d'au plus 366 jours.")
    return replace(
        base,
        type=kind,
        resource_id=form.get("resource_id") or None,
        starts_at=start,
        ends_at=end,
        title=form.get("title", "").strip()[:200],
        language=form.get("language", "") if form.get("language") in {"fr", "en"} else "",
        cancelled=form.get("cancelled", str(int(base.cancelled))) == "1",
        description=form.get("description", "").replace("\r\n", "\n").strip()[:5000],
    )


@bp.get("/rendez-vous/nouveau")
def new_page() -> str:
    """Show an empty form; ``?day=``, ``?resource=`` and ``?type=`` fill it in advance."""
    zone = desk().zone
    try:
        start = wall_epoch(f"{request.args.get('day', '')}T09:00", zone)
    except ValueError:
        tomorrow = desk().today + timedelta(days=1)
        start = wall_epoch(f"{tomorrow}T09:00", zone)
    kind = agenda.entry_type(request.args.get("type", "")) or "appointment"
    entry = Entry("", kind, request.args.get("resource") or None, start, start + 1800, "")
    return _page("desktop/new.html", entry)


@bp.post("/rendez-vous/nouveau")
def create() -> Answer:
    """Add an entry."""
    blank = Entry(agenda.new_id(), "appointment", None, 0, 1, "")
    return _save(blank, "desktop/new.html")


@bp.get("/rendez-vous/<entry_id>")
def detail(entry_id: str) -> str:
    """Show an entry whole, with the form that changes it."""
    return _page("desktop/entry.html", _found(entry_id))


@bp.post("/rendez-vous/<entry_id>")
def update(entry_id: str) -> Answer:
    """Change an entry of the agenda; an online booking itself stays what it is."""
    return _save(_found(entry_id), "desktop/entry.html")


@bp.post("/rendez-vous/<entry_id>/supprimer")
def delete(entry_id: str) -> Response:
    """Remove an entry from the agenda; that does not cancel an online booking."""
    entry = _found(entry_id)
    with desk().store.write() as db:
        agenda.save(db, replace(entry, deleted=True))
    return _to_day(entry)


@bp.post("/rendez-vous/<entry_id>/annuler")
def cancel(entry_id: str) -> Answer:
    """Ask the portal to cancel the online booking, for the ``reason`` of that field."""
    entry = _found(entry_id)
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _page("desktop/entry.html", entry, "Indiquez la raison de l'annulation."), 422
    return _act(entry, "cancel", {"reason": reason})


@bp.post("/rendez-vous/<entry_id>/deplacer")
def move(entry_id: str) -> Answer:
    """Ask the portal to move the online booking to the form's resource and times."""
    entry = _found(entry_id)
    try:
        to = read_form(request.form, entry, desk().zone)
    except InvalidEntryError as error:
        return _page("desktop/entry.html", entry, str(error)), 422
    if to.resource_id is None:
        message = "Choisissez une ressource : une réservation en ligne en a toujours une."
        return _page("desktop/entry.html", entry, message), 422
    times = {"start": rfc3339(to.starts_at), "end": rfc3339(to.ends_at)}
    return _act(entry, "move", {"resource_id": to.resource_id, **times})


def _act(entry: Entry, action: str, data: dict[str, Any]) -> Answer:
    """Act on the online booking; the client is told unless field ``notify`` is ``0``."""
    if entry.booking_id is None:
        abort(404)
    told = {"notify_client": request.form.get("notify") != "0"}
    try:
        desk().sync.act(entry.booking_id, action, data | told)
    except OfflineError:
        message = "Le portail ne répond pas : réessayez quand la connexion sera revenue."
        return _page("desktop/entry.html", entry, message), 503
    except RefusedError as error:
        return _page("desktop/entry.html", entry, explained(error)), 409
    return redirect(url_for("entry.detail", entry_id=entry.id), 303)


def _found(entry_id: str) -> Entry:
    with desk().store.read() as db:
        entry = agenda.entry(db, entry_id)
    if entry is None or entry.deleted:
        abort(404)
    return entry


def _save(base: Entry, template: str) -> Answer:
    here = desk()
    try:
        entry = read_form(request.form, base, here.zone)
    except InvalidEntryError as error:
        return _page(template, base, str(error)), 422
    with here.store.write() as db:
        agenda.save(db, entry)
    return _to_day(entry)


def _to_day(entry: Entry) -> Response:
    day = wall(entry.starts_at, desk().zone).date()
    return redirect(url_for("desktop.agenda_page", day=day), 303)


def _page(template: str, entry: Entry, error: str = "") -> str:
    here = desk()
    with here.store.read() as db:
        resources = [
            r for r in catalogue.items(db, "resource") if r.active or r.id == entry.resource_id
        ]
    local = {name: wall(at, here.zone).strftime("%Y-%m-%dT%H:%M")
             for name, at in (("start", entry.starts_at), ("end", entry.ends_at))}  # fmt: skip
    fields = local | request.form.to_dict()
    return render_template(
        template,
        entry=entry,
        fields=fields,
        types=TYPES,
        resources=resources,
        names={r.id: r.fr for r in resources},
        facts=json.loads(entry.facts),
        error=error,
        day=wall(entry.starts_at, here.zone).date(),
    )
