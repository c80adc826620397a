"""The database, for a public page that only reads."""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from flask_logivet_rdv.services.accounts import Found, Tenant, tenant
from flask_logivet_rdv.services.connection import each_for_itself
from flask_logivet_rdv.services.offering import KeptOffers, Offer
from flask_logivet_rdv.shelf import Shelf
from flask_logivet_rdv.state import in_process, state

from .tokens import FormToken, confirmation_token

MOST_TENANTS = 5_000
"""How many accounts a process keeps, some 4 MB."""


def session_to_read() -> Session:
    """Return the host's session, in which each query is for itself where that is cheaper."""
    session: Session = state().db.session()
    each_for_itself(session)
    return session


def account_of(widget_id: uuid.UUID, form: FormToken | None = None) -> Found | None:
    """Return what the pages of a widget need of its account, or None, and of a form sent to it."""
    kept = in_process("tenants", lambda: Shelf[Tenant](MOST_TENANTS))
    confirmation = confirmation_token(form.booking_key) if form else None
    return tenant(state().db, kept, widget_id, confirmation)


def offered(account: Tenant) -> Sequence[Offer]:
    """Return what a clinic offers online, in the order of the lists.

    What bookings rely on is kept apart: it was read under the clinic's lock.
    """
    return in_process("offers", KeptOffers).of(account, session_to_read)
