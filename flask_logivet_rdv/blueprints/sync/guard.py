"""Who may ask what: the key first, then its scope, the subscription, and what was sent."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from flask_logivet_rdv.services import keys
from flask_logivet_rdv.services.connection import each_for_itself
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web import incidents

from . import clock, reading
from .problems import BadItem, ProblemError

_KEY = re.compile(r"rdv_[0-9A-Za-z]{1,16}_[0-9A-Za-z_-]{1,128}")
_KEY_NAMES = frozenset({"key", "api_key", "apikey", "access_token", "authorization", "bearer"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a valid key speaks for: plain ids, which outlive a rollback."""

    account_id: UUID
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A line of the interface: who may ask, what is read, what is answered.

    `view` takes the caller, then the declared query, headers and body, and by name what the rule
    names, and returns an `answer`, or None where there is none to give. `problems` are the codes
    it may answer beside those of every address.
    """

    method: str
    rule: str
    view: Callable[..., BaseModel | None]
    answer: type[BaseModel] | None
    status: int = 200
    scope: str | None = None
    subscribed: bool = False
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return its name in the blueprint and the OpenAPI document."""
        return self.view.__name__


def guarded(endpoint: Endpoint) -> Callable[..., Response]:
    """Return the view of an endpoint, called only with a good key and valid content."""

    def view(**path: Any) -> Response:
        caller = _admitted(endpoint)
        parts = _read(endpoint)
        with _refusals_counted(caller):
            made = endpoint.view(caller, *parts, **path)
        if made is None:
            return Response(status=endpoint.status)
        return Response(made.model_dump_json(), endpoint.status, mimetype="application/json")

    view.__name__, view.__doc__ = endpoint.name, endpoint.view.__doc__
    return view


def _admitted(endpoint: Endpoint) -> Caller:
    """Return the caller. Raises ProblemError: 400, 401 or 403."""
    here = state()
    session, now = here.db.session(), here.clock()
    if any(_is_key(name, value) for name, value in request.args.items(multi=True)):
        raise ProblemError("key_in_query")
    presented = _presented()
    each_for_itself(session)
    holder = keys.authenticate(session, presented, now) if presented else None
    if holder is None:
        raise ProblemError("invalid_key")
    caller = Caller(holder.account.id, holder.key_id)
    subscribed = holder.account.subscribed(int(now.timestamp()))
    former = holder.last_used_ip
    _note_use(session, holder, now)
    incidents.key_used(caller.account_id, caller.key_id, former, request)
    clock.compare(caller.account_id, request.headers.get(clock.HEADER), now)
    if endpoint.scope is not None and endpoint.scope not in holder.scopes:
        raise ProblemError("missing_scope")
    if endpoint.subscribed and not subscribed:
        raise ProblemError("subscription_inactive")
    return caller


def _presented() -> str | None:
    """Return the key of the Authorization header, if it looks like one."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    key = credentials.strip()
    return key if scheme.lower() == "bearer" and _KEY.fullmatch(key) else None


def _is_key(name: str, value: str) -> bool:
    return name.lower() in _KEY_NAMES or value.removeprefix("Bearer ").startswith("rdv_")


def _note_use(session: Session, holder: keys.KeyHolder, now: datetime) -> None:
    """Remember the use; looked at first, as a write that changes nothing still locks SQLite."""
    used = holder.last_used_at
    if used is None or used < now - keys.USE_IS_NOTED_EVERY:
        agent = request.headers.get("User-Agent", "")
        keys.note_use(session, holder.key_id, now, request.remote_addr or "", agent)


@contextmanager
def _refusals_counted(caller: Caller) -> Iterator[None]:
    try:
        yield
    except ProblemError as problem:
        if problem.asks_for_no_such_thing:
            incidents.refused(caller.account_id, caller.key_id)
        raise


def _read(endpoint: Endpoint) -> list[Any]:
    """Return what an endpoint declares, valid. Raises ProblemError with all that is wrong."""
    parts: list[Any] = []
    wrong: list[BadItem] = []
    sources: tuple[tuple[type[BaseModel] | None, str, Callable[[], Any]], ...] = (
        (endpoint.query, "parameter", reading.query),
        (endpoint.headers, "header", reading.headers),
        (endpoint.body, "pointer", reading.json_body),
    )
    for model, place, given in sources:
        if model is not None:
            part, errors = reading.validated(model, given(), place)
            parts.append(part)
            wrong += errors
    if wrong:
        raise ProblemError("invalid", wrong)
    return parts
