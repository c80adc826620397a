"""What was done, for whoever watches: a log line for each, and a signal that counters hear.

Nothing personal goes through here: ids, counts, and words that the code itself chose.
"""

import logging
from uuid import UUID

from blinker import Signal

log = logging.getLogger("flask_logivet_rdv.done")

LEVELS = {"failed": logging.WARNING, "given_up": logging.ERROR}
"""How loud an outcome is; any other is information."""

done = Signal("Something was done. Sent with `what`, `outcome` and `facts`.")


def tell(what: str, outcome: str, account_id: UUID, **facts: str | int | UUID | None) -> None:
    """Log that something was done in a clinic, on one line, and tell who counts.

    `what` is ``booking``, ``cancellation``, ``move``, ``mail`` or ``upload``;
    `outcome` how it ended; `facts` say more of it, and None is left out. The line reads
    ``booking outcome=booked account=… booking=…``; a formatter of one's own finds its parts in the
    record's attribute ``logivet_rdv``.
    """
    known = {"outcome": outcome, "account": account_id} | facts
    said = {name: str(fact) for name, fact in known.items() if fact is not None}
    line = " ".join([what, *(f"{name}={fact}" for name, fact in said.items())])
    level = LEVELS.get(outcome, logging.INFO)
    log.log(level, "%s", line, extra={"logivet_rdv": {"what": what} | said})
    done.send(None, what=what, outcome=outcome, facts=facts)
