import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.doctor import mails
from flask_logivet_rdv.models import Outbox
from host_example.models import db
from tests.support.clinics import make_clinic
from tests.support.portal import MONDAY_MORNING

NOW = int(MONDAY_MORNING.timestamp())


@pytest.fixture
def put(portal):
    """Return how a mail is put in the outbox of a clinic of its own."""

    def putting(**row):
        clinic = make_clinic(portal, configured=False)
        given = {"kind": "confirmation", "locale": "fr", "attempts": 0, "not_before": NOW} | row
        with portal.app_context():
            db.session.execute(
                sa.insert(Outbox).values(
                    account_id=clinic.account_id,
                    id=uuid.uuid4(),
                    booking_id=uuid.uuid4(),
                    dedupe_key="x",
                    **given,
                )
            )
            db.session.commit()

    return putting


def test_nothing_waits(portal, look):
    assert look(mails.look, portal) == {"mails": ("ok", "0 mails to leave.")}


@pytest.mark.parametrize(
    ("late_s", "level", "words"),
    [
        (0, "ok", "1 mail to leave, the oldest due for 0 s."),
        (300, "ok", "due for 5 min."),
        (301, "warning", "due for 5 min: nothing drains them"),
        (3600, "warning", "due for 1 h: nothing drains them"),
        (3601, "error", "due for 1 h: nothing drains them"),
        (3 * 86_400, "error", "due for 3 d"),
    ],
)
def test_the_oldest_that_is_due_tells_whether_anything_drains(
    portal, look, put, late_s, level, words
):
    put(state="pending", not_before=NOW - late_s)
    found = look(mails.look, portal)["mails"]
    assert found[0] == level
    assert words in found[1]


def test_one_clinics_late_mail_is_not_hidden_by_anothers(portal, look, put):
    put(state="pending", not_before=NOW)
    put(state="pending", not_before=NOW - 4000)
    assert look(mails.look, portal)["mails"][0] == "error"


def test_a_mail_for_later_is_not_late(portal, look, put):
    put(state="pending", not_before=NOW + 7200)
    assert look(mails.look, portal) == {"mails": ("ok", "1 mail to leave.")}


def test_mails_that_the_server_refuses_are_a_warning_with_its_reasons(portal, look, put):
    put(state="pending", not_before=NOW + 600, last_error="SMTPDataError")
    put(state="pending", not_before=NOW + 600, last_error="ConnectionRefusedError")
    level, told = look(mails.look, portal)["mails: tried again"]
    assert level == "warning"
    assert "2 mails tried in vain so far (ConnectionRefusedError, SMTPDataError)" in told


def test_mails_that_were_given_up_are_a_warning(portal, look, put):
    put(state="dead", last_error="SMTPRecipientsRefused")
    found = look(mails.look, portal)
    assert found["mails"][0] == "ok"
    told = "1 mail given up; the clinics were told. See « flask rdv mail list --all »."
    assert found["mails: given up"] == ("warning", told)
