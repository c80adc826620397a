"""LogiVet's clock beside the portal's, which alone decides: a notice when they are far apart."""

from datetime import datetime
from uuid import UUID

from werkzeug.http import parse_date

from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.warnings import warn_of_clock

HEADER = "X-Client-Time"
TOLERATED_S = 300


def compare(account_id: UUID, told: str | None, now: datetime) -> None:
    """Have a clinic told that its clock is off by more than 5 minutes, once an hour at most.

    `told` is an HTTP date; a malformed one is left alone.
    """
    moment = parse_date(told)
    if moment is None:
        return
    skew_s = round((moment - now).total_seconds())
    if abs(skew_s) > TOLERATED_S:
        transact(desk(), account_id, lambda tx: warn_of_clock(tx, skew_s))
