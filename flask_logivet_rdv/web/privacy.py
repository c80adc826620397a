"""How an address is counted without being known, and what no log may hold."""

import hmac
import logging
import re
from hashlib import sha256

import sqlalchemy as sa
from flask import current_app

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.state import state


class TokensMasked(logging.Filter):
    """Masks the tokens of public addresses: who reads a log must not be able to cancel a visit.

    Flask logs the path of a request that failed.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        prefix = re.escape(settings.widget_prefix)
        self._token = re.compile(rf"({prefix}/(?:annuler|confirmation)/)[^\s/?\]]+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the tokens of its message."""
        if isinstance(record.msg, str):
            record.msg = self._token.sub(r"\1…", record.msg)
        return True


def hide_values() -> None:
    """Have errors of the database on our tables hold no values, whatever log they end in."""
    if not sa.event.contains(sa.Engine, "handle_error", _without_values):
        sa.event.listen(sa.Engine, "handle_error", _without_values)


def _without_values(context: sa.ExceptionContext) -> None:
    """Take the parameters out of an error, and the row that PostgreSQL adds to it."""
    error, original = context.sqlalchemy_exception, context.original_exception
    if error is None or "rdv_" not in (context.statement or ""):
        return
    error.hide_parameters = True
    for one in (error, original):
        one.args = tuple(_undetailed(part) for part in one.args)


def _undetailed(part: object) -> object:
    return part.partition("\nDETAIL")[0] if isinstance(part, str) else part


def email_key(address: str) -> str:
    """Return the hash under which the bookings of an address are counted, across clinics.

    Capitals, dots before the @ and a ``+tag`` make no other person: most providers deliver all of
    them to one box, and somebody else's has to be flooded by none. The key of the hash is the
    setting's, or SECRET_KEY in debug and testing.
    """
    local, _, host = address.strip().lower().rpartition("@")
    person = f"{local.partition('+')[0].replace('.', '')}@{host}"
    secret = state().settings.email_key or current_app.secret_key or ""
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, person.encode(), sha256).hexdigest()
