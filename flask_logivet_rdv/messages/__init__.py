"""Mails, calendar entries and notices: texts in a language, from facts."""

from flask_logivet_rdv.services.outbox import Claim
from flask_logivet_rdv.services.transaction import Desk


def deliver(desk: Desk, claim: Claim) -> bool:
    """Send."""
    raise NotImplementedError
