"""What slows robots down, and never a person."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from flask_logivet_rdv.state import EXTENSION
from tests.blueprints.widget.owner import WEDNESDAY_10H30, WIDGET, Owner
from tests.support.portal import Clock

SLOW = "Too many requests in a short time. Wait a minute and try again."


@pytest.fixture
def configured(portal: Flask) -> Iterator[Callable[..., None]]:
    """Change settings for one test; counters are new."""
    before = portal.extensions[EXTENSION]

    def change(**settings: Any) -> None:
        changed = replace(before.settings, **settings)
        portal.extensions[EXTENSION] = replace(before, settings=changed)

    portal.extensions.pop(f"{EXTENSION}.limits", None)
    yield change
    portal.extensions[EXTENSION] = before
    portal.extensions.pop(f"{EXTENSION}.limits", None)


def test_pages_are_limited_per_address(owner: Owner, configured):
    configured(limit_pages="2/minute")
    assert [owner.look().status for _ in range(3)] == [200, 200, 429]
    page = owner.look()
    assert SLOW in page.text
    assert int(page.answer.headers["Retry-After"]) > 0


def test_files_are_not_counted(owner: Owner, configured):
    configured(limit_pages="1/minute")
    statuses = [owner.client.get(f"{WIDGET}/embed.js", buffered=True).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]


@pytest.mark.parametrize("limit", ["limit_bookings", "limit_widget"])
def test_bookings_are_limited_and_keep_what_was_typed(owner: Owner, configured, limit, bookings):
    configured(**{limit: "1/hour"})
    assert owner.book().status == 303
    page = owner.book(WEDNESDAY_10H30)
    assert page.status == 429
    assert SLOW in page.text
    assert page.form()["name"] == "Marie Tremblay"
    assert int(page.answer.headers["Retry-After"]) > 0
    assert len(bookings.all()) == 1


def test_a_form_sent_again_is_not_counted(owner: Owner, configured):
    configured(limit_bookings="1/hour")
    sent = owner.details().form() | owner.filled
    assert [owner.send(sent).status for _ in range(3)] == [303, 303, 303]


def test_a_refused_form_is_not_counted(owner: Owner, configured):
    configured(limit_bookings="1/hour")
    assert owner.book(name="").status == 422
    assert owner.book().status == 303


def test_a_form_filled_in_no_time_is_refused_once(owner: Owner, configured, clock: Clock, bookings):
    configured(form_min_age=3)
    page = owner.book()
    assert page.status == 422
    assert SLOW in page.text
    assert not bookings.all()
    clock.advance(seconds=3)
    assert owner.send(page.form()).status == 303
