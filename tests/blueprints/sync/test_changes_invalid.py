import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.blueprints.sync.payloads import MAX_BYTES
from tests.blueprints.sync.calls import assert_problem, busy, delete, upsert

NAME = {"fr": "Examen", "en": "Exam"}
RADIO = upsert("category", "k", 1, name=NAME)


def told(answer):
    problem = assert_problem(answer, 422, "invalid")
    return [(error.get("pointer"), error["code"]) for error in problem["errors"]]


def changed(change, **members):
    return change | members


def without(change, member):
    return {name: value for name, value in change.items() if name != member}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        (changed(RADIO, id=""), "/id", "too_short"),
        (changed(RADIO, id="k" * 65), "/id", "too_long"),
        (changed(RADIO, id="a\nb"), "/id", "characters"),
        (changed(RADIO, id="a\x00b"), "/id", "characters"),
        (changed(RADIO, id="\ud800"), "/id", "characters"),
        (changed(RADIO, id=12), "/id", "type"),
        (without(RADIO, "id"), "/id", "required"),
        (changed(RADIO, version=-1), "/version", "range"),
        (changed(RADIO, version=2**63), "/version", "range"),
        (changed(RADIO, version=10**4000), "/version", "range"),
        (changed(RADIO, version=1.0), "/version", "type"),
        (changed(RADIO, version=True), "/version", "type"),
        (changed(RADIO, version="1"), "/version", "type"),
        (changed(RADIO, kind="client"), "/kind", "choice"),
        (changed(RADIO, kind=["busy"]), "/kind", "choice"),
        (without(RADIO, "kind"), "/kind", "required"),
        (changed(RADIO, op="merge"), "/op", "choice"),
        (without(RADIO, "op"), "/op", "required"),
        (without(RADIO, "data"), "/data", "required"),
        (changed(RADIO, secret="hunter2"), "", "unknown_member"),
        (upsert("category", "k", 1, name={}), "/data/name", "required"),
        (upsert("category", "k", 1, name={"fr": " ", "en": ""}), "/data/name", "required"),
        (upsert("category", "k", 1, name={"fr": "x" * 201}), "/data/name/fr", "too_long"),
        (upsert("category", "k", 1, name={"fr": "a\x00"}), "/data/name/fr", "characters"),
        (upsert("category", "k", 1, name={"de": "Arzt"}), "/data/name", "unknown_member"),
        (upsert("category", "k", 1, name="Examen"), "/data/name", "type"),
        (upsert("category", "k", 1, name=NAME, active="yes"), "/data/active", "type"),
        (upsert("resource", "k", 1, name=NAME, position=2**31), "/data/position", "range"),
        (upsert("resource", "k", 1, name=NAME, position=1.5), "/data/position", "type"),
        (
            upsert("species", "k", 1, name=NAME, short_name={"fr": "x" * 41}),
            "/data/short_name/fr",
            "too_long",
        ),
        (upsert("category", "k", 1, name=NAME, short_name={}), "/data", "unknown_member"),
        (changed(delete("busy", "k", 1), data={"a": 1}), "/data", "type"),
        (busy("A", "08:00", "08:30", type="party"), "/data/type", "choice"),
        (busy("A", "08:00", "08:30", resource_id=""), "/data/resource_id", "too_short"),
        (busy("A", "08:00", "08:30", booking_id="Tom"), "/data/booking_id", "uuid"),
        (busy("A", "08:00", "08:30", booking_id=7), "/data/booking_id", "uuid"),
        (busy("A", "08:00", "08:00"), "/data", "order"),
        (busy("A", "08:00:00.5", "08:00:00.5"), "/data", "order"),
        (busy("A", "08:30", "08:00"), "/data", "order"),
        (busy("A", "08:00", "08:00", end="2027-03-19T08:00:01-04:00"), "/data", "range"),
        (busy("A", "08:00", "08:30", start="2026-03-18T08:00:00"), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start="2026-03-18"), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start="2026-02-30T08:00:00Z"), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start="2026-03-18T24:00:01Z"), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start="20260318T080000Z"), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start="٢٠٢٦-03-18T08:00:00Z"), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start="2026-03-18T08:00:00Z\n"), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start=1773669600), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start=None), "/data/start", "instant"),
        (busy("A", "08:00", "08:30", start="0001-01-01T00:00:00+14:00"), "/data/start", "range"),
        (busy("A", "08:00", "08:30", end="9999-12-31T23:59:59-14:00"), "/data/end", "range"),
        ("busy", "", "type"),
        (None, "", "type"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(desktop, change, pointer, code):
    token = desktop.hello()["token"]
    body = {"token": token, "changes": [RADIO, change]}
    assert told(desktop.post(body)) == [(f"/changes/1{pointer}", code)]


def test_a_range_of_366_days_is_accepted(desktop):
    start, end = "2026-03-18T08:00:00Z", "2027-03-19T08:00:00Z"
    assert desktop.upload(busy("A", "08:00", "08:30", start=start, end=end)).status_code == 200


@pytest.mark.parametrize(
    ("body", "told_of"),
    [
        ([], [("", "type")]),
        (None, [("", "type")]),
        ("text", [("", "type")]),
        ({}, [("/token", "required"), ("/changes", "required")]),
        ({"token": 7, "changes": {}}, [("/token", "type"), ("/changes", "type")]),
        ({"token": "t" * 65, "changes": []}, [("/token", "too_long")]),
        ({"token": "t", "changes": [], "clinic": 1}, [("", "unknown_member")]),
    ],
)
def test_the_envelope_is_checked_too(desktop, body, told_of):
    assert told(desktop.post(json.dumps(body))) == told_of


def test_every_bad_item_is_listed_and_nothing_that_was_sent_is_repeated(desktop):
    answer = desktop.upload(
        busy("A", "08:00", "08:30", start="hunter2", end="hunter2", hunter2=1),
        RADIO,
        upsert("species", "hunter2" * 10, "hunter2", name={"fr": "hunter2\x00"}),
    )
    assert sorted(told(answer)) == [
        ("/changes/0/data", "unknown_member"),
        ("/changes/0/data/end", "instant"),
        ("/changes/0/data/start", "instant"),
        ("/changes/2/data/name/fr", "characters"),
        ("/changes/2/id", "too_long"),
        ("/changes/2/version", "type"),
    ]
    assert "hunter2" not in answer.text
    assert "pydantic" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xef\xbb\xbf{}",
        b'{"token": "\xff", "changes": []}',
        '{"token": "é", "changes": []}'.encode("utf-16"),
        b'{"token": "t\x00", "changes": []}',
        b'{"token": "t", "token": "u", "changes": []}',
        b'{"token": "t", "changes": [{"id": 1, "id": 1}]}',
        b'{"token": NaN, "changes": []}',
        b'{"token": "t", "changes": [-Infinity]}',
        b'{"token": ' + b"9" * 5000 + b"}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"token": "t", "changes": []} x',
    ],
)
def test_what_is_not_json_is_malformed(desktop, body):
    assert_problem(desktop.post(body), 400, "malformed_json")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": None},
        {"Content-Encoding": "gzip"},
    ],
)
def test_only_plain_json_is_read(desktop, headers):
    assert_problem(desktop.post("{}", headers), 415, "unsupported_media_type")


def test_a_body_may_have_524288_bytes_and_no_more(desktop):
    body = json.dumps({"token": desktop.hello()["token"], "changes": []})
    assert desktop.post(body.ljust(MAX_BYTES)).status_code == 200
    assert_problem(desktop.post(body.ljust(MAX_BYTES + 1)), 413, "body_too_large")


def test_a_request_may_have_500_changes_and_no_more(desktop):
    rows = [delete("busy", f"A-{n}", 1) for n in range(501)]
    assert len(desktop.upload(*rows[:500]).json["results"]) == 500
    assert_problem(desktop.upload(*rows), 413, "too_many_changes")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "required"),
        ("", "too_short"),
        ("k" * 201, "too_long"),
        ("two words", "characters"),
        ("clé", "characters"),
    ],
)
def test_the_idempotency_key_is_required_and_visible(desktop, key, code):
    body = {"token": desktop.hello()["token"], "changes": []}
    problem = assert_problem(desktop.post(body, {"Idempotency-Key": key}), 422, "invalid")
    (error,) = problem["errors"]
    assert (error["header"], error["code"]) == ("Idempotency-Key", code)


@pytest.mark.parametrize("key", ["!", "~" * 200, "3f1c"])
def test_a_visible_key_of_1_to_200_characters_is_good(desktop, key):
    body = {"token": desktop.hello()["token"], "changes": []}
    assert desktop.post(body, {"Idempotency-Key": key}).status_code == 200


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["upsert", "delete", "category", "busy", "2026-03-18T08:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["op", "kind", "id", "version", "data", "name", "start", "fr", "\ud800"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=ODD)
def test_no_value_breaks_the_reader(desktop, changes):
    answer = desktop.post({"token": "never", "changes": changes})
    assert answer.status_code in {409, 422}
    assert_problem(answer, answer.status_code, answer.json["code"])
