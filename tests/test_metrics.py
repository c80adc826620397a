"""What Prometheus reads: what this process did, and how all clinics stand."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from flask_logivet_rdv import jobs, metrics
from flask_logivet_rdv.models import Outbox, SyncKey
from flask_logivet_rdv.services.outbox import State
from flask_logivet_rdv.telemetry import done, tell
from host_example.models import db
from tests.support.clinics import at, make_clinic
from tests.support.portal import make_portal

START = at("2026-03-18", "10:00")
ACCOUNT = UUID(int=7)


@pytest.fixture
def registry():
    """A registry of its own, whose counters stop hearing at the end."""
    heard = set(done.receivers)
    yield CollectorRegistry()
    for key in set(done.receivers) - heard:
        done.receivers.pop(key)


@pytest.fixture
def value(registry):
    def of(name, **labels):
        return registry.get_sample_value(f"logivet_rdv_{name}", labels)

    return of


@pytest.mark.parametrize(
    ("what", "facts", "sample", "labels"),
    [
        ("booking", {}, "bookings_total", {}),
        ("cancellation", {"by": "client"}, "cancellations_total", {"by": "client"}),
        ("move", {"by": "clinic"}, "moves_total", {}),
        ("mail", {"kind": "reminder", "attempt": 1}, "mails_total", {"kind": "reminder"}),
        ("upload", {"kind": "changes", "rows": 9}, "uploads_total", {"kind": "changes"}),
    ],
)
def test_what_is_told_is_counted_by_outcome(registry, value, what, facts, sample, labels):
    metrics.count(registry)
    tell(what, "this", ACCOUNT, **facts)
    tell(what, "this", ACCOUNT, **facts)
    tell(what, "that", ACCOUNT, **facts)
    assert value(sample, outcome="this", **labels) == 2
    assert value(sample, outcome="that", **labels) == 1


def test_no_label_names_a_clinic_or_a_person():
    labels = {label for _, _, of_one in metrics.COUNTED.values() for label in of_one}
    assert labels == {"outcome", "by", "kind"}


def test_the_gauges_add_up_the_clinics(module_portal, registry, value):
    registry.register(metrics.Gauges(module_portal))
    clinics = [make_clinic(module_portal, configured=True) for _ in range(2)]
    clinics[0].book(START)
    clinics[1].book(START)
    seen = module_portal.extensions["logivet_rdv"].clock()
    with module_portal.app_context():
        key_id = clinics[0].key.split("_")[1]
        _set(SyncKey, SyncKey.key_id == key_id, last_used_at=seen)
        _set(Outbox, Outbox.account_id == clinics[1].account_id, state=State.DEAD)
    module_portal.extensions["logivet_rdv"].clock.advance(hours=1)
    assert value("database_up") == 1
    assert (value("clinics_active"), value("clinics_never_seen")) == (2, 1)
    assert (value("mails_waiting"), value("mails_retried"), value("mails_dead")) == (1, 0, 1)
    assert value("events_unfetched") == 2
    for age in ("last_sync_age_seconds", "events_unfetched_age_seconds", "mail_queue_age_seconds"):
        assert value(age) == 3600


def _set(model, which, **values):
    db.session.execute(sa.update(model).where(which).values(**values))
    db.session.commit()


def test_without_the_database_a_scrape_says_so_and_no_more(tmp_path, registry, value):
    registry.register(metrics.Gauges(make_portal(tmp_path, "sqlite:////nowhere/at/all.sqlite3")))
    assert value("database_up") == 0
    assert value("mails_waiting") is None


def test_a_mail_is_told_with_each_attempt(module_portal, registry, value):
    metrics.count(registry)
    clinic = make_clinic(module_portal, configured=True)
    clinic.book(START)
    with module_portal.app_context(), module_portal.extensions["mail"].record_messages():
        jobs.drain()
    assert value("mails_total", kind="confirmation", outcome="sent") >= 1
