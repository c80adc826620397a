"""S5: a cursor of no use is answered 410, and a full reading goes on from there."""

from urllib.parse import quote

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import ClinicAccount, Event
from host_example.desktop.store import set_state
from host_example.models import db
from tests.acceptance.logivet import LogiVet, slots
from tests.support.served import call


@pytest.fixture
def aged(clinic):
    """Forget the first of two events, as happens to what is old; return their bookings."""
    booked = [str(clinic.book(slot.start)) for slot in slots(clinic)[-2:]]
    with clinic.app.app_context():
        of = Event.account_id == clinic.account_id
        db.session.execute(sa.delete(Event).where(of, Event.seq == 1))
        db.session.execute(
            sa.update(ClinicAccount)
            .where(ClinicAccount.id == clinic.account_id)
            .values(events_kept_from=1)
        )
        db.session.commit()
    return booked


CURSORS = {
    "too old": "{epoch}:0",
    "from the future": "{epoch}:3",
    "of another epoch": "7:1",
    "a word": "hier",
    "negative": "{epoch}:-1",
    "of other digits": "{epoch}:",
    "endless": "{epoch}:" + "9" * 500,
    "an attack": "{epoch}:1' OR '1'='1",
    "accents": "é:à",
}


@pytest.mark.parametrize("cursor", CURSORS.values(), ids=CURSORS)
def test_s5_it_is_answered_410_and_a_full_reading_goes_on(example, clinic, aged, cursor):
    epoch = call(f"{example.sync_url}/hello", key=clinic.key).json["cursor"].partition(":")[0]
    sent = cursor.format(epoch=epoch)
    for path in (f"/events?cursor={quote(sent)}", f"/bookings?page=2&as_of={quote(sent)}"):
        answer = call(example.sync_url + path, key=clinic.key)
        assert (answer.status, answer.json["code"]) == (410, "resync")
        assert answer.headers["content-type"] == "application/problem+json"

    desktop = LogiVet(example.sync_url, clinic)
    desktop.sync.upload()
    with desktop.store.write() as own:
        set_state(own, "cursor", sent)
    desktop.receive()
    assert desktop.mirrors().keys() == set(aged)
    later = clinic.book(slots(clinic)[-1].start)
    desktop.receive()
    assert desktop.mirrors().keys() == {*aged, str(later)}
    assert desktop.messages() == ["Nouveau rendez-vous en ligne"]
