"""What LogiVet deleted while a page was open: whoever sends the page is told its names."""

import uuid
from collections.abc import Iterable

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models.catalogue import FromLogivet
from flask_logivet_rdv.services.catalogue import deleted
from flask_logivet_rdv.state import state

from .visit import Visit


def left_out(visit: Visit, names: Iterable[tuple[str, str]]) -> list[str]:
    """Return a sentence for each row of these French and English names."""
    return [
        _(
            "{name} is no longer in LogiVet and was left out.",
            name=both[0 if visit.lang == "fr" else 1] or both[0] or both[1],
        )
        for both in names
    ]


def vanished(
    visit: Visit,
    model: type[FromLogivet],
    sent: Iterable[uuid.UUID],
    living: Iterable[FromLogivet],
) -> list[str]:
    """Return a sentence for each row that was sent and that a page made anew has no longer.

    Saving that page would not tell: its form does not hold them.
    """
    ids = set(sent) - {row.id for row in living}
    gone = deleted(state().db.session(), model, visit.account_id, ids)
    return left_out(visit, ((row.name_fr, row.name_en) for row in gone))
