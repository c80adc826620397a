"""The example portal's /metrics: for this machine, without a login."""

import pytest

from flask_logivet_rdv.telemetry import tell


def test_who_asks_from_this_machine_reads_counters_and_gauges(portal, clinic):
    tell("mail", "sent", clinic.account_id, kind="reminder")
    text = portal.test_client().get("/metrics").text
    assert 'logivet_rdv_mails_total{kind="reminder",outcome="sent"}' in text
    assert "logivet_rdv_database_up 1.0" in text


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "2001:db8::1"])
def test_anybody_else_finds_nothing(portal, address):
    answer = portal.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 404
