"""LogiVet's side of the account pages: what a clinic changes in its own settings and agenda."""

from dataclasses import dataclass, field
from itertools import count

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services.changes import Applied, apply_changes
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import BusyData, CatalogueData, Change, upload_token
from host_example.models import db
from tests.support.clinics import TestClinic

DOLITTLES_KEY = "r2"


@dataclass
class LogiVet:
    """The program of one clinic; each thing that it sends is newer than the one before."""

    clinic: TestClinic
    versions: count = field(default_factory=lambda: count(2))

    def has(self, kind, key, fr, en, **data):
        """Upload a category, species or resource, new or changed."""
        self._upload(kind, key, CatalogueData(fr, en, **data))

    def deactivates(self, kind, name, en=""):
        """Upload a row of the catalogue, by its French name, as switched off."""
        self.has(kind, self.clinic.logivet[f"{kind}:{name}"], name, en, active=False)

    def deletes(self, kind, name):
        self._upload(kind, self.clinic.logivet[f"{kind}:{name}"], None)

    def occupies(
        self, key, start, minutes=30, kind="appointment", resource=DOLITTLES_KEY, booking_id=None
    ):
        """Put an entry into the agenda; `resource` None is the column « Non assigné ».

        `booking_id` is the online booking that it mirrors.
        """
        data = BusyData(resource, kind, start, start + 60 * minutes, booking_id)
        self._upload("busy", key, data)

    def _upload(self, kind, key, data):
        change = Change(kind, key, next(self.versions), data)
        with self.clinic.app.app_context():
            account = db.session.get(ClinicAccount, self.clinic.account_id, populate_existing=True)
            token = upload_token(account.epoch, account.upload_seq)
            done = transact(jobs.desk(), account.id, lambda tx: apply_changes(tx, token, [change]))
        assert isinstance(done, Applied), done
