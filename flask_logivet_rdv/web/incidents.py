"""Incidents that a request makes: written down for the clinic, and never in the request's way."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Request

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.services import incidents
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state

from .limits import client_bucket, hit, network, parsed

log = logging.getLogger(__name__)


def key_used(account_id: uuid.UUID, key_id: str, former: str | None, request: Request) -> None:
    """Write it down when a key is used from an address (IPv6: a /64) that it never was used from.

    `former` is where it was last used from, None when it never was: nothing is asked of the
    database while it stays the same.
    """
    address = client_bucket(request)
    if former is None or network(former) == address:
        return
    with _in_nobodys_way(account_id):
        here = state()
        session, now = here.db.session(), here.clock()
        if incidents.address_is_new(session, account_id, key_id, address, now):
            note = incidents.note_address
            transact(desk(), account_id, lambda tx: note(tx, key_id, network(former), address))


def refused(account_id: uuid.UUID, who: incidents.Who) -> None:
    """Count that somebody asked for what is not the clinic's; write it down when it is too often.

    How often is the setting `incident_refusals`; it is written down once an hour.
    """
    here = state()
    rate = here.settings.incident_refusals
    name = str(who.user_id) if isinstance(who, Actor) else who
    with _in_nobodys_way(account_id):
        if rate is None or hit(rate, "refusals", str(account_id), name) is None:
            return
        if not incidents.refusals_were_noted(here.db.session(), account_id, who, here.clock()):
            most = parsed(rate).amount
            transact(desk(), account_id, lambda tx: incidents.note_refusals(tx, who, most))


@contextmanager
def _in_nobodys_way(account_id: uuid.UUID) -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("An incident of clinic %s could not be written down.", account_id)
        state().db.session.rollback()
