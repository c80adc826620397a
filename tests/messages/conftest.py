from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.messages import deliver
from flask_logivet_rdv.models import Outbox
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.outbox import Claim
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION, state


def claim_of(booking_id, kind):
    """Return the claim of a booking's mail, as a drain would make it."""
    row = (
        state()
        .db.session.scalars(
            sa.select(Outbox).where(Outbox.booking_id == booking_id, Outbox.kind == kind)
        )
        .one()
    )
    return Claim(row.account_id, row.id, kind, row.locale, booking_id, row.dedupe_key, 1)


@pytest.fixture
def post(portal):
    """Deliver one mail of a booking, and return it as it was handed over; None when skipped."""

    def deliver_one(booking_id, kind="confirmation"):
        with portal.app_context(), portal.extensions["mail"].record_messages() as sent:
            claim = claim_of(booking_id, kind)
            assert deliver(jobs.desk(), claim) is bool(sent)
        return sent[0] if sent else None

    return deliver_one


@pytest.fixture
def cancel(portal):
    def cancel_one(clinic, booking_id, reason="Il va mieux"):
        with portal.app_context():
            transact(
                jobs.desk(),
                clinic.account_id,
                lambda tx: cancel_by_client(tx, booking_id, reason),
            )

    return cancel_one


@pytest.fixture
def clinic_is(portal, clinic, monkeypatch):
    """Have the host tell other facts of the clinic."""
    here = portal.extensions[EXTENSION]
    with portal.app_context():
        facts = here.facts(clinic.clinic_id)

    def told(**changed):
        other = {clinic.clinic_id: replace(facts, **changed)}
        monkeypatch.setattr(here.host, "clinics", lambda ids: other)
        here.clinic_changed(clinic.clinic_id)

    return told


@pytest.fixture
def own_text_of(monkeypatch):
    """Have the host of a portal answer, for every message, with a text or as a function does."""

    def answer(app, given):
        mail_text = given if callable(given) else lambda *_: given
        monkeypatch.setattr(app.extensions[EXTENSION].host, "mail_text", mail_text)

    return answer


@pytest.fixture
def own_text(portal, own_text_of):
    """Have the host answer so."""
    return lambda given: own_text_of(portal, given)
