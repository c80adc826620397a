"""The outbox against real servers: mail and Redis that refuse, hang, die and come back."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from flask_logivet_rdv import jobs
from flask_logivet_rdv.messages import notices
from flask_logivet_rdv.models import ClinicAccount, Outbox
from flask_logivet_rdv.services import outbox
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.events import read_events
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION, state
from host_example import servers
from host_example.models import db
from tests.support.clinics import at, make_clinic
from tests.support.portal import Clock, make_portal, migrate
from tests.support.post import mailing_to, post_office

ROOT = Path(__file__).parent.parent
START = at("2026-03-18", "10:00")
SLOTS = [at(day, clock) for day in ("2026-03-19", "2026-03-26") for clock in (
    "09:00", "09:30", "10:00", "10:30", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30",
)]  # fmt: skip


@pytest.fixture
def clock(module_portal):
    clock = module_portal.extensions[EXTENSION].clock
    clock.now = Clock.now
    return clock


@pytest.fixture
def portal(module_portal, clock):
    with module_portal.app_context():
        db.session.execute(sa.delete(Outbox))
        db.session.commit()
    return module_portal


@pytest.fixture
def office(portal):
    with post_office() as office, mailing_to(portal, office.port):
        yield office


def drain(portal, **given):
    with portal.app_context():
        return jobs.drain(**given)


def row(portal, booking_id):
    """Return the outbox row of a booking's confirmation."""
    with portal.app_context():
        wanted = (Outbox.booking_id == booking_id, Outbox.kind == "confirmation")
        return db.session.scalars(sa.select(Outbox).where(*wanted)).one()


def told(portal, clinic):
    """Return the messages that LogiVet would read, in French."""
    with portal.app_context():
        account = db.session.get(ClinicAccount, clinic.account_id)
        events = read_events(db.session(), account, 0, 200).events
        facts = state().facts(clinic.clinic_id)
        return [notices.message(event, facts, "fr").subject for event in events]


def test_a_booking_mails_once(portal, clinic, office):
    booking_id = clinic.book(START)
    assert (drain(portal), drain(portal)) == (1, 0)
    assert [mail["To"] for mail in office.mails] == ["solutions@exemple.ca"]
    sent = row(portal, booking_id)
    assert (sent.state, sent.attempts, sent.lease_until) == ("sent", 1, None)


def test_a_drain_stops_at_its_limit(portal, clinic, office):
    for start in SLOTS[:3]:
        clinic.book(start)
    assert (drain(portal, limit=2), drain(portal)) == (2, 1)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("data", "451 Try again later"),
        ("data", "421 Closing"),
        ("recipient", "450 Mailbox busy"),
        ("sender", "550 You may not send"),
    ],
)
def test_a_refusal_for_now_is_tried_again_later(portal, clinic, clock, office, step, answer):
    setattr(office, step, answer)
    booking_id = clinic.book(START)
    assert (drain(portal), drain(portal)) == (1, 0)
    waiting = row(portal, booking_id)
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert waiting.not_before > clock.now.timestamp()
    setattr(office, step, "250 OK")
    clock.advance(seconds=3)
    assert drain(portal) == 1
    assert (row(portal, booking_id).state, len(office.mails)) == ("sent", 1)


def test_a_mail_server_that_is_down_delays_mails_and_loses_none(portal, clinic, clock):
    with servers.bind("127.0.0.1", 0) as closed:
        port = servers.port_of(closed)
    booking_id = clinic.book(START)
    with mailing_to(portal, port):
        drain(portal)
        assert row(portal, booking_id).last_error == "ConnectionRefusedError"
        clock.advance(seconds=3)
        with post_office(port) as office:
            drain(portal)
            assert len(office.to("solutions@exemple.ca")) == 1


@pytest.mark.parametrize(
    ("step", "answer"), [("recipient", "550 No such mailbox"), ("data", "554 Rejected")]
)
def test_a_refusal_for_good_buries_the_mail_and_tells_the_clinic(
    portal, clinic, office, step, answer
):
    setattr(office, step, answer)
    booking_id = clinic.book(START)
    drain(portal)
    dead = row(portal, booking_id)
    assert (dead.state, dead.attempts, dead.lease_until) == ("dead", 1, None)
    assert told(portal, clinic) == ["Nouveau rendez-vous en ligne", "Courriel non livré"]


def test_a_server_that_hangs_up_after_the_mail_may_get_it_again_with_the_same_id(
    portal, clinic, clock, office
):
    """F9. Whether it kept the first is not known: the id tells that they are one."""
    office.drops = True
    booking_id = clinic.book(START)
    drain(portal)
    waiting = row(portal, booking_id)
    assert (waiting.state, waiting.last_error) == ("pending", "SMTPServerDisconnected")
    office.drops = False
    clock.advance(seconds=3)
    drain(portal)
    assert row(portal, booking_id).state == "sent"
    assert len({mail["Message-ID"] for mail in office.mails}) == 1


def test_an_address_that_no_mail_can_go_to_is_buried_at_once(portal, clinic, office):
    booking_id = clinic.book(START, email="x@exemple.ca\r\nBcc: y@exemple.ca")
    drain(portal)
    assert row(portal, booking_id).state == "dead"


def test_after_twelve_tries_a_mail_is_given_up_and_the_clinic_is_told_once(
    portal, clinic, clock, office
):
    office.data = "451 Try again later"
    booking_id = clinic.book(at("2026-03-26", "13:00"))
    for attempt in range(1, outbox.TRIES + 1):
        assert drain(portal) == 1
        assert row(portal, booking_id).attempts == attempt
        clock.advance(hours=1)
    assert row(portal, booking_id).state == "dead"
    assert drain(portal) == 0
    assert told(portal, clinic).count("Courriel non livré") == 1


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [(1, 1, 3), (5, 121, 243), (7, 1093, 2187), (8, 1800, 3600), (12, 1800, 3600)],
)
def test_waits_grow_with_jitter_up_to_an_hour(portal, clinic, session, attempt, least, most):
    clinic.book(START)
    claim = replace(outbox.claim_mail(session, START), attempt=attempt)
    session.execute(sa.update(Outbox).values(attempts=attempt))
    session.commit()
    waits = set()
    for _ in range(30):
        outbox.mark_failed(session, claim, 0, "test")
        waits.add(session.scalars(sa.select(Outbox.not_before)).one())
        session.rollback()
    assert least <= min(waits) <= max(waits) <= most
    assert len(waits) > 1


def test_a_claimed_mail_is_left_alone_until_its_lease_ends(portal, clinic, clock, office):
    clinic.book(START)
    with portal.app_context():
        first = outbox.claim_mail(db.session(), int(clock.now.timestamp()))
        clock.advance(seconds=outbox.LEASE_S - 1)
        assert jobs.drain() == 0
        clock.advance(seconds=1)
        assert jobs.drain() == 1
        outbox.mark_failed(db.session(), first, int(clock.now.timestamp()), "too late to say")
    assert len(office.mails) == 1
    assert row(portal, first.booking_id).state == "sent"


def test_two_drains_at_once_send_each_mail_once(portal, clinic, office):
    for n, start in enumerate(SLOTS):
        clinic.book(start, email=f"client{n}@exemple.ca")
    together = threading.Barrier(2)

    def drain_one():
        together.wait()
        drain(portal)

    threads = [threading.Thread(target=drain_one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain(portal)
    assert sorted(mail["To"] for mail in office.mails) == sorted(
        f"client{n}@exemple.ca" for n in range(len(SLOTS))
    )


def test_a_confirmation_that_is_no_longer_right_is_skipped_and_the_cancellation_sent(
    portal, clinic, office
):
    booking_id = clinic.book(START)
    with portal.app_context():
        transact(
            jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, "Parti")
        )
    assert drain(portal) == 2
    assert row(portal, booking_id).state == "skipped"
    assert [mail["Subject"] for mail in office.mails] == [
        "Annulation de votre rendez-vous pour Tom"
    ]


def test_a_failure_is_logged_without_a_word_about_the_owner(portal, clinic, office, caplog):
    office.recipient = "550 <solutions@exemple.ca> unknown"
    clinic.book(START)
    drain(portal)
    assert "SMTPRecipientsRefused" in caplog.text
    assert "solutions@exemple.ca" not in caplog.text


@pytest.fixture
def on_redis(portal, monkeypatch):
    """Point the portal at a Redis, under a queue of the test's own."""

    def use(url):
        before = portal.extensions[EXTENSION]
        settings = replace(before.settings, redis_url=url, queue=f"test-{time.monotonic_ns()}")
        monkeypatch.setitem(portal.extensions, EXTENSION, replace(before, settings=settings))
        return settings.queue

    yield use
    jobs.quick_redis.cache_clear()


@pytest.fixture
def keep_signals():
    """Give back the signal handlers that RQ's worker takes."""
    taken = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in taken]
    yield
    for number, handler in zip(taken, before, strict=True):
        signal.signal(number, handler)


def work(portal, url):
    with portal.app_context(), Redis.from_url(url) as redis:
        queues = [jobs.queue(redis)]
        SimpleWorker(queues, connection=redis, serializer=JSONSerializer).work(burst=True)


@pytest.mark.usefixtures("keep_signals")
def test_with_redis_a_booking_wakes_the_worker(
    portal, clinic, office, redis_url, on_redis, monkeypatch
):
    on_redis(redis_url)
    monkeypatch.setitem(jobs.worker_app, EXTENSION, portal)
    booking_id = clinic.book(START)
    work(portal, redis_url)
    assert row(portal, booking_id).state == "sent"
    assert len(office.mails) == 1


@pytest.mark.usefixtures("keep_signals")
def test_a_wake_up_that_was_lost_is_made_good_by_the_next_without_any_sweep(
    portal, clinic, office, redis_url, on_redis, monkeypatch
):
    """F10."""
    on_redis(redis_url)
    monkeypatch.setitem(jobs.worker_app, EXTENSION, portal)
    clinic.book(SLOTS[0])
    with portal.app_context(), Redis.from_url(redis_url) as redis:
        jobs.queue(redis).empty()
    clinic.book(SLOTS[1])
    work(portal, redis_url)
    assert len(office.mails) == 2


@pytest.mark.usefixtures("keep_signals")
def test_one_drain_that_waits_is_enough_and_one_that_begins_is_not(
    portal, clinic, office, redis_url, on_redis, monkeypatch
):
    on_redis(redis_url)
    monkeypatch.setitem(jobs.worker_app, EXTENSION, portal)
    with portal.app_context(), Redis.from_url(redis_url) as redis:
        queue = jobs.queue(redis)
        for start in SLOTS[:3]:
            clinic.book(start)
        assert len(queue) == 1
        really, while_it_drains = jobs.drain, []

        def drain_and_book():
            clinic.book(SLOTS[3])
            while_it_drains.append(len(queue))
            return really()

        with monkeypatch.context() as busy:
            busy.setattr(jobs, "drain", drain_and_book)
            SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(
                burst=True, max_jobs=1
            )
        assert while_it_drains == [1]
        assert len(queue) == 1
        queue.empty()
    assert len(office.mails) == 4


def test_a_job_holds_nothing_of_the_booking(portal, clinic, redis_url, on_redis):
    on_redis(redis_url)
    clinic.book(START)
    with portal.app_context(), Redis.from_url(redis_url) as redis:
        (job,) = jobs.queue(redis).jobs
        assert (list(job.args), job.kwargs) == ([], {})
        jobs.queue(redis).empty()


@pytest.mark.parametrize("listens", [False, True], ids=["is down", "hangs"])
def test_a_redis_that_does_not_answer_costs_a_booking_less_than_a_second(
    portal, clinic, office, on_redis, listens
):
    with servers.bind("127.0.0.1", 0) as server:
        port = servers.port_of(server)
        if not listens:
            server.close()
        on_redis(f"redis://127.0.0.1:{port}")
        began = time.monotonic()
        booking_id = clinic.book(START)
        assert time.monotonic() - began < 1
    drain(portal)
    assert row(portal, booking_id).state == "sent"


def test_events_are_announced_to_this_process_and_to_the_others(
    portal, clinic, redis_url, on_redis
):
    on_redis(redis_url)
    heard = []

    def hear(app, account_id):
        heard.append(account_id)

    with Redis.from_url(redis_url) as redis, redis.pubsub() as others:
        others.subscribe(jobs.CHANNEL)
        others.get_message(timeout=1)
        with jobs.events_written.connected_to(hear):
            clinic.book(START)
        assert heard == [clinic.account_id]
        assert others.get_message(timeout=1)["data"] == clinic.account_id.hex.encode()


def test_the_drain_command_says_how_many_mails_it_tried(portal, clinic, office):
    clinic.book(START)
    result = portal.test_cli_runner().invoke(args=["rdv", "drain"])
    assert result.output == "1 mail(s) tried.\n"
    assert len(office.mails) == 1


def test_a_sweep_that_failed_does_not_end_the_sweeping(portal, clinic, office, monkeypatch, caplog):
    clinic.book(START)
    drain, rounds = jobs.drain, iter([OSError("the database is away"), None, KeyboardInterrupt()])

    def drain_or_fail(limit):
        trouble = next(rounds)
        if trouble:
            raise trouble
        return drain(limit) and 0

    monkeypatch.setattr(jobs, "drain", drain_or_fail)
    portal.test_cli_runner().invoke(args=["rdv", "drain", "--loop", "--every", "0.01"])
    assert "the database is away" in caplog.text
    assert len(office.mails) == 1


def test_the_worker_command_needs_redis_and_says_what_to_do_without(portal):
    result = portal.test_cli_runner().invoke(args=["rdv", "worker"])
    assert result.exit_code == 1
    assert "flask rdv drain --loop" in result.output


def next_monday_morning():
    today = datetime.now(UTC).date()
    return at(str(today + timedelta(days=7 - today.weekday())), "09:00")


def test_the_worker_process_mails_what_waits_and_stops_when_asked(tmp_path, redis_url):
    app = make_portal(tmp_path)
    migrate(app)
    make_clinic(app, configured=True).book(next_monday_morning() + 7 * 86_400)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    with post_office() as office:
        environment = {
            **os.environ,
            "RDV_DEMO_DATA": str(tmp_path),
            "REDIS_URL": redis_url,
            "MAIL_PORT": str(office.port),
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "flask", "--app", "host_example", "rdv", "worker"]
        with subprocess.Popen(command, env=environment, cwd=tmp_path) as worker:
            try:
                until = time.monotonic() + 30
                while not office.mails and time.monotonic() < until:
                    time.sleep(0.05)
            finally:
                worker.terminate()
            assert worker.wait(timeout=20) == 0
    assert [mail["To"] for mail in office.mails] == ["solutions@exemple.ca"]


def late(portal, clinic, booking_id):
    with portal.app_context():
        return jobs.confirmation_is_late(clinic.account_id, booking_id)


def test_a_confirmation_is_late_while_redis_is_away_until_it_has_left(
    portal, clinic, office, redis_url, on_redis
):
    on_redis("redis://127.0.0.1:1")
    booking_id = clinic.book(START)
    assert late(portal, clinic, booking_id)
    on_redis(redis_url)
    assert not late(portal, clinic, booking_id)
    on_redis("redis://127.0.0.1:1")
    drain(portal)
    assert not late(portal, clinic, booking_id)


def test_a_confirmation_is_late_once_the_mail_server_refused_it(portal, clinic, office):
    office.data = "451 try later"
    booking_id = clinic.book(START)
    assert not late(portal, clinic, booking_id)
    drain(portal)
    assert late(portal, clinic, booking_id)


def test_a_confirmation_that_nothing_drains_is_late_after_a_minute(portal, clinic, clock):
    booking_id = clinic.book(START)
    clock.advance(seconds=59)
    assert not late(portal, clinic, booking_id)
    clock.advance(seconds=1)
    assert late(portal, clinic, booking_id)
