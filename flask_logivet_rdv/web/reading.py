"""The database, for a public page that only reads."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services.accounts import Tenant
from flask_logivet_rdv.services.connection import each_for_itself
from flask_logivet_rdv.services.offering import Offer
from flask_logivet_rdv.state import state


def session_to_read() -> Session:
    """Return the host's session, in which each query is for itself where that is cheaper."""
    session: Session = state().db.session()
    each_for_itself(session)
    return session


def offered(account: Tenant) -> Sequence[Offer]:
    """Return what a clinic offers online, in the order of the lists."""
    return jobs.kept_offers().of(account, session_to_read)
