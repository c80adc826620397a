from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import TooManyRequests

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.sync import views
from flask_logivet_rdv.models import SyncKey
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.keys import AGENDA_WRITE, EVENTS_READ, create_key, revoke_key
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.sync.calls import PREFIX, Desktop, assert_problem, busy
from tests.support.clinics import at, make_clinic


def write(clinic, verb):
    with clinic.app.app_context():
        return transact(jobs.desk(), clinic.account_id, verb)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer rdv_0000000000000000_x",
        "Bearer rdv_" + "a" * 5000,
        "Bearer rdv_\x00_\x00",
        "Bearer é",
        "Basic cmR2OnJkdg==",
    ],
)
def test_without_a_good_key_nothing_is_answered(portal, header):
    headers = {} if header is None else {"Authorization": header}
    answer = portal.test_client().get(f"{PREFIX}/hello", headers=headers)
    assert_problem(answer, 401, "invalid_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_secret_is_refused(portal, clinic):
    stranger = Desktop(portal.test_client(), clinic.key[:-1] + "!")
    assert_problem(stranger.get("/hello"), 401, "invalid_key")
    stranger.key = clinic.key[:-2] + ("aa" if not clinic.key.endswith("aa") else "bb")
    assert_problem(stranger.get("/hello"), 401, "invalid_key")


def test_the_scheme_is_read_in_any_case(portal, clinic):
    headers = {"Authorization": f"bearer {clinic.key}"}
    assert portal.test_client().get(f"{PREFIX}/hello", headers=headers).status_code == 200


def test_a_revoked_key_ends_at_the_next_request(desktop, clinic):
    desktop.hello()
    write(clinic, lambda tx: revoke_key(tx, clinic.key.split("_")[1]))
    assert_problem(desktop.get("/hello"), 401, "invalid_key")


@pytest.mark.parametrize("query", ["key={key}", "access_token=x", "cursor={key}", "z=Bearer {key}"])
def test_a_key_in_the_address_is_refused_even_beside_a_good_one(desktop, query):
    answer = desktop.get("/hello?" + query.format(key=desktop.key))
    assert_problem(answer, 400, "key_in_query")
    assert desktop.key not in answer.text


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (EVENTS_READ, {"/hello", "/events", "/bookings"}),
        (AGENDA_WRITE, {"/hello", "/changes", "/snapshots"}),
    ],
)
def test_each_address_asks_for_its_scope(desktop, clinic, scope, allowed):
    desktop.key = write(clinic, lambda tx: create_key(tx, [scope]))
    hello = desktop.hello()
    answers = {
        "/hello": desktop.get("/hello"),
        "/events": desktop.events(hello["cursor"]),
        "/bookings": desktop.get("/bookings"),
        "/changes": desktop.post({"token": hello["token"], "changes": []}),
        "/snapshots": desktop.send("POST", "/snapshots", {"kinds": ["busy"]}),
    }
    for path, answer in answers.items():
        if path in allowed:
            assert answer.status_code in {200, 201}
        else:
            assert_problem(answer, 403, "missing_scope")


def test_without_a_subscription_only_uploads_are_refused(desktop, clinic):
    write(clinic, lambda tx: set_subscription(tx, False))
    assert desktop.hello()["subscription"] == "inactive"
    assert desktop.events().status_code == 200
    assert desktop.get("/bookings").status_code == 200
    answer = desktop.upload(busy("A-1", "08:00", "08:30"))
    assert_problem(answer, 403, "subscription_inactive")
    answer = desktop.send("POST", "/snapshots", {"kinds": ["busy"]})
    assert_problem(answer, 403, "subscription_inactive")


def test_the_key_decides_the_clinic(portal, desktop, clinic):
    other = Desktop(portal.test_client(), make_clinic(portal, configured=False).key)
    clinic.book(at("2026-03-18", "10:00"))
    assert desktop.get("/bookings").json["bookings"]
    assert other.get("/bookings").json["bookings"] == []
    assert other.events().json["events"] == []


def test_the_same_row_of_two_clinics_is_two_rows(portal, desktop):
    other = Desktop(portal.test_client(), make_clinic(portal, configured=False).key)
    assert desktop.upload(busy("A-1", "08:00", "08:30", 9)).json["results"][0] == {
        "kind": "busy",
        "id": "A-1",
        "status": "applied",
    }
    assert other.upload(busy("A-1", "08:00", "08:30", 1)).json["results"][0]["status"] == "applied"


def test_the_last_use_is_noted_once_a_minute(desktop, clinic, clock, session):
    used = sa.select(SyncKey.last_used_at, SyncKey.last_used_ip, SyncKey.last_used_agent).where(
        SyncKey.account_id == clinic.account_id
    )
    desktop.client.environ_base["HTTP_USER_AGENT"] = "LogiVet/9.1"
    first = clock.now
    desktop.hello()
    assert session.execute(used).one() == (first, "127.0.0.1", "LogiVet/9.1")
    clock.advance(seconds=30)
    desktop.hello()
    assert session.execute(used).one()[0] == first
    clock.advance(seconds=31)
    desktop.hello()
    session.rollback()
    assert session.execute(used).one()[0] == first + timedelta(seconds=61)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/changes", 405, "method_not_allowed"),
        ("POST", "/hello", 405, "method_not_allowed"),
        ("DELETE", "/bookings", 405, "method_not_allowed"),
    ],
)
def test_unknown_addresses_and_methods_are_problems_too(portal, method, path, status, code):
    assert_problem(portal.test_client().open(PREFIX + path, method=method), status, code)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (sa.exc.OperationalError("SELECT 1", {}, Exception("locked")), 503, "unavailable"),
        (TooManyRequests(), 429, "too_many_requests"),
        (RuntimeError("private words"), 500, "internal_error"),
    ],
)
def test_what_fails_on_our_side_is_a_problem_without_its_words(
    desktop, monkeypatch, error, status, code
):
    def fail(_account_id):
        raise error

    monkeypatch.setattr(views, "_account", fail)
    answer = desktop.get("/hello")
    problem = assert_problem(answer, status, code)
    assert "private words" not in answer.text
    assert "SELECT" not in answer.text
    if status != 500:
        assert answer.headers["Retry-After"] == str(problem["retry_after_s"])
