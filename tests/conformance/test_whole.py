"""The portal holds every sentence of the contract, and a run leaves nothing behind."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Booking, Busy, Category, Outbox, Resource, Species, SyncKey
from host_example.models import db
from tests.conformance.conftest import Played, empty_clinic, names, play
from tests.support.clinics import TestClinic
from tests.support.served import Served, served

BEYOND = {
    "transport.https",
    "transport.last_use",
    "idempotency.kept",
    "snapshots.expires",
    "snapshots.resumes",
    "events.kept",
    "events.shown",
    "actions.client_told",
    "rotation.ended",
    "errors.busy",
}
"""What no run of a minute over plain HTTP can try."""
MAY_BE_MISSED = {"snapshots.in_progress"}
"""What a portal can be too quick for."""


@dataclass(frozen=True)
class Whole:
    portal: Served
    clinic: TestClinic
    run: Played

    def states(self, model: type, column: str) -> set[object]:
        """Return the values of a column among the clinic's rows."""
        with self.portal.app.app_context():
            wanted = sa.select(getattr(model, column)).distinct()
            return {*db.session.scalars(wanted.where(model.account_id == self.clinic.account_id))}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp(request.param)
    with served(request.param, folder) as portal:
        clinic = empty_clinic(portal)
        run = play(portal.app, folder / "run.json", portal.sync_url, clinic.key)
        yield Whole(portal, clinic, run)


def test_every_sentence_that_can_be_tried_holds(whole):
    assert whole.run.checks("fails") == {}
    assert whole.run.exit_code == 0
    held, untried = set(whole.run.checks("holds")), set(whole.run.checks("not tried"))
    assert held | untried == set(names())
    assert untried - MAY_BE_MISSED == BEYOND


def test_the_transcript_is_read_as_documentation(whole):
    for line in (
        "Bookings, full state",
        "  POST /changes",
        "  An owner books ",
        "    ✓ A booking makes the event `booking.created`.  [bookings.created]",
        "    – The old key ends after 24 h.  [rotation.ended]",
        " 0 do not hold, ",
    ):
        assert line in whole.run.output


def test_no_key_is_shown_whole(whole):
    _, key_id, secret = whole.clinic.key.split("_", 2)
    for text in (whole.run.output, str(whole.run.transcript)):
        assert secret not in text
        assert f"rdv_{key_id}" not in text
        assert f"rdv_{key_id[:2]}…" in text


def test_its_bookings_are_cancelled_and_nobody_is_mailed(whole):
    assert whole.states(Booking, "status") == {"cancelled"}
    assert whole.states(Outbox, "state") == {"skipped"}


def test_it_leaves_no_catalogue_and_no_agenda(whole):
    for model in (Category, Species, Resource):
        assert None not in whole.states(model, "deleted_at")
    assert whole.states(Busy, "logivet_id") == set()


def test_the_keys_that_it_made_are_revoked(whole):
    with whole.portal.app.app_context():
        valid = sa.select(SyncKey.key_id).where(
            SyncKey.account_id == whole.clinic.account_id, SyncKey.revoked_at.is_(None)
        )
        assert [*db.session.scalars(valid)] == [whole.clinic.key.split("_")[1]]
