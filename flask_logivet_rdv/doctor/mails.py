"""The mails that wait: how late the oldest is, which are tried in vain, which were given up."""

from collections.abc import Iterator

from flask import Flask

from flask_logivet_rdv.services.standing import Mails, mails_of, standings
from flask_logivet_rdv.state import state

from .finding import HOUR_S, MINUTE_S, Finding, Level, counted, duration

NAME = "mails"
LATE_S, STUCK_S = 5 * MINUTE_S, HOUR_S


def look(app: Flask) -> Iterator[Finding]:
    """Yield how late the mails are, and those that do not leave."""
    here = state()
    now = here.clock()
    mails = mails_of(one.mails for one in standings(here.db.session(), now))
    yield _of_queue(mails, int(now.timestamp()))
    if mails.retried:
        told = (
            f"{counted(mails.retried, 'mail')} tried in vain so far"
            f" ({', '.join(sorted(mails.errors))}), to be tried again. See the mail server."
        )
        yield Finding(f"{NAME}: tried again", Level.WARNING, told)
    if mails.dead:
        told = (
            f"{counted(mails.dead, 'mail')} given up; the clinics were told."
            " See « flask rdv mail list --all »."
        )
        yield Finding(f"{NAME}: given up", Level.WARNING, told)


def _of_queue(mails: Mails, now: int) -> Finding:
    late = now - mails.due_since if mails.due_since is not None else 0
    told = f"{counted(mails.waiting, 'mail')} to leave"
    if mails.due_since is not None:
        told += f", the oldest due for {duration(late)}"
    if late <= LATE_S:
        return Finding(NAME, Level.OK, f"{told}.")
    told += ": nothing drains them. Run « flask rdv worker », or « flask rdv drain --loop »."
    return Finding(NAME, Level.ERROR if late > STUCK_S else Level.WARNING, told)
