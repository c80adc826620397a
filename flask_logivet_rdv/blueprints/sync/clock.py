"""LogiVet's clock beside the portal's, which alone decides: a notice when they are far apart."""

from datetime import datetime
from uuid import UUID

from werkzeug.http import parse_date

from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.warnings import clock_was_told, warn_of_clock
from flask_logivet_rdv.state import state

HEADER = "X-Client-Time"
TOLERATED_S = 300


def compare(account_id: UUID, told: str | None, now: datetime) -> None:
    """Have a clinic told that its clock is off by more than 5 minutes, once an hour at most.

    `told` is an HTTP date; a malformed one is left alone. The clinic's lock is taken only to tell.
    """
    moment = parse_date(told)
    if moment is None:
        return
    skew_s = round((moment - now).total_seconds())
    if abs(skew_s) > TOLERATED_S and not clock_was_told(state().db.session(), account_id, now):
        transact(desk(), account_id, lambda tx: warn_of_clock(tx, skew_s))
