"""The agenda that the figures are of: two months of weekdays' hours, most of them taken."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.models import Busy, ClinicAccount
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services import settings
from flask_logivet_rdv.services.availability import bookable_slots
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from host_example.models import db
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic

WEEK = [Opening(day, 60 * a, 60 * b) for day in range(1, 6) for a, b in ((9, 12), (13, 17))]
MINUTES = 30
BOOKED, BUSY = 100, 300
A_BATCH = 10_000
WIDGET = "/services/online-appointment"


def make_world(app: Flask, past: int = 0) -> TestClinic:
    """Return a clinic with one resource open on weekdays, 7 hours in 30 minutes, for two months.

    Of its some 600 slots 100 are booked online and 300 are LogiVet's, drawn alike each time;
    `past` is how many ranges its agenda holds of the time before.
    """
    clinic = make_clinic(app, configured=True)
    with app.app_context():
        save = partial(settings.save_openings, resource_id=clinic.resources[DOLITTLE])
        transact(desk(), clinic.account_id, lambda tx: save(tx, week=WEEK, actor=None))
        starts = free_starts(clinic)
        taken = random.Random(7).sample(starts, BOOKED + BUSY)
        ranges = [(start, start + 60 * MINUTES) for start in taken[BOOKED:]]
        _insert(clinic, iter(ranges))
        _insert(clinic, islice(_before(min(starts)), past))
        db.session.commit()
    for n, start in enumerate(taken[:BOOKED]):
        clinic.book(start, phone=f"+1514555{n:04}")
    return clinic


def triple(clinic: TestClinic) -> Triple:
    """Return the exam of a dog by Dr Dolittle."""
    return Triple(
        clinic.species["Canin"],
        clinic.categories["Examen"],
        clinic.resources[DOLITTLE],
        MINUTES,
    )


def calendar(clinic: TestClinic) -> str:
    """Return the path of W1 with the three choices made."""
    chosen = triple(clinic)
    query = {
        "widgetId": clinic.account_id,
        "lang": "fr",
        "species": chosen.species,
        "category": chosen.category,
        "resource": chosen.resource,
    }
    return f"{WIDGET}?{urlencode(query)}"


def free_starts(clinic: TestClinic) -> list[int]:
    """Return the starts that can be booked now, in UTC seconds."""
    here = state()
    account = db.session.get(ClinicAccount, clinic.account_id)
    free = bookable_slots(db.session(), account, triple(clinic), here.clock(), here.settings.rules)
    return [slot.start for slot in free]


def _before(first: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of the length of a visit, ever earlier, each half an hour after the last."""
    day = datetime.fromtimestamp(first, UTC) - timedelta(days=2)
    start = int(day.timestamp())
    while True:
        yield start, start + 60 * MINUTES
        start -= 2 * 60 * MINUTES


def _insert(clinic: TestClinic, ranges: Iterator[tuple[int, int]]) -> None:
    shared = {
        "account_id": clinic.account_id,
        "version": 1,
        "kind": "appointment",
        "resource_id": clinic.resources[DOLITTLE],
    }
    while batch := list(islice(ranges, A_BATCH)):
        rows = [
            shared | {"logivet_id": uuid.uuid4().hex, "starts_at": start, "ends_at": end}
            for start, end in batch
        ]
        db.session.execute(sa.insert(Busy), rows)
