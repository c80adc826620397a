"""Nobody finds a cancellation link by guessing (A6). RDV_TEST_LONG=1 tries 100,000 of them."""

import os
import secrets
import statistics
import time
from dataclasses import replace

import pytest

from flask_logivet_rdv.models import Booking
from flask_logivet_rdv.state import EXTENSION
from tests.support.links import OURS, START, WIDGET, Link

LONG = bool(os.environ.get("RDV_TEST_LONG"))
GUESSES = 100_000 if LONG else 2_000
TIMED = 1_000 if LONG else 300
NOISE = 0.15
"""How far apart, in parts of the smaller, two medians of the same work are on a busy machine."""


@pytest.fixture
def settings(portal, monkeypatch):
    """Return a function that changes settings for the length of a test."""

    def change(**changed):
        here = portal.extensions[EXTENSION]
        settings = replace(here.settings, **changed)
        monkeypatch.setitem(portal.extensions, EXTENSION, replace(here, settings=settings))

    return change


def address(token: str) -> str:
    return f"{WIDGET}/annuler/{token}"


def test_guesses_find_nothing_and_are_answered_alike(clinic):
    Link(clinic)
    client = clinic.app.test_client()
    first = client.get(address(secrets.token_urlsafe(32)))
    assert first.status_code == 404
    for _ in range(GUESSES):
        answer = client.get(address(secrets.token_urlsafe(32)))
        assert (answer.status_code, answer.data) == (404, first.data)
    posted = client.post(address(secrets.token_urlsafe(32)), data={"reason": "Guéri"}, headers=OURS)
    assert (posted.status_code, posted.data) == (404, first.data)


def test_an_erased_link_and_a_near_miss_take_as_long_as_any_guess(clinic, session):
    """What exists is not told by the time that its refusal takes."""
    erased, standing = Link(clinic), Link(clinic, START + 1800)
    booking = session.get(Booking, (clinic.account_id, erased.booking_id))
    booking.pet_name = booking.client_name = booking.email = booking.phone = booking.reason = None
    session.commit()
    last = "A" if standing.token[-1] != "A" else "B"
    kinds = {
        "erased": lambda: erased.token,
        "near miss": lambda: standing.token[:-1] + last,
        "guess": lambda: secrets.token_urlsafe(32),
    }
    client = clinic.app.test_client()
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(TIMED):
        for kind, token in kinds.items():
            path = address(token())
            begun = time.perf_counter()
            status = client.get(path).status_code
            took[kind].append(time.perf_counter() - begun)
            assert status == 404
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    assert max(medians.values()) <= min(medians.values()) * (1 + NOISE), medians


def test_guesses_are_stopped_at_the_limit(clinic, settings):
    settings(limit_cancels="30/minute", limit_pages=None)
    client = clinic.app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"2001:db8:{secrets.token_hex(2)}:1::1"
    statuses = [client.get(address(secrets.token_urlsafe(32))).status_code for _ in range(40)]
    assert statuses == [404] * 30 + [429] * 10
