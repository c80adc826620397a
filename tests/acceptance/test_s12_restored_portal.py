"""S12: the portal's database is put back as it was, and a new epoch begins.

Slow, as the server starts twice.
"""

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, Busy
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from tests.acceptance.logivet import LogiVet, rows, slots
from tests.acceptance.restarted import portal
from tests.support.clinics import make_clinic
from tests.support.served import call

UNKNOWN = "Rendez-vous en ligne inconnu dans le carnet"


@pytest.fixture(params=["sqlite", "postgresql"])
def restorable(request, tmp_path):
    with portal(request.param, tmp_path) as made:
        yield made


class Story:
    """A clinic with its desktop, and what it lives through before and after the backup."""

    def __init__(self, app, folder):
        self.clinic = make_clinic(app, configured=True)
        self.file = folder / f"{self.clinic.account_id}.sqlite3"
        self.free = [slot.start for slot in slots(self.clinic)]
        self.kept, self.given_up = (self.clinic.book(start) for start in self.free[-2:])

    def desktop(self, sync_url):
        return LogiVet(sync_url, self.clinic, self.file)

    def after_the_backup(self, sync_url):
        """Book, cancel, and tell all of it on both sides."""
        desktop = self.desktop(sync_url)
        desktop.keep_catalogue()
        desktop.note("A-1", self.free[0])
        self.lost = self.clinic.book(self.free[-3])
        with self.clinic.app.app_context():
            transact(
                jobs.desk(),
                self.clinic.account_id,
                lambda tx: cancel_by_client(tx, self.given_up, "Voyage"),
            )
        desktop.receive()
        desktop.send()
        self.cursor = desktop.store.state("cursor")
        assert {e.cancelled for e in desktop.mirrors().values()} == {False, True}
        desktop.store.close()

    def is_whole_again(self, sync_url):
        """Meet the restored portal; what either side knows is there on both."""
        stale = call(f"{sync_url}/events?cursor={self.cursor}", key=self.clinic.key)
        assert (stale.status, stale.json["code"]) == (410, "resync")
        desktop = self.desktop(sync_url)
        desktop.receive()
        desktop.send()
        desktop.receive()
        assert dict(rows(self.clinic, Booking.id, Booking.status)) == {
            self.kept: "confirmed",
            self.given_up: "confirmed",
        }
        assert {key: e.cancelled for key, e in desktop.mirrors().items()} == {
            str(one): False for one in (self.kept, self.given_up, self.lost)
        }
        assert {
            (key, starts) for key, starts in rows(self.clinic, Busy.logivet_id, Busy.starts_at)
        } == {
            ("A-1", self.free[0]),
            *((f"R-{one}", start) for one, start in self.booked()),
        }
        assert desktop.messages().count(UNKNOWN) == 1
        offered = [slot.start for slot in slots(self.clinic)]
        assert not {self.free[0], *(start for _, start in self.booked())} & set(offered)
        self.goes_on(desktop, offered[-1])
        desktop.store.close()

    def goes_on(self, desktop, start):
        assert desktop.store.state("token") == desktop.sync.portal.hello()["token"]
        later = self.clinic.book(start)
        desktop.receive()
        assert str(later) in desktop.mirrors()

    def booked(self):
        return zip((self.lost, self.kept, self.given_up), self.free[-3:], strict=True)


def test_s12_every_desktop_reads_and_tells_all_again_and_nothing_is_erased(restorable, tmp_path):
    stories = [Story(restorable.app, tmp_path) for _ in range(2)]
    restorable.back_up()
    with restorable.serving() as (sync_url, _):
        for story in stories:
            story.after_the_backup(sync_url)
    restorable.restore()
    said = restorable.app.test_cli_runner().invoke(args=["rdv", "new-epoch", "--all"])
    assert said.exit_code == 0, said.output
    with restorable.serving() as (sync_url, _):
        for story in stories:
            story.is_whole_again(sync_url)
