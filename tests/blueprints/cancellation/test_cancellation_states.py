"""What a mailed link says when it no longer cancels, and when something is in the way."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.blueprints.cancellation import views
from flask_logivet_rdv.models import Booking
from flask_logivet_rdv.services import transaction
from flask_logivet_rdv.state import EXTENSION
from tests.support.clinics import at
from tests.support.links import OURS, START, WIDGET, Link, counts, page, said

LATE = "Ce rendez-vous ne peut plus être annulé en ligne"
UNKNOWN = f"{WIDGET}/annuler/{'A' * 43}"


@pytest.fixture
def link(clinic):
    return Link(clinic)


@pytest.fixture
def booking(link, session):
    return session.get(Booking, (link.clinic.account_id, link.booking_id))


@pytest.fixture
def settings(portal, monkeypatch):
    """Return a function that changes settings for the length of a test."""

    def change(**changed):
        state = portal.extensions[EXTENSION]
        changed_state = dataclasses.replace(
            state, settings=dataclasses.replace(state.settings, **changed)
        )
        monkeypatch.setitem(portal.extensions, EXTENSION, changed_state)

    return change


def database_fails(*_, **__):
    raise sa.exc.OperationalError("", {}, Exception("gone"))


def before(start: int, **delta) -> datetime:
    return datetime.fromtimestamp(start, UTC) - timedelta(**delta)


@pytest.mark.parametrize(
    ("ahead", "asked", "answered"),
    [
        ({"days": 3}, "Annuler la réservation?", 303),
        ({"hours": 24, "seconds": 1}, "Annuler la réservation?", 303),
        ({"hours": 24}, "Annuler la réservation?", 303),
        ({"hours": 23, "minutes": 59, "seconds": 59}, LATE, 409),
        ({"hours": 1}, LATE, 409),
        ({"seconds": 0}, LATE, 409),
        ({"seconds": -1}, "Ce rendez-vous est passé.", 409),
        ({"days": -3}, "Ce rendez-vous est passé.", 409),
    ],
)
def test_a_booking_is_cancelled_24_elapsed_hours_ahead_or_not(link, clock, ahead, asked, answered):
    signature = link.signature()
    clock.now = before(START, **ahead)
    shown = link.get()
    assert shown.status_code == 200
    assert asked in said(shown)
    data = {"reason": "Tom va mieux", "signature": signature}
    assert link.client.post(link.path, data=data, headers=OURS).status_code == answered


@pytest.mark.parametrize(
    ("saturday", "asked"), [("09:00", "Annuler la réservation?"), ("09:05", LATE), ("10:00", LATE)]
)
def test_a_wall_clock_that_springs_forward_makes_a_day_of_23_hours(
    link, booking, session, clock, saturday, asked
):
    sunday = at("2026-03-08", "10:00")
    booking.starts_at, booking.ends_at = sunday, sunday + 1800
    session.commit()
    clock.now = datetime.fromtimestamp(at("2026-03-07", saturday), UTC)
    assert asked in said(link.get())


@pytest.mark.parametrize(("hour", "side"), [(1, "HAE"), (2, "HNE")])
def test_an_hour_that_comes_twice_names_its_side(link, booking, session, clock, hour, side):
    night = at("2026-11-01", "00:00") + 3600 * hour
    booking.starts_at, booking.ends_at = night, night + 1800
    session.commit()
    assert f"dimanche 1er novembre 2026, 1 h {side} à 1 h 30 {side}" in said(link.get())
    clock.now = before(night, hours=23)
    assert f"Il a lieu le dimanche 1er novembre 2026 à 1 h {side}." in said(link.get())


def test_too_late_gives_the_date_and_the_clinics_phone(link, clock):
    clock.now = before(START, hours=23)
    shown = link.get()
    assert "Il a lieu le mercredi 25 mars 2026 à 10 h." in said(shown)
    call = page(shown).find("a", href="tel:5145550134")
    assert call.get_text().strip() == "Téléphoner au 514\xa0555-0134"
    assert page(shown).form is None


def test_too_late_names_the_delay_of_the_settings(clinic, clock, settings):
    settings(min_cancel_hours=48)
    clock.now = before(START, hours=47)
    shown = said(Link(clinic, language="en").get())
    assert "An appointment cannot be cancelled less than 48 hours in advance." in shown


def test_a_time_at_the_end_of_a_sentence_has_one_full_stop(clinic, clock):
    link = Link(clinic, language="en")
    clock.now = before(START, hours=23)
    assert "at 10:00 a.m. To cancel it, call the clinic." in said(link.get())


def test_a_late_post_changes_nothing(link, session, clock):
    unchanged = counts(session, link.clinic)
    signature = link.signature()
    clock.now = before(START, hours=23)
    data = {"reason": "Tom va mieux", "signature": signature}
    answer = link.client.post(link.path, data=data, headers=OURS)
    assert "téléphonez à la clinique" in said(answer)
    assert counts(session, link.clinic) == unchanged


def test_a_booking_that_the_clinic_cancelled_says_so(link, booking, session):
    booking.status, booking.cancelled_by = "cancelled", "clinic"
    booking.cancelled_at = datetime(2026, 3, 17, tzinfo=UTC)
    session.commit()
    for shown in (link.get(), link.get(done=1)):
        assert shown.status_code == 200
        assert "Ce rendez-vous a été annulé par la clinique." in said(shown)
        assert page(shown).find("a", href="tel:5145550134")
        assert page(shown).form is None


def test_posting_to_a_booking_that_the_clinic_cancelled_is_calm(link, booking, session):
    signature = link.signature()
    booking.status, booking.cancelled_by = "cancelled", "clinic"
    booking.cancelled_at = datetime(2026, 3, 17, tzinfo=UTC)
    session.commit()
    unchanged = counts(session, link.clinic)
    answer = link.client.post(
        link.path,
        data={"reason": "Tom va mieux", "signature": signature},
        headers=OURS,
        follow_redirects=True,
    )
    assert answer.status_code == 200
    assert "annulé par la clinique" in said(answer)
    assert counts(session, link.clinic) == unchanged


def test_success_cannot_be_claimed_for_a_booking_that_stands(link):
    assert "Annuler la réservation?" in said(link.get(done=1))


@pytest.mark.parametrize(
    "damage",
    [
        lambda token: token[:-1],
        lambda token: token + "=",
        lambda token: token.swapcase(),
        lambda token: token[:20] + "/" + token[20:],
        lambda token: token + ">",
        lambda token: "é\N{NUMBER SIGN}",
        lambda token: "x" * 5000,
        lambda token: "%00%ff",
        lambda token: "",
    ],
)
def test_unknown_and_damaged_links_are_one_page(link, damage):
    unknown = link.client.get(UNKNOWN)
    damaged = link.client.get(f"{WIDGET}/annuler/{damage(link.token)}")
    assert unknown.status_code == damaged.status_code == 404
    assert "Ce lien n'est pas valide." in said(unknown)
    assert damaged.data == unknown.data


def test_the_link_of_a_blanked_booking_is_unknown(link, booking, session):
    booking.pet_name = booking.client_name = booking.email = booking.phone = booking.reason = None
    session.commit()
    unknown = link.client.get(UNKNOWN)
    assert (link.get().status_code, link.get().data) == (404, unknown.data)
    answer = link.client.post(link.path, data={"reason": "Tom va mieux"}, headers=OURS)
    assert (answer.status_code, answer.data) == (404, unknown.data)


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [("en-CA,en;q=0.9", "en-CA"), ("fr-CA", "fr-CA"), ("de", "fr-CA"), (None, "fr-CA")],
)
def test_an_unknown_link_speaks_the_browsers_language(portal, accepted, lang):
    headers = {"Accept-Language": accepted} if accepted else {}
    assert page(portal.test_client().get(UNKNOWN, headers=headers)).html["lang"] == lang


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("limit_pages", "Trop de demandes en peu de temps. Attendez une minute, puis réessayez."),
        (
            "limit_cancels",
            "Trop de demandes d'annulation en peu de temps. Attendez 60 minutes, puis réessayez.",
        ),
    ],
)
def test_an_address_that_asks_too_often_waits(link, settings, rate, words):
    settings(**{"limit_cancels": None, "limit_pages": None, rate: "3/hour"})
    here = {"REMOTE_ADDR": f"2001:db8:{link.booking_id.hex[:4]}:{link.booking_id.hex[4:8]}::1"}
    answers = [link.client.get(link.path, environ_base=here) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 3590 <= int(answers[-1].headers["Retry-After"]) <= 3600
    assert words in said(answers[-1])
    assert "Tom" not in answers[-1].text


def test_style_sheets_are_not_counted(link, settings):
    settings(limit_cancels="1/hour", limit_pages=None)
    here = {"REMOTE_ADDR": f"2001:db8:{link.booking_id.hex[8:12]}::1"}
    shown = page(link.client.get(link.path, environ_base=here))
    address = shown.find("link", rel="stylesheet")["href"]
    for _ in range(3):
        with link.client.get(address, environ_base=here) as file:
            assert file.status_code == 200
            assert "immutable" in file.headers["Cache-Control"]


def test_the_address_without_a_token_redirects_nowhere(clinic):
    answer = clinic.app.test_client().get(f"{WIDGET}/annuler")
    assert answer.status_code == 404
    assert "Ce lien n'est pas valide." in said(answer)


def test_reading_while_the_database_fails_says_so(link, monkeypatch):
    monkeypatch.setattr(views, "booking_for_link", database_fails)
    shown = link.get()
    assert shown.status_code == 503
    assert "Une erreur est survenue de notre côté." in said(shown)


@pytest.mark.parametrize(
    ("module", "name"), [(views, "booking_for_link"), (transaction, "_locked")]
)
def test_a_reason_outlives_a_failing_database_and_can_be_sent_again(
    link, monkeypatch, module, name
):
    signature = link.signature()
    data = {"reason": "Tom va mieux", "signature": signature}
    with monkeypatch.context() as broken:
        broken.setattr(module, name, database_fails)
        failed = link.client.post(link.path, data=data, headers=OURS)
    assert failed.status_code == 503
    assert "Une erreur est survenue de notre côté." in page(failed).find(role="alert").get_text()
    form = page(failed).form
    again = {
        "reason": form.textarea.get_text().strip(),
        "signature": form.find("input", {"name": "signature"})["value"],
    }
    assert again["reason"] == "Tom va mieux"
    assert link.client.post(form["action"], data=again, headers=OURS).status_code == 303


def test_a_fault_of_our_own_shows_no_trace(portal, link, monkeypatch):
    def fault(*_):
        raise ZeroDivisionError

    monkeypatch.setitem(portal.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(views, "booking_for_link", fault)
    shown = link.get()
    assert shown.status_code == 500
    assert "Une erreur est survenue de notre côté." in said(shown)


def test_every_answer_keeps_to_itself(link):
    answers = [link.get(), link.post(""), link.post(headers={}), link.client.get(UNKNOWN)]
    answers += [link.post(), link.get(done=1)]
    assert [a.status_code for a in answers] == [200, 422, 403, 404, 303, 200]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_the_hosts_csrf_protection_does_not_stand_in_the_way(portal, link, monkeypatch):
    monkeypatch.setitem(portal.config, "WTF_CSRF_ENABLED", True)
    assert link.post().status_code == 303
