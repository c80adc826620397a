"""What slows robots down, and never a person."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from flask_logivet_rdv.state import EXTENSION, KEPT
from tests.blueprints.widget.owner import WEDNESDAY_10H30, WIDGET, Owner
from tests.support.clinics import make_clinic
from tests.support.portal import Clock

SLOW = "Too many requests in a short time. Wait a minute and try again."
QUICK = "This form was sent too quickly. Check your details, then book again."
LIMITS = (
    (
        "limit_bookings",
        "1/hour",
        "Too many bookings in a short time from this connection."
        " Try again in 60 minutes or call the clinic.",
        "Trop de réservations en peu de temps à partir de cette connexion."
        " Réessayez dans 60 minutes ou téléphonez à la clinique.",
    ),
    (
        "limit_widget",
        "1/hour",
        "Too many bookings in a short time for this clinic."
        " Try again in 60 minutes or call the clinic.",
        "Trop de réservations en peu de temps pour cette clinique."
        " Réessayez dans 60 minutes ou téléphonez à la clinique.",
    ),
    (
        "max_live_per_email",
        1,
        "You already have several upcoming appointments with this email address."
        " Call the clinic to book another.",
        "Vous avez déjà plusieurs rendez-vous à venir avec cette adresse courriel."
        " Téléphonez à la clinique pour en prendre un autre.",
    ),
    (
        "max_confirmations_per_email",
        1,
        "This email address has already received several confirmations today."
        " Try again tomorrow or call the clinic.",
        "Cette adresse courriel a déjà reçu plusieurs confirmations aujourd'hui."
        " Réessayez demain ou téléphonez à la clinique.",
    ),
    (
        "max_live_per_phone",
        1,
        "You already have several upcoming appointments with this phone number."
        " Call the clinic to book another.",
        "Vous avez déjà plusieurs rendez-vous à venir avec ce numéro de téléphone."
        " Téléphonez à la clinique pour en prendre un autre.",
    ),
)


@pytest.fixture
def configured(portal: Flask) -> Iterator[Callable[..., None]]:
    """Change settings for one test; counters are new."""
    before = portal.extensions[EXTENSION]

    def change(**settings: Any) -> None:
        changed = replace(before.settings, **settings)
        portal.extensions[EXTENSION] = replace(before, settings=changed)

    portal.extensions.pop(KEPT, None)
    yield change
    portal.extensions[EXTENSION] = before
    portal.extensions.pop(KEPT, None)


@pytest.fixture
def no_redis() -> str:
    """The address of a Redis that is away."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{free.getsockname()[1]}/0"


def somebody_else(owner: Owner, address: str = "203.0.113.77") -> Owner:
    """Another owner, with another e-mail address, somewhere else."""
    client = owner.clinic.app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return Owner(owner.clinic, client)


def test_pages_are_limited_per_address(owner: Owner, configured):
    configured(limit_pages="2/minute")
    assert [owner.look().status for _ in range(3)] == [200, 200, 429]
    page = owner.look()
    assert SLOW in page.text
    assert int(page.answer.headers["Retry-After"]) > 0
    assert somebody_else(owner).look().status == 200


def test_what_a_client_says_of_its_address_opens_no_other_count(owner: Owner, configured):
    configured(limit_pages="2/minute")
    said = [{"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"} for n in range(3)]
    assert [owner.look(headers=headers).status for headers in said] == [200, 200, 429]


def test_with_redis_away_limits_hold_and_no_request_fails(owner: Owner, configured, no_redis):
    configured(redis_url=no_redis, limit_pages="4/minute", limit_bookings="1/hour")
    assert owner.book().status == 303
    assert owner.book(WEDNESDAY_10H30).status == 429
    assert owner.look().status == 429


def test_files_are_not_counted(owner: Owner, configured):
    configured(limit_pages="1/minute")
    statuses = [owner.client.get(f"{WIDGET}/embed.js", buffered=True).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("limit", "most", "en", "fr"), LIMITS, ids=lambda value: str(value)[:20])
def test_each_limit_strikes_in_its_own_words_and_keeps_what_was_typed(
    owner: Owner, configured, bookings, limit, most, en, fr, lang
):
    configured(**{limit: most})
    owner.lang = lang
    assert owner.book().status == 303
    page = owner.book(WEDNESDAY_10H30)
    assert page.status == 429
    assert {"en": en, "fr": fr}[lang] in page.text.replace("\xa0", " ")
    assert {name: page.form()[name] for name in owner.typed} == owner.typed
    assert page.one("a[href='tel:5145550134']")
    assert int(page.answer.headers["Retry-After"]) > 0
    assert len(bookings.all()) == 1


@pytest.mark.parametrize("cap", [limit[0] for limit in LIMITS if limit[0].startswith("max")])
def test_a_cap_does_not_tell_when_somebodys_bookings_are(owner: Owner, configured, cap):
    configured(**{cap: 1})
    owner.book()
    assert owner.book(WEDNESDAY_10H30).answer.headers["Retry-After"] == "86400"


def test_an_address_above_its_limit_does_not_close_the_widget_to_others(owner: Owner, configured):
    configured(limit_bookings="1/hour", limit_widget="3/hour")
    assert owner.book().status == 303
    assert {owner.book(WEDNESDAY_10H30).status for _ in range(5)} == {429}
    assert somebody_else(owner).book(WEDNESDAY_10H30).status == 303


def test_a_telephone_number_is_counted_however_it_is_typed(owner: Owner, configured):
    configured(max_live_per_phone=1)
    assert owner.book(phone="(514) 555-0134").status == 303
    page = somebody_else(owner).book(WEDNESDAY_10H30, phone="+1 514.555.0134")
    assert page.status == 429
    assert somebody_else(owner).book(WEDNESDAY_10H30, phone="514 555-0199").status == 303


def test_a_telephone_number_is_counted_in_its_own_clinic_alone(owner: Owner, configured):
    configured(max_live_per_phone=1)
    assert owner.book().status == 303
    elsewhere = make_clinic(owner.clinic.app, configured=True)
    assert Owner(elsewhere, owner.client).book().status == 303


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
    assert QUICK in page.text
    assert not bookings.all()
    clock.advance(seconds=3)
    assert owner.send(page.form()).status == 303


def test_a_filled_trap_is_refused_as_if_it_were_too_quick(owner: Owner, configured):
    configured(form_min_age=3)
    quick = owner.book()
    trapped = owner.book(website="https://mal.exemple.ca")
    assert trapped.status == quick.status == 422
    assert trapped.text == quick.text
