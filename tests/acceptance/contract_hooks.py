"""Schemathesis' hooks: some of what it makes names what is there, so that good paths are walked.

Loaded by its own process; RDV_CONTRACT is the file that tells what is there.
"""

import itertools
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import schemathesis
from hypothesis import strategies as st
from schemathesis import openapi

from tests.support.served import call

THERE = json.loads(Path(os.environ["RDV_CONTRACT"]).read_text())
"""`url`, `key`, `resource`, `cursor`, and the ids `cancelled` and `moved` of bookings."""

NUMBERS = itertools.count()
RANGES = (("start", "end"), ("busy_from", "busy_to"))
INSTANT = re.compile(r"2[01]\d{2}-\d{2}-\d{2}[Tt][\d:]{8}(\.\d+)?([Zz]|[+-][\d:]{5})")

YEARS = (946_771_200, 7_226_582_400)
"""2000-01-02 to 2199-01-01, in UTC seconds: within the agenda's years at every offset."""


def instant(seconds, offset, five):
    moment = datetime.fromtimestamp(seconds - (seconds % 300 if five else 0), UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}{offset}"


openapi.format(
    "date-time",
    st.builds(
        instant,
        st.integers(*YEARS),
        st.sampled_from(["Z", "z", "-04:00", "+05:30"]),
        st.booleans(),
    ),
)


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """Shorten waits; keep to what no schema can say; have half of the good name what is there."""
    if isinstance(case.query.get("wait"), int):
        case.query["wait"] = min(case.query["wait"], 1)
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    case.body = right(case.body)
    if str(case.query.get("page", 1)) != "1":
        case.query["as_of"] = case.query.get("as_of") or THERE["cursor"]
    if next(NUMBERS) % 2 or case.meta.phase.name.value == "coverage":
        name = case.operation.definition.raw["operationId"]
        REAL.get(name, lambda _case: None)(case)


def right(value):
    """Return a value whose ranges end after they start, and whose integers have no fraction."""
    if isinstance(value, list):
        return [right(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, dict):
        return value
    made = {name: right(one) for name, one in value.items()}
    for start, end in RANGES:
        if all(INSTANT.fullmatch(str(made.get(name))) for name in (start, end)):
            made[end] = later(made[start])
    return made


def later(start):
    moment = datetime.fromisoformat(start.upper()) + timedelta(minutes=30)
    return moment.isoformat()


def changes(case):
    hello = call(f"{THERE['url']}/hello", key=THERE["key"]).json
    case.body["token"] = hello["token"]
    case.headers["Idempotency-Key"] = f"contract-{next(NUMBERS)}"


def events(case):
    case.query["cursor"] = THERE["cursor"]


def bookings(case):
    case.query["as_of"] = THERE["cursor"]


def put_part(case):
    case.path_parameters["snapshot_id"] = opened()


def commit_snapshot(case):
    made = case.path_parameters["snapshot_id"] = opened()
    path = f"{THERE['url']}/snapshots/{made}/parts/1"
    call(path, "PUT", key=THERE["key"], body={"items": []})
    case.body["parts"] = 1


def opened():
    body = {"kinds": ["busy"], "busy_from": "2150-01-01T00:00:00Z"}
    return call(f"{THERE['url']}/snapshots", "POST", key=THERE["key"], body=body).json["id"]


def cancel_booking(case):
    case.path_parameters["booking_id"] = THERE["cancelled"]


def move_booking(case):
    case.path_parameters["booking_id"] = THERE["moved"]
    case.body["resource_id"] = THERE["resource"]


REAL = {
    work.__name__: work
    for work in (
        changes,
        events,
        bookings,
        put_part,
        commit_snapshot,
        cancel_booking,
        move_booking,
    )
}
