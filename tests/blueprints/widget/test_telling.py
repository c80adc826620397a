"""What owners did is one line of the log each: how it ended, and nothing that they typed."""

import logging

import pytest

from tests.blueprints.widget.owner import WEDNESDAY_10H, Owner
from tests.support.links import Link


@pytest.fixture
def told(caplog):
    """Return what was told, as (what, outcome)."""
    caplog.set_level(logging.INFO, "flask_logivet_rdv.done")
    return lambda: [
        (record.logivet_rdv["what"], record.logivet_rdv["outcome"]) for record in caplog.records
    ]


@pytest.fixture
def owner(clinic, portal):
    return Owner(clinic, portal.test_client())


def test_a_booking_is_told_once_and_a_form_sent_again_is_told_apart(owner, clock, told):
    form = owner.details().form() | owner.filled
    clock.advance(seconds=5)
    owner.send(form)
    owner.send(form)
    assert told() == [("booking", "booked"), ("booking", "again")]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [({"email": "no address"}, "invalid"), ({"website": "https://spam.example"}, "robot")],
)
def test_a_form_that_is_refused_is_told_with_why(owner, clock, told, changed, outcome):
    form = owner.details().form() | owner.filled | changed
    clock.advance(seconds=5)
    owner.send(form)
    assert told() == [("booking", outcome)]


def test_so_is_a_time_that_somebody_else_took(owner, clinic, portal, clock, told):
    form = owner.details(WEDNESDAY_10H).form() | owner.filled
    other = Owner(clinic, portal.test_client())
    rival = other.details(WEDNESDAY_10H).form() | other.filled | {"phone": "514 555-0135"}
    clock.advance(seconds=5)
    other.send(rival)
    owner.send(form)
    assert told() == [("booking", "booked"), ("booking", "taken")]


def test_a_cancellation_by_the_client_is_told(clinic, told, caplog):
    link = Link(clinic)
    link.post("Il va mieux")
    assert told() == [("cancellation", "done")]
    assert caplog.records[-1].logivet_rdv["by"] == "client"
    assert "mieux" not in caplog.text
