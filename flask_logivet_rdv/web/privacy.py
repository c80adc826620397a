"""How an e-mail address is counted without being known."""

import hmac
from hashlib import sha256

from flask import current_app

from flask_logivet_rdv.state import state


def email_key(address: str) -> str:
    """Return the hash under which the bookings of an address are counted, across clinics.

    Capitals and a ``+tag`` make no other person. The key of the hash is the setting's, or
    SECRET_KEY in debug and testing.
    """
    local, _, host = address.strip().lower().rpartition("@")
    person = f"{local.partition('+')[0]}@{host}"
    secret = state().settings.email_key or current_app.secret_key or ""
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, person.encode(), sha256).hexdigest()
