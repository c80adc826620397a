"""What a clinic's privacy officer has to know, beside who was shown or erased what (Law 25).

They are rows of the audit, and name nobody but who acted.
"""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Audit

from .person import PERSONAL_DATA
from .transaction import Tx

ADDRESS, REFUSED = "incident:address", "incident:refused"
LOG = (PERSONAL_DATA, "incident:*")
"""The subjects of the incident log."""
ADDRESSES_A_DAY = 10
"""How many new addresses of one key are written down in a day: more of them tell no more."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

Who = Actor | str
"""A person, or LogiVet by the id of its key."""


def address_is_new(
    session: Session, account_id: uuid.UUID, key_id: str, address: str, now: datetime
) -> bool:
    """Tell whether the use of a key from an address is to be written down.

    Not when it was before, at any time, nor when ten of that key were within the day.
    """
    rows = session.execute(
        sa.select(Audit.at, Audit.before, Audit.after).where(
            Audit.account_id == account_id, Audit.subject == ADDRESS
        )
    ).all()
    of_key = [(at, before, after) for at, before, after in rows if after["key"] == key_id]
    known = {told["address"] for _at, *both in of_key for told in both}
    today = sum(at > now - DAY for at, _before, _after in of_key)
    return address not in known and today < ADDRESSES_A_DAY


def note_address(tx: Tx, key_id: str, former: str, address: str) -> None:
    """Write down that a key, last used from `former`, is used from a new address, if it is."""
    if address_is_new(tx.session, tx.account_id, key_id, address, tx.now):
        tx.audit(ADDRESS, None, {"address": former}, {"key": key_id, "address": address})


def refusals_were_noted(session: Session, account_id: uuid.UUID, who: Who, now: datetime) -> bool:
    """Tell whether it was written down within the hour that somebody was refused many times."""
    rows = session.execute(
        sa.select(Audit.user_id, Audit.after).where(
            Audit.account_id == account_id, Audit.subject == REFUSED, Audit.at > now - HOUR
        )
    )
    if isinstance(who, Actor):
        return any(user_id == who.user_id for user_id, _after in rows)
    return any(after.get("key") == who for _user_id, after in rows)


def note_refusals(tx: Tx, who: Who, more_than: int) -> None:
    """Write down, once an hour, that somebody asked so often for what is not the clinic's."""
    if refusals_were_noted(tx.session, tx.account_id, who, tx.now):
        return
    person, key = (who, {}) if isinstance(who, Actor) else (None, {"key": who})
    tx.audit(REFUSED, person, None, {"more_than": more_than} | key)
