"""The interface for LogiVet: JSON over HTTP, one key per clinic, errors as problem+json."""

from flask import Blueprint, Flask

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.services.keys import AGENDA_WRITE, EVENTS_READ
from flask_logivet_rdv.web.pages import exempt_from_csrf

from . import answers, payloads, problems, views
from .contract import Contract
from .guard import Endpoint

TABLE = (
    Endpoint(method="GET", rule="/hello", view=views.hello, answer=answers.Hello),
    Endpoint(
        method="POST",
        rule="/changes",
        view=views.changes,
        scope=AGENDA_WRITE,
        subscribed=True,
        headers=payloads.ChangesHeaders,
        body=payloads.Batch,
        answer=answers.ChangesApplied,
        problems=(
            "malformed_json",
            "missing_scope",
            "subscription_inactive",
            "token_mismatch",
            "body_too_large",
            "too_many_changes",
            "unsupported_media_type",
            "invalid",
        ),
    ),
    Endpoint(
        method="GET",
        rule="/events",
        view=views.events,
        scope=EVENTS_READ,
        query=payloads.EventsQuery,
        answer=answers.EventsPage,
        problems=("missing_scope", "resync", "invalid"),
    ),
    Endpoint(
        method="GET",
        rule="/bookings",
        view=views.bookings,
        scope=EVENTS_READ,
        query=payloads.BookingsQuery,
        answer=answers.BookingsPage,
        problems=("missing_scope", "resync", "invalid"),
    ),
)


def mount(app: Flask, settings: Settings) -> None:
    """Register the interface under its prefix, its OpenAPI document beside it."""
    sync = Blueprint("rdv_sync", __name__, url_prefix=settings.sync_prefix)
    exempt_from_csrf(sync)
    problems.register(sync)
    contract = Contract(sync)
    for endpoint in TABLE:
        view = contract.covering(endpoint)
        sync.add_url_rule(endpoint.rule, endpoint.name, view, methods=[endpoint.method])
    sync.add_url_rule("/openapi.json", "openapi", contract.answer)
    app.register_blueprint(sync)
