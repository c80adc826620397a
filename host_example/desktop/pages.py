"""LogiVet's screens: the agenda of a day, the message centre, and the state for programs."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from . import agenda, catalogue, conflicts, outgoing
from .dates import DAYS, day_range, epoch, long_day, long_moment, rfc3339
from .desk import Desk, desk
from .entry_pages import bp as entry_pages
from .fault_pages import bp as fault_pages
from .grid import day_grid
from .settings_pages import bp as settings_pages

bp = Blueprint("desktop", __name__)


def create_app(here: Desk) -> Flask:
    """Return the WSGI application that serves ``/<slug>/…``, to this machine only."""
    app = Flask(__name__, static_url_path=f"/{here.slug}/static")
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost", "[::1]"]
    app.extensions["desk"] = here
    app.before_request(refuse_foreign_posts)
    app.context_processor(_shared)
    app.add_template_filter(long_day)
    app.add_template_filter(_moment, "moment")
    for blueprint in (bp, entry_pages, settings_pages, fault_pages):
        app.register_blueprint(blueprint, url_prefix=f"/{here.slug}")
    app.add_url_rule("/", "root", lambda: redirect(url_for("desktop.agenda_page")))
    return app


def refuse_foreign_posts() -> None:
    """Abort with 403 a POST that another site's page sent: its Origin is not our host."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "")
    if origin.netloc != request.host:
        abort(403, "Cette action doit venir des pages de LogiVet.")


@bp.get("/")
def agenda_page() -> str:
    """Show one day, ``?day=YYYY-MM-DD`` in the clinic's zone; today by default."""
    here = desk()
    today = here.today
    day = _day(request.args.get("day", ""), today)
    monday = day - timedelta(days=day.weekday())
    with here.store.read() as db:
        resources = catalogue.items(db, "resource", deleted=True)
        entries = agenda.entries(db, *day_range(day, here.zone))
    return render_template(
        "desktop/agenda.html",
        day=day,
        today=today,
        week=[monday + timedelta(days=n) for n in range(7)],
        day_names=DAYS,
        step=timedelta(days=7),
        grid=day_grid(day, resources, entries, here.zone),
        conflicts=conflicts.standing(here.store),
    )


@bp.get("/messages")
def messages_page() -> str:
    """Show the message centre, newest first."""
    return render_template("desktop/messages.html", messages=_messages(desk()))


@bp.post("/messages/lus")
def mark_read() -> Response:
    """Mark the message of form field ``id`` as read, or all of them without it."""
    event_id = request.form.get("id")
    with desk().store.write() as db:
        db.execute("UPDATE message SET read = 1 WHERE ?1 IS NULL OR event_id = ?1", (event_id,))
    return redirect(url_for("desktop.messages_page"), 303)


@bp.get("/etat.json")
def state() -> dict[str, Any]:
    """Everything a program may want to know; times are UTC, RFC 3339."""
    here = desk()
    store, status = here.store, here.sync.status
    with store.read() as db:
        names = {item.id: item.fr for item in catalogue.items(db, "resource", deleted=True)}
        entries = [_entry_state(entry, names) for entry in agenda.entries(db)]
    return {
        "connected": status.connected,
        "pending": outgoing.pending(store),
        "cursor": store.state("cursor") or None,
        "token": store.state("token") or None,
        "revision": store.state("revision"),
        "status_line": here.status_line(),
        "problems": here.problems(),
        "faults": here.faults.names(),
        "conflicts": [
            {"entry_id": pair.entry.id, "booking_id": pair.mirror and pair.mirror.booking_id}
            for pair in conflicts.standing(store)
        ],
        "entries": entries,
        "messages": [{key: m[key] for key in ("subject", "body", "at")} for m in _messages(here)],
    }


def _entry_state(entry: agenda.Entry, resources: dict[str, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "resource": resources.get(entry.resource_id or ""),
        "resource_id": entry.resource_id,
        "type": entry.type,
        "start": rfc3339(entry.starts_at),
        "end": rfc3339(entry.ends_at),
        "status": entry.status,
        "title": entry.label,
        "description": entry.description,
        "booking_id": entry.booking_id,
    }


def _messages(here: Desk) -> list[dict[str, Any]]:
    with here.store.read() as db:
        rows = db.execute("SELECT * FROM message ORDER BY at DESC, rowid DESC").fetchall()
    return [dict(row) for row in rows]


def _shared() -> dict[str, Any]:
    here = desk()
    with here.store.read() as db:
        unread = db.execute("SELECT COUNT(*) FROM message WHERE NOT read").fetchone()[0]
    return {
        "clinic": here.store.state("clinic", here.slug),
        "connected": here.sync.status.connected,
        "status_line": here.status_line(),
        "problems": here.problems(),
        "faults": here.faults.names(),
        "revision": here.store.state("revision"),
        "unread": unread,
    }


def _moment(value: int | str) -> str:
    return long_moment(epoch(value) if isinstance(value, str) else value, desk().zone)


def _day(text: str, default: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return default
    return day if 2000 <= day.year < 2100 else default
