"""The whole story of an appointment, and nothing of its client in what a machine keeps of it.

Not in logs, Redis, metrics, addresses, nor in pages that say what went wrong.
"""

import logging
import re
import time
from urllib.parse import unquote

import pytest
import redis.connection
import sqlalchemy as sa
from flask import request, request_started
from prometheus_client import CollectorRegistry, generate_latest

from flask_logivet_rdv import jobs, metrics
from flask_logivet_rdv.blueprints.widget import views_details
from flask_logivet_rdv.models import Booking, ClinicAccount
from flask_logivet_rdv.state import EXTENSION
from flask_logivet_rdv.telemetry import done
from host_example.models import db
from tests.blueprints.account.conftest import PREFIX
from tests.blueprints.widget.owner import WEDNESDAY_10H, Owner
from tests.support.clinics import make_clinic
from tests.support.portal import Clock, make_portal, migrate
from tests.support.post import mailing_to, post_office

TYPED = {
    "name": "Zénobie Marquée",
    "email": "zenobie.marquee@exemple.ca",
    "pet_name": "Marqueminou",
    "phone": "514 555-0199",
    "reason": "Motif marquant",
}
WHY = "Raison marquante"
MARKS = re.compile(r"marqu(?!és\b)|zenobie|z[ée]nobie|555.?0199", re.IGNORECASE)
MAIL_SERVER = "mail.log"
"""The test's own mail server, which says what it is sent."""


@pytest.fixture
def portal(tmp_path, redis_url, request):
    """A portal of its own, on Redis: it drains and counts what is of every clinic."""
    queue = f"{request.node.name}-{time.time_ns()}"  # where no earlier run's drain waits
    on_redis = {"LOGIVET_RDV_REDIS_URL": redis_url, "LOGIVET_RDV_QUEUE": queue}
    app = make_portal(tmp_path, clock=Clock(), **on_redis, LOGIVET_RDV_FORM_MIN_AGE=0)
    migrate(app)
    jobs.quick_redis.cache_clear()
    yield app
    jobs.quick_redis.cache_clear()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def written(portal, caplog, monkeypatch):
    """Collect what is written where: log records, commands to Redis, addresses."""
    caplog.set_level(logging.DEBUG)
    found = {"redis": [], "addresses": []}
    send = redis.connection.AbstractConnection.send_packed_command

    def sending(self, command, **kw):
        found["redis"] += [command] if isinstance(command, bytes) else list(command)
        return send(self, command, **kw)

    def asked(_app, **_):
        found["addresses"].append(request.url)

    monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", sending)
    with request_started.connected_to(asked, portal):
        yield found


@pytest.fixture
def registry(portal):
    heard, made = set(done.receivers), CollectorRegistry()
    metrics.expose(portal, made)
    yield made
    for key in set(done.receivers) - heard:
        done.receivers.pop(key)


def drain(portal):
    with portal.app_context():
        jobs.drain()


def marked(text):
    return MARKS.findall(unquote(text))


def told(caplog):
    return "\n".join(
        f"{record.getMessage()} {record.exc_text or ''} {vars(record)}"
        for record in caplog.records
        if record.name != MAIL_SERVER
    )


def read(clinic, seq):
    """Return what LogiVet reads after an event, which it acknowledges by asking."""
    with clinic.app.app_context():
        epoch = db.session.get_one(ClinicAccount, clinic.account_id).epoch
    return (
        clinic.app.test_client()
        .get(
            "/api/logivet/v1/events",
            query_string={"cursor": f"{epoch}:{seq}"},
            headers={"Authorization": f"Bearer {clinic.key}"},
        )
        .text
    )


def go_through(portal, office):
    """Book, fail to mail, mail, read, cancel, look up, erase; return what the link then answers."""
    clinic = make_clinic(portal, configured=True)
    owner = Owner(clinic, portal.test_client(), lang="fr")
    with portal.app_context():
        settings = portal.extensions[EXTENSION].settings
    assert owner.book(**TYPED).status == 303
    assert owner.book(**TYPED | {"email": "zenobie.marquee@"}).status == 422
    office.recipient = "450 <zenobie.marquee@exemple.ca> busy"
    drain(portal)
    office.recipient = "250 OK"
    portal.extensions[EXTENSION].clock.advance(minutes=5)
    drain(portal)
    [mail] = office.to(TYPED["email"])
    link = re.search(r"/annuler/([\w-]+)", mail.get_body(("plain",)).get_content())[0]
    assert TYPED["name"] in read(clinic, "0")
    cancel = f"{settings.widget_prefix}{link}"
    page = owner.client.get(cancel).text
    signature = re.search(r'name="signature"\s+value="([^"]+)"', page)[1]
    same = {"Sec-Fetch-Site": "same-origin"}
    form = {"reason": WHY, "signature": signature}
    assert owner.client.post(cancel, data=form, headers=same).status_code == 303
    drain(portal)
    read(clinic, "2")
    staff = clinic.login()
    page = staff.get(f"{PREFIX}/categories").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    for op in ("show", "download", "erase"):
        sent = {"op": op, "email": TYPED["email"], "csrf_token": token[1]}
        answer = staff.post(f"{PREFIX}/renseignements", data=sent)
        assert answer.status_code == (303 if op == "erase" else 200)
    return owner.client.get(cancel)


def test_the_story_leaves_nothing_of_the_client(portal, written, registry, caplog):
    with post_office() as office, mailing_to(portal, office.port):
        gone = go_through(portal, office)
    assert len(office.mails) == 2
    logged = told(caplog)
    assert "SMTPRecipientsRefused" in logged
    assert "booking outcome=booked" in logged
    assert marked(logged) == []
    commands = b"\n".join(written["redis"]).decode(errors="replace")
    assert "drain_job" in commands
    assert marked(commands) == []
    assert len(written["addresses"]) > 8
    assert marked("\n".join(written["addresses"])) == []
    with portal.app_context():
        assert marked(generate_latest(registry).decode()) == []
    assert gone.status_code == 404
    assert marked(gone.text) == []
    with portal.app_context():
        assert db.session.scalar(sa.select(Booking.blanked_at)) is not None


def test_a_fault_of_ours_tells_nothing_of_the_client(portal, written, caplog, monkeypatch):
    clinic = make_clinic(portal, configured=True)
    owner = Owner(clinic, portal.test_client(), lang="fr")
    sent = owner.details(WEDNESDAY_10H).form() | TYPED | {"consent": "y"}
    monkeypatch.setitem(portal.config, "PROPAGATE_EXCEPTIONS", False)

    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(views_details, "book", fail)
    assert owner.send(sent).status in {500, 503}
    logged = told(caplog)
    assert "ZeroDivisionError" in logged
    assert marked(logged) == []
