"""The database, for a public page that only reads."""

from sqlalchemy.orm import Session

from flask_logivet_rdv.services.connection import each_for_itself
from flask_logivet_rdv.state import state


def session_to_read() -> Session:
    """Return the host's session, in which each query is for itself where that is cheaper."""
    session: Session = state().db.session()
    each_for_itself(session)
    return session
