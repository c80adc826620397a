"""The interface for LogiVet: JSON over HTTP, one key per clinic, errors as problem+json."""

from flask import Blueprint, Flask

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.services.keys import AGENDA_WRITE, EVENTS_READ
from flask_logivet_rdv.web.pages import exempt_from_csrf

from . import (
    answers,
    answers_uploads,
    payloads,
    payloads_actions,
    payloads_reading,
    payloads_snapshots,
    problems,
    views,
    views_actions,
    views_uploads,
)
from .contract import Contract
from .guard import Endpoint

BODY_PROBLEMS = ("malformed_json", "body_too_large", "unsupported_media_type", "invalid")
TABLE = (
    Endpoint(method="GET", rule="/hello", view=views.hello, answer=answers.Hello),
    Endpoint(
        method="POST",
        rule="/changes",
        view=views_uploads.changes,
        scope=AGENDA_WRITE,
        subscribed=True,
        headers=payloads.ChangesHeaders,
        body=payloads.Batch,
        answer=answers_uploads.ChangesApplied,
        problems=(
            "malformed_json",
            "missing_scope",
            "subscription_inactive",
            "token_mismatch",
            "snapshot_in_progress",
            "in_flight",
            "body_too_large",
            "too_many_changes",
            "unsupported_media_type",
            "invalid",
            "idempotency_key_reuse",
        ),
    ),
    Endpoint(
        method="POST",
        rule="/snapshots",
        view=views_uploads.open_snapshot,
        scope=AGENDA_WRITE,
        subscribed=True,
        body=payloads_snapshots.NewSnapshot,
        answer=answers_uploads.SnapshotOpened,
        status=201,
        problems=(*BODY_PROBLEMS, "missing_scope", "subscription_inactive"),
    ),
    Endpoint(
        method="PUT",
        rule="/snapshots/<uuid:snapshot_id>/parts/<int:n>",
        view=views_uploads.put_part,
        scope=AGENDA_WRITE,
        subscribed=True,
        body=payloads_snapshots.Part,
        answer=None,
        status=204,
        problems=(
            *BODY_PROBLEMS,
            "missing_scope",
            "subscription_inactive",
            "no_such_snapshot",
            "snapshot_closed",
            "too_many_changes",
        ),
    ),
    Endpoint(
        method="POST",
        rule="/snapshots/<uuid:snapshot_id>/commit",
        view=views_uploads.commit_snapshot,
        scope=AGENDA_WRITE,
        subscribed=True,
        body=payloads_snapshots.Commit,
        answer=answers_uploads.SnapshotApplied,
        problems=(
            *BODY_PROBLEMS,
            "missing_scope",
            "subscription_inactive",
            "no_such_snapshot",
            "snapshot_in_progress",
        ),
    ),
    Endpoint(
        method="GET",
        rule="/events",
        view=views.events,
        scope=EVENTS_READ,
        query=payloads_reading.EventsQuery,
        answer=answers.EventsPage,
        problems=("missing_scope", "resync", "invalid"),
    ),
    Endpoint(
        method="GET",
        rule="/bookings",
        view=views.bookings,
        scope=EVENTS_READ,
        query=payloads_reading.BookingsQuery,
        answer=answers.BookingsPage,
        problems=("missing_scope", "resync", "invalid"),
    ),
    Endpoint(
        method="POST",
        rule="/bookings/<uuid:booking_id>/cancel",
        view=views_actions.cancel_booking,
        scope=AGENDA_WRITE,
        body=payloads_actions.Cancellation,
        answer=answers.BookingAnswer,
        problems=(*BODY_PROBLEMS, "missing_scope", "unknown_booking"),
    ),
    Endpoint(
        method="POST",
        rule="/bookings/<uuid:booking_id>/move",
        view=views_actions.move_booking,
        scope=AGENDA_WRITE,
        body=payloads_actions.NewPlace,
        answer=answers.BookingAnswer,
        problems=(
            *BODY_PROBLEMS,
            "missing_scope",
            "unknown_booking",
            "slot_taken",
            "booking_cancelled",
        ),
    ),
    Endpoint(
        method="POST",
        rule="/keys/rotate",
        view=views_actions.rotate_key,
        scope=AGENDA_WRITE,
        answer=answers.KeyRotated,
        problems=("missing_scope", "key_replaced"),
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
