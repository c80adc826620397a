"""A batch with bad items among good ones: each is named, no good one is, and nothing is applied."""

from itertools import chain

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.models import Busy, Category, ClinicAccount, Event
from tests.blueprints.sync.calls import assert_problem, busy, delete, upsert

NAME = {"fr": "Examen", "en": "Exam"}


def good(n):
    """Return good changes for the row `n`."""
    return st.sampled_from(
        [
            upsert("category", f"k{n}", 1, name=NAME),
            upsert("resource", f"k{n}", 1, name=NAME, position=n),
            delete("species", f"k{n}", 1),
            busy(f"k{n}", "08:00", "08:30", resource_id=None),
        ]
    )


def bad(n):
    """Return bad changes for the row `n`, each with where it is wrong (places apart) and how."""
    radio, entry = upsert("category", f"k{n}", 1, name=NAME), busy(f"k{n}", "08:00", "08:30")
    return st.sampled_from(
        [
            (radio | {"id": ""}, "/id", "too_short"),
            (radio | {"version": -1}, "/version", "range"),
            (radio | {"op": "merge"}, "/op", "choice"),
            (radio | {"kind": "client"}, "/kind", "choice"),
            (radio | {"clinic_id": 1}, "", "unknown_member"),
            (radio | {"data": {"name": {}}}, "/data/name", "required"),
            (entry | {"data": entry["data"] | {"end": "tomorrow"}}, "/data/end", "instant"),
            (entry | {"data": entry["data"] | {"type": 7}}, "/data/type", "choice"),
            (busy(f"k{n}", "08:30", "08:00"), "/data", "order"),
            (delete("busy", f"k{n}", True), "/version", "type"),
            ({}, "/op /kind /id /version", "required"),
            (None, "", "type"),
        ]
    )


@st.composite
def batches(draw):
    """Return changes, and what is to be told of the bad ones by their places."""
    wrong = draw(st.lists(st.booleans(), min_size=1, max_size=40).filter(any))
    changes, told = [], {}
    for n, is_wrong in enumerate(wrong):
        if is_wrong:
            change, where, code = draw(bad(n))
            told[n] = [(f"/changes/{n}{place}", code) for place in where.split()] or [
                (f"/changes/{n}", code)
            ]
        else:
            change = draw(good(n))
        changes.append(change)
    return changes, told


def stored(session, clinic):
    session.rollback()
    counts = [
        session.scalar(sa.select(sa.func.count()).where(model.account_id == clinic.account_id))
        for model in (Category, Busy, Event)
    ]
    account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
    return [*counts, account.upload_seq, account.event_seq]


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batch=batches())
def test_every_bad_item_is_named_no_good_one_is_and_nothing_is_applied(
    desktop, clinic, session, batch
):
    changes, told = batch
    before = stored(session, clinic)
    problem = assert_problem(desktop.upload(*changes), 422, "invalid")
    named = [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert sorted(named) == sorted(chain.from_iterable(told.values()))
    assert stored(session, clinic) == before


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batch=batches())
def test_what_was_good_is_applied_once_the_bad_is_left_out(desktop, batch):
    """Else the test above would hold for a portal that refuses everything."""
    changes, told = batch
    kept = [change for n, change in enumerate(changes) if n not in told]
    answer = desktop.upload(*kept)
    assert answer.status_code == 200
    assert len(answer.json["results"]) == len(kept)
