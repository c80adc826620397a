"""Tokens of the public pages: signed or random, never a cookie."""

import hmac
import secrets
import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

FORM_SALT, DRAFT_SALT = "logivet-rdv-form", "logivet-rdv-draft"


@dataclass(frozen=True, slots=True)
class FormToken:
    """What a booking form carries: the widget it belongs to, its own key, when it was made.

    `text` is what it was read from, if it was.
    """

    widget_id: uuid.UUID
    booking_key: str
    made_at: int
    text: str = field(default="", compare=False)

    def sign(self) -> str:
        """Return the token for a hidden field."""
        said = [self.widget_id.hex, self.booking_key, self.made_at]
        return self.text or _signer(FORM_SALT).dumps(said)


def new_form_token(widget_id: uuid.UUID, now: int) -> FormToken:
    """Return a token with a fresh booking key. `now` in UTC seconds."""
    return FormToken(widget_id, secrets.token_urlsafe(24), now)


def read_form_token(text: str, widget_id: uuid.UUID) -> FormToken | None:
    """Return an authentic token of this widget, however old, else None."""
    try:
        widget, booking_key, made_at = _signer(FORM_SALT).loads(text)
    except (BadData, ValueError, TypeError):
        return None
    token = FormToken(uuid.UUID(widget), booking_key, made_at, text)
    return token if token.widget_id == widget_id else None


def sign_draft(fields: dict[str, str]) -> str:
    """Return typed fields signed, to be posted back to the calendar and on; never in a URL."""
    return _signer(DRAFT_SALT).dumps(fields)


def read_draft(text: str) -> dict[str, str]:
    """Return the typed fields of an authentic draft, else none."""
    try:
        fields: Any = _signer(DRAFT_SALT).loads(text)
    except BadData:
        return {}
    return {str(name): str(value) for name, value in fields.items()}


def confirmation_token(booking_key: str) -> str:
    """Return the token of a booking's confirmation page: the same for the same form, re-sent."""
    return hmac.new(_secret(), f"confirmation:{booking_key}".encode(), sha256).hexdigest()


def _signer(salt: str) -> URLSafeSerializer:
    return _signer_of(_secret(), salt)


@lru_cache(maxsize=8)
def _signer_of(secret: bytes, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=salt)


def _secret() -> bytes:
    secret = current_app.secret_key
    if not secret:
        raise RuntimeError("SECRET_KEY is not set.")
    return secret.encode() if isinstance(secret, str) else secret
