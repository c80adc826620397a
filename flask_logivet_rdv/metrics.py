"""Counters and gauges for Prometheus (the extra ``metrics``); the host exposes them."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Flask
from prometheus_client import REGISTRY, CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from flask_logivet_rdv.services.standing import Standing, mails_of, standings
from flask_logivet_rdv.state import state
from flask_logivet_rdv.telemetry import done

PREFIX = "logivet_rdv_"
COUNTED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "booking": ("bookings", "Bookings asked for, by how they ended.", ("outcome",)),
    "cancellation": ("cancellations", "Cancellations asked for.", ("by", "outcome")),
    "move": ("moves", "Moves that clinics asked for.", ("outcome",)),
    "mail": ("mails", "Attempts to send a mail.", ("kind", "outcome")),
    "upload": ("uploads", "Changes and snapshots of LogiVet.", ("kind", "outcome")),
}
"""By what is told: the counter's name, its words, its labels."""
log = logging.getLogger(__name__)


def expose(app: Flask, registry: CollectorRegistry = REGISTRY) -> None:
    """Count what this process does, and read at each scrape how all clinics stand.

    Where several processes share prometheus_client's multiprocess mode, `count` in each, and
    register `Gauges` in the registry of the scrape only.
    """
    count(registry)
    registry.register(Gauges(app))


def count(registry: CollectorRegistry = REGISTRY) -> None:
    """Count in `registry` what this process does from now on."""
    counters = {
        what: Counter(PREFIX + name, words, labels, registry=registry)
        for what, (name, words, labels) in COUNTED.items()
    }

    def heard(_: object, *, what: str, outcome: str, facts: Mapping[str, Any]) -> None:
        known = {**facts, "outcome": outcome}
        counters[what].labels(*(known[label] for label in COUNTED[what][2])).inc()

    done.connect(heard, weak=False)


class Gauges(Collector):
    """How all clinics stand, read from the database at each scrape, in four queries."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return nothing: registering must not need the database."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; without the database only that it is away."""
        try:
            with self.app.app_context():
                now = state().clock()
                found = standings(state().db.session(), now)
        except SQLAlchemyError as error:
            log.warning("The gauges need the database (%s).", type(error).__name__)
            yield _gauge("database_up", "Whether the database answered.", 0)
            return
        yield _gauge("database_up", "Whether the database answered.", 1)
        for name, words, value in _values(found, now.timestamp()):
            yield _gauge(name, words, value)


def _values(found: list[Standing], now: float) -> Iterator[tuple[str, str, float]]:
    mails, active = mails_of(one.mails for one in found), [one for one in found if one.active]
    seen = [now - one.seen_at.timestamp() for one in active if one.seen_at]
    waits = [now - one.unfetched.since for one in active if one.unfetched.since is not None]
    late = now - mails.due_since if mails.due_since is not None else 0
    yield "clinics_active", "Clinics whose subscription is in force.", len(active)
    yield (
        "clinics_never_seen",
        "Of those, clinics whose LogiVet never came.",
        len(active) - len(seen),
    )
    yield (
        "last_sync_age_seconds",
        "Longest since an active clinic's LogiVet came.",
        max(seen, default=0),
    )
    yield (
        "events_unfetched",
        "Events that LogiVet has not fetched.",
        sum(one.unfetched.events for one in active),
    )
    yield "events_unfetched_age_seconds", "Age of the oldest of them.", max(waits, default=0)
    yield "mails_waiting", "Mails to leave, now or later.", mails.waiting
    yield "mails_retried", "Of those, mails tried in vain so far.", mails.retried
    yield "mails_dead", "Mails that were given up.", mails.dead
    yield "mail_queue_age_seconds", "How late the mail is that is most overdue.", max(0, late)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, words, value=value)
