"""Errors as ``application/problem+json`` (RFC 9457), with codes that a program may rely on."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, got_request_exception, request
from werkzeug.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

PROBLEMS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request cannot be read."),
    "malformed_json": (
        400,
        "The body is not JSON in UTF-8; numbers must be finite and the members of an object"
        " must have different names.",
    ),
    "key_in_query": (400, "A key belongs in the Authorization header, never in the address."),
    "invalid_key": (401, "The key is absent, unknown, expired or revoked."),
    "forbidden": (403, "This is not allowed."),
    "missing_scope": (403, "The key does not have the scope that this address asks for."),
    "subscription_inactive": (403, "The clinic's subscription to online booking is not active."),
    "not_found": (404, "There is no such address in this interface."),
    "no_such_snapshot": (
        404,
        "There is no such snapshot of this clinic: it is unknown, or it expired. Open a new one.",
    ),
    "unknown_booking": (404, "This clinic has no such online booking."),
    "method_not_allowed": (405, "This address does not accept that method."),
    "conflict": (409, "The request conflicts with the present state."),
    "token_mismatch": (
        409,
        "The token is not the last one that was given: another upload came first, or this"
        " desktop was restored. Nothing was applied; send a snapshot.",
    ),
    "snapshot_in_progress": (409, "A snapshot is being applied; try again when it is done."),
    "snapshot_closed": (409, "The snapshot was committed: its parts can no longer be changed."),
    "in_flight": (409, "The first request with this Idempotency-Key still runs."),
    "slot_taken": (409, "Another online booking of the resource holds some of that time."),
    "booking_cancelled": (409, "The booking is cancelled: it cannot be moved."),
    "key_replaced": (
        409,
        "The key was replaced, and the new one is in use: rotate that one. Who has lost it asks"
        " the clinic for another.",
    ),
    "gone": (410, "This is no longer there."),
    "resync": (
        410,
        "Events cannot be read from this cursor: it is too old, not of this portal, or damaged."
        " Read the bookings in full, then go on from their as_of.",
    ),
    "body_too_large": (413, "The body is larger than 524288 bytes."),
    "too_many_changes": (413, "A request holds at most 500 changes or items."),
    "unsupported_media_type": (415, "The body must be application/json, not compressed."),
    "invalid": (422, "Some items are not valid; nothing was applied. See errors."),
    "idempotency_key_reuse": (422, "The Idempotency-Key was used with another body."),
    "too_many_requests": (429, "Too many requests; try again later."),
    "internal_error": (500, "Something went wrong on our side; it was noted. Try again later."),
    "unavailable": (503, "The service is busy or not available; try again later."),
}
"""Every code with its status and its words."""

WORTH_WAITING = {"snapshot_in_progress", "in_flight", "too_many_requests", "unavailable"}
"""The codes that tell when to try again."""

GENERIC = {
    400: "bad_request",
    401: "invalid_key",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "gone",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}
"""The code of an error that Flask or the host raised, by status."""


@dataclass(frozen=True, slots=True)
class BadItem:
    """What is wrong with one item: at a JSON pointer of the body, in a parameter or a header."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


class ProblemError(Exception):
    """The request is answered with a problem, by its code."""

    def __init__(
        self, code: str, errors: Sequence[BadItem] = (), retry_after_s: int | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.errors, self.retry_after_s = code, errors, retry_after_s

    @property
    def asks_for_no_such_thing(self) -> bool:
        """Tell whether the request named by its id what the clinic does not have."""
        return PROBLEMS[self.code][0] == 404 or any(item.code == "unknown" for item in self.errors)


def problem(
    code: str, instance: str, errors: Sequence[BadItem] = (), retry_after_s: int | None = None
) -> dict[str, Any]:
    """Return the members of a problem; nothing of the request but its path is repeated."""
    status, detail = PROBLEMS[code]
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
    }
    if errors:
        members["errors"] = [
            {name: value for name, value in asdict(item).items() if value is not None}
            for item in errors
        ]
    if code in WORTH_WAITING or retry_after_s is not None:
        members["retry_after_s"] = retry_after_s or RETRY_AFTER_S
    return members


def register(blueprint: Blueprint) -> None:
    """Have every error of a blueprint answered as a problem, whatever handlers the host has.

    A host's handler for one status wins over ours for all of them, so each has its own.
    """
    blueprint.register_error_handler(ProblemError, _answer)
    for status in GENERIC:
        blueprint.register_error_handler(status, _of_http)
    blueprint.register_error_handler(sa.exc.OperationalError, _unavailable)
    blueprint.register_error_handler(Exception, _unforeseen)


def _answer(error: ProblemError) -> Response:
    members = problem(error.code, request.path, error.errors, error.retry_after_s)
    status, headers = members["status"], {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in members:
        headers["Retry-After"] = str(members["retry_after_s"])
    return Response(json.dumps(members), status, headers, mimetype=MEDIA_TYPE)


def _of_http(error: HTTPException) -> Response:
    wait = getattr(error, "retry_after", None)
    code = GENERIC.get(error.code or 500, "internal_error")
    return _answer(ProblemError(code, retry_after_s=wait if isinstance(wait, int) else None))


def _unavailable(error: Exception) -> Response:
    """Answer a lock or connection that the database would not give: to be tried again."""
    current_app.logger.warning("The database did not serve a request (%s).", type(error).__name__)
    return _answer(ProblemError("unavailable"))


def _unforeseen(error: Exception) -> Response:
    """Log as Flask does and tell who listens, since a handled error does neither."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    got_request_exception.send(application, exception=error)
    current_app.log_exception(sys.exc_info())
    return _answer(ProblemError("internal_error"))
