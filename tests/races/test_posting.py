"""Fifty owners send the form for the same time at once: what each of them sees."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from bs4 import BeautifulSoup
from flask import g

from flask_logivet_rdv.web.tokens import new_form_token
from host_example.models import User, db
from tests.support.clinics import DOLITTLE, at, make_clinic
from tests.support.portal import MONDAY_MORNING

pytestmark = pytest.mark.xdist_group("races")
RACERS = 50
TIMES = ("10:00", "10:30", "11:00")


@pytest.fixture
def host_that_reads(any_portal):
    """Have the host read its user before each request of ours, as a login does."""

    def read_user():
        g.somebody = db.session.query(User).first()

    hooks = any_portal.before_request_funcs.setdefault(None, [])
    hooks.insert(0, read_user)
    yield any_portal
    hooks.remove(read_user)


def form(clinic, start, token, racer):
    return {
        "token": token,
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": clinic.resources[DOLITTLE],
        "start": start,
        "name": "Zoé L'Écuyer",
        "email": f"racer-{racer}-{clinic.account_id.hex}@exemple.ca",
        "pet_name": "Tom",
        "phone": "514 555-0134",
        "reason": "Vaccin",
        "consent": "y",
    }


def send(clinic, fields, barrier):
    client = clinic.app.test_client()
    barrier.wait()
    return client.post(
        f"/services/online-appointment/details?widgetId={clinic.account_id}&lang=fr",
        data=fields,
        headers={"Sec-Fetch-Site": "same-origin"},
    )


def test_one_books_and_forty_nine_are_offered_the_nearest_times(host_that_reads, session_clock):
    session_clock.now = MONDAY_MORNING
    for clock in TIMES:
        clinic = make_clinic(host_that_reads, configured=True)
        instant = at("2026-03-18", clock)
        start = f"2026-03-18T{int(clock[:2]) + 4}:{clock[3:]}:00Z"
        with clinic.app.app_context():
            tokens = [
                new_form_token(clinic.account_id, instant - 90_000_000).sign()
                for _ in range(RACERS)
            ]
        barrier = threading.Barrier(RACERS)
        with ThreadPoolExecutor(RACERS) as pool:
            sent = [
                pool.submit(send, clinic, form(clinic, start, token, racer), barrier)
                for racer, token in enumerate(tokens)
            ]
            answers = [one.result() for one in sent]
        assert sorted({a.status_code for a in answers}) == [303, 409]
        assert sum(a.status_code == 303 for a in answers) == 1
        loser = next(a for a in answers if a.status_code == 409)
        page = BeautifulSoup(loser.text, "html.parser")
        assert page.select("input[type=radio][name=start]")
        assert page.select_one("input[name=name]")["value"] == "Zoé L'Écuyer"
        assert page.select_one("input[name=consent]").has_attr("checked")
