"""Two people on one page: the second is told what the first changed, and loses nothing typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import local, words
from flask_logivet_rdv.messages import changes
from flask_logivet_rdv.services.history import Change, changed_since, names
from flask_logivet_rdv.services.transaction import Tx
from flask_logivet_rdv.state import state

from .access import write
from .layout import Problem
from .visit import Visit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clash:
    """What others saved of a page while it was open; nothing of it was saved since."""

    theirs: Sequence[Change]

    def frame(self, visit: Visit) -> dict[str, Any]:
        """Return the frame of the page once more: 409, told what changed, made anew.

        Saved again, it wins.
        """
        return {
            "problems": self._problems(visit),
            "base": self.theirs[-1].revision,
            "status": 409,
        }

    def _problems(self, visit: Visit) -> list[Problem]:
        called, zone = names(state().db.session(), visit.account_id), visit.time_zone
        told = [
            Problem("", _told(visit, change, "; ".join(changes.lines(change, called, zone))))
            for change in self.theirs
        ]
        last = _(
            "Your own changes are kept below and not saved yet."
            " If you save again, what you see below replaces the changes above."
        )
        return [*told, Problem("", last)]


class _ClashError(Exception):
    """Takes back what a verb has written."""

    def __init__(self, clash: Clash) -> None:
        super().__init__()
        self.clash = clash


def save(visit: Visit, subject: str, base: int | None, verb: Callable[[Tx], T]) -> T | Clash:
    """Save a page's `subject`, unless another save of it came after the page was made.

    `base` is the revision that the page was made at, None for a page that does not tell. What
    would change nothing clashes with nobody: a form that is sent again is answered as before.
    """

    def work(tx: Tx) -> T:
        theirs = changed_since(tx, subject, base) if base is not None else []
        done = verb(tx)
        if theirs and tx.audits:
            raise _ClashError(Clash(theirs))
        return done

    try:
        return write(visit, work)
    except _ClashError as error:
        return error.clash


def _told(visit: Visit, change: Change, what: str) -> str:
    at = local(int(change.at.timestamp()), visit.time_zone)
    return _(
        "{name} changed this page at {time}. {changes}",
        name=change.actor,
        time=words(visit.lang).time(at).removesuffix("."),  # of « a.m. »
        changes=what,
    )
