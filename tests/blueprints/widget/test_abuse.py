"""What one person, or somebody who poses as another, can make of the form (A7, A8, F4)."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask

from flask_logivet_rdv import jobs
from flask_logivet_rdv.state import EXTENSION
from tests.blueprints.widget.owner import DETAILS, SAME_ORIGIN, Owner
from tests.support.clinics import make_clinic

ADDRESSES = 200
RESENT = 20


@pytest.fixture
def mailed(portal: Flask) -> Callable[[], list[str]]:
    """Send every mail that waits, and return to whom."""

    def send() -> list[str]:
        with portal.app_context(), portal.extensions["mail"].record_messages() as sent:
            jobs.drain()
        return [recipient for mail in sent for recipient in mail.recipients]

    return send


@pytest.fixture
def many_live(portal: Flask) -> Iterator[None]:
    """The cap of upcoming bookings is out of the way."""
    here = portal.extensions[EXTENSION]
    settings = replace(here.settings, max_live_per_email=ADDRESSES)
    portal.extensions[EXTENSION] = replace(here, settings=settings)
    yield
    portal.extensions[EXTENSION] = here


def disguises(person: str) -> Iterator[str]:
    """Yield one address in other clothes: a tag, a dot, capitals, and all three."""
    local, host = person.split("@")
    for n in range(ADDRESSES):
        dotted = f"{local[: 1 + n % (len(local) - 1)]}.{local[1 + n % (len(local) - 1) :]}"
        worn = (f"{local}+{n}", dotted, local.title(), f"{dotted.upper()}+{n}")[n % 4]
        yield f"{worn}@{host.upper() if n % 3 else host}"


def same_person(recipients: list[str], person: str) -> int:
    plain = [to.lower().partition("@")[0].partition("+")[0].replace(".", "") for to in recipients]
    return plain.count(person.partition("@")[0])


def starts(owner: Owner, first: str, weeks: int) -> list[str]:
    """Return the times that are offered on the days of some weeks from a Monday on."""
    days = [str(day["value"]) for day in owner.calendar(day=first).all("button[name=day]")]
    until = days.index(first) + 5 * weeks
    chosen = [day for day in days[:until] if day >= first]
    return [start for day in chosen for start in owner.calendar(day=day).values("[name=start]")]


def test_a_victim_gets_five_mails_a_day_at_most_from_two_hundred_addresses(
    portal: Flask, owner: Owner, many_live: None, mailed
):
    """In two clinics, for the count is across clinics."""
    owners = [owner, Owner(make_clinic(portal, configured=True), portal.test_client())]
    times = starts(owner, "2026-03-23", 2)
    victim, booked = f"v{owner.clinic.account_id.hex[:12]}@exemple.ca", Counter()
    for n, email in enumerate(disguises(victim)):
        one = owners[n % 2]
        one.client.environ_base["REMOTE_ADDR"] = f"198.51.100.{n}"
        booked[one.book(times[sum(booked.values()) - booked[429]], email=email).status] += 1
    assert booked == {303: 5, 429: ADDRESSES - 5}
    assert same_person(mailed(), victim) == 5


def test_one_client_takes_three_times_of_a_week_and_no_more(owner: Owner, bookings, mailed):
    times = starts(owner, "2026-03-23", 1)
    assert len(times) > 15
    statuses = [owner.book(start).status for start in times]
    assert statuses == [303] * 3 + [429] * (len(times) - 3)
    assert len(bookings.all()) == 3
    assert mailed().count(owner.email) == 3
    assert starts(owner, "2026-03-23", 1) == times[3:]


def test_a_form_sent_twenty_times_at_once_is_one_booking_one_page_and_one_mail(
    portal: Flask, owner: Owner, bookings, mailed
):
    filled = owner.details().form() | owner.filled

    def send(_: int) -> tuple[int, str]:
        answer = portal.test_client().post(
            DETAILS, query_string=owner.widget, data=filled, headers=SAME_ORIGIN
        )
        return answer.status_code, answer.location

    with ThreadPoolExecutor(RESENT) as pool:
        answers = list(pool.map(send, range(RESENT)))
    assert {status for status, _ in answers} == {303}
    assert len(set(answers)) == 1
    assert owner.client.get(answers[0][1]).status_code == 200
    assert len(bookings.all()) == 1
    assert mailed().count(owner.email) == 1
