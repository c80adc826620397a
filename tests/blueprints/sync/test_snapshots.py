"""A snapshot over HTTP: the full truth, sent in parts, that wins."""

import uuid

import pytest

from flask_logivet_rdv.models import Busy, Category
from tests.blueprints.sync.calls import assert_problem, busy, delete, item, upsert
from tests.blueprints.sync.test_changes import hours, row, taken
from tests.support.clinics import CATEGORIES, RESOURCES, SPECIES, at

EXAM = item(upsert("category", "c5", 1, name={"fr": "Examen", "en": "Exam"}))
NONE = {"added": 0, "changed": 0, "removed": 0, "unchanged": 0}


def counts(**changed):
    return NONE | changed


def catalogue():
    """The rows that the clinic of the tests has, as they are."""
    return [
        item(upsert(kind, f"{kind[0]}{n}", 1, name={"fr": fr, "en": en}, position=n))
        for kind, names in (("category", CATEGORIES), ("species", SPECIES), ("resource", RESOURCES))
        for n, (fr, en) in enumerate(names.items(), start=1)
    ]


def entry(key, begins, ends, version=1, **data):
    return item(busy(key, begins, ends, version, **data))


@pytest.fixture
def opened(desktop):
    """The address of a snapshot of the agenda."""
    return f"/snapshots/{desktop.send('POST', '/snapshots', {'kinds': ['busy']}).json['id']}"


def test_a_snapshot_is_opened_with_the_size_of_its_parts(desktop):
    answer = desktop.send("POST", "/snapshots", {"kinds": ["busy"], "busy_from": None})
    assert answer.status_code == 201
    assert uuid.UUID(answer.json["id"])
    assert answer.json["part_size"] == 500


def test_the_truth_as_it_is_changes_nothing(desktop, session, clinic):
    answer = desktop.snapshot(*catalogue(), part_size=5)
    assert answer.status_code == 200, answer.text
    assert answer.json["counts"] == {
        "category": counts(unchanged=5),
        "species": counts(unchanged=6),
        "resource": counts(unchanged=3),
        "busy": counts(),
    }
    assert answer.json["conflicts"] == []
    assert row(session, clinic, Category, "c5").online


def test_nothing_is_visible_before_the_commit(desktop, session, clinic, opened):
    desktop.send("PUT", f"{opened}/parts/1", {"items": [entry("A-1", "08:00", "08:30")]})
    assert taken(session, clinic) == []
    desktop.send("POST", f"{opened}/commit", {"parts": 1})
    assert taken(session, clinic) == [hours("08:00", "08:30")]


def test_what_is_absent_is_deleted(desktop, session, clinic):
    desktop.upload(busy("A-1", "08:00", "08:30"), busy("A-2", "09:00", "09:30"))
    rows = [one for one in catalogue() if one["id"] != "c1"]
    answer = desktop.snapshot(
        *rows, entry("A-2", "09:00", "10:00", 2), entry("A-3", "11:00", "12:00")
    )
    assert answer.json["counts"]["busy"] == counts(added=1, changed=1, removed=1)
    assert answer.json["counts"]["category"] == counts(removed=1, unchanged=4)
    assert taken(session, clinic) == [hours("09:00", "10:00"), hours("11:00", "12:00")]
    assert row(session, clinic, Category, "c1").deleted_at is not None


def test_a_kind_that_is_not_told_is_left_alone(desktop, session, clinic):
    desktop.upload(busy("A-1", "08:00", "08:30"))
    answer = desktop.snapshot(*catalogue()[:4], kinds=["category"])
    assert answer.json["counts"] == {"category": counts(removed=1, unchanged=4)}
    assert taken(session, clinic) == [hours("08:00", "08:30")]


@pytest.mark.parametrize(
    ("begins", "ends", "kept"),
    [
        ("08:00", "09:00", True),
        ("08:00", "09:05", False),
        ("09:00", "10:00", False),
        ("09:55", "11:00", False),
        ("10:00", "11:00", True),
    ],
)
def test_only_what_touches_the_window_is_deleted(desktop, session, clinic, begins, ends, kept):
    desktop.upload(busy("A-1", begins, ends))
    window = {"busy_from": "2026-03-18T09:00:00-04:00", "busy_to": "2026-03-18T10:00:00-04:00"}
    desktop.snapshot(kinds=["busy"], **window)
    assert (taken(session, clinic) == [hours(begins, ends)]) is kept


def test_it_wins_whatever_the_versions_which_become_the_stored_ones(desktop, session, clinic):
    desktop.upload(busy("A-1", "08:00", "08:30", 9), upsert("category", "c5", 9, name={"fr": "X"}))
    desktop.snapshot(*catalogue(), entry("A-1", "09:00", "09:30", 3))
    assert taken(session, clinic) == [hours("09:00", "09:30")]
    category = row(session, clinic, Category, "c5")
    assert (category.name_fr, category.version, category.online) == ("Examen", 1, True)
    again = desktop.upload(busy("A-1", "10:00", "10:30", 4))
    assert again.json["results"][0]["status"] == "applied"


def test_tombstones_are_forgotten(desktop):
    desktop.upload(
        delete("busy", "A-1", 9), delete("category", "c5", 9), delete("category", "k", 9)
    )
    answer = desktop.snapshot(*(one for one in catalogue() if one["id"] != "c5"))
    assert answer.json["counts"]["busy"] == counts()
    assert answer.json["counts"]["category"] == counts(unchanged=4)
    older = [busy("A-1", "08:00", "08:30", 1)]
    older += [upsert("category", key, 1, name={"fr": "Examen"}) for key in ("c5", "k")]
    results = desktop.upload(*older).json["results"]
    assert [result["status"] for result in results] == ["applied"] * 3


def test_a_part_that_is_sent_again_is_replaced(desktop, session, clinic, opened):
    for begins in ("08:00", "09:00"):
        part = {"items": [entry(f"A-{begins}", begins, "10:00")]}
        assert desktop.send("PUT", f"{opened}/parts/1", part).status_code == 204
    desktop.send("POST", f"{opened}/commit", {"parts": 1})
    assert taken(session, clinic) == [hours("09:00", "10:00")]


def test_a_row_that_is_sent_twice_counts_as_the_last(desktop, session, clinic):
    rows = [entry("A-1", "08:00", "08:30", 2), entry("A-1", "09:00", "09:30", 1)]
    answer = desktop.snapshot(*rows, kinds=["busy"])
    assert answer.json["counts"]["busy"] == counts(added=1)
    assert taken(session, clinic) == [hours("09:00", "09:30")]


def test_a_commit_that_is_repeated_gives_the_same_answer(desktop, opened):
    desktop.send("PUT", f"{opened}/parts/1", {"items": [entry("A-1", "08:00", "08:30")]})
    first = desktop.send("POST", f"{opened}/commit", {"parts": 1})
    desktop.upload(delete("busy", "A-1", 2))
    again = desktop.send("POST", f"{opened}/commit", {"parts": 1})
    assert (again.status_code, again.json) == (200, first.json)
    assert desktop.upload(delete("busy", "A-1", 2)).json["results"][0]["status"] == "unchanged"


def test_its_token_is_the_next_and_an_older_one_is_refused(desktop):
    before = desktop.hello()["token"]
    answer = desktop.snapshot(*catalogue())
    assert answer.json["token"] == desktop.hello()["token"] != before
    assert_problem(desktop.post({"token": before, "changes": []}), 409, "token_mismatch")


def test_conflicts_are_told_and_no_booking_disappears(desktop, session, clinic):
    """S4: a restored desktop sends an agenda that does not know the booking."""
    booking = clinic.book(at("2026-03-18", "10:00"))
    desktop.upload(busy("A-1", "10:00", "10:30", booking_id=str(booking)))
    answer = desktop.snapshot(entry("A-2", "10:15", "11:00"), kinds=["busy"])
    assert answer.json["conflicts"] == [{"booking_id": str(booking), "busy_id": "A-2"}]
    assert taken(session, clinic) == [hours("10:00", "10:30"), hours("10:15", "11:00")]
    assert desktop.get("/bookings").json["bookings"][0]["status"] == "confirmed"
    types = [event["type"] for event in desktop.events().json["events"]]
    assert types == ["booking.created", "booking.conflict"]


def test_a_conflict_ends_with_the_range_that_a_snapshot_removes(desktop, session, clinic):
    clinic.book(at("2026-03-18", "10:00"))
    desktop.upload(busy("A-1", "10:15", "11:00"))
    assert desktop.snapshot(kinds=["busy"]).json["conflicts"] == []
    desktop.upload(busy("A-1", "10:15", "11:00"))
    types = [event["type"] for event in desktop.events().json["events"]]
    assert types == ["booking.created", "booking.conflict", "booking.conflict"]


def test_a_whole_agenda_in_many_parts_and_chunks(desktop, session, clinic):
    rows = [
        entry(f"A-{n}", "08:00", "08:30", resource_id=None if n % 2 else "r2") for n in range(1201)
    ]
    answer = desktop.snapshot(*rows, kinds=["busy"])
    assert answer.json["counts"]["busy"] == counts(added=1201)
    answer = desktop.snapshot(*rows[:100], kinds=["busy"])
    assert answer.json["counts"]["busy"] == counts(removed=1101, unchanged=100)
    assert row(session, clinic, Busy, "A-99") is not None
    assert row(session, clinic, Busy, "A-100") is None


def test_a_missing_part_is_told_and_nothing_is_applied(desktop, session, clinic, opened):
    desktop.send("PUT", f"{opened}/parts/2", {"items": [entry("A-1", "08:00", "08:30")]})
    problem = assert_problem(desktop.send("POST", f"{opened}/commit", {"parts": 2}), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/parts", "incomplete")]
    assert taken(session, clinic) == []
    desktop.send("PUT", f"{opened}/parts/1", {"items": []})
    assert desktop.send("POST", f"{opened}/commit", {"parts": 2}).status_code == 200


def test_after_the_commit_a_part_that_comes_late_is_refused(desktop, opened):
    desktop.send("PUT", f"{opened}/parts/1", {"items": []})
    desktop.send("POST", f"{opened}/commit", {"parts": 1})
    late = desktop.send("PUT", f"{opened}/parts/1", {"items": []})
    assert_problem(late, 409, "snapshot_closed")


def test_left_alone_it_expires_after_an_hour(desktop, clock, opened):
    clock.advance(minutes=59)
    assert desktop.send("PUT", f"{opened}/parts/1", {"items": []}).status_code == 204
    clock.advance(minutes=1)
    for method, path, body in (
        ("PUT", "parts/1", {"items": []}),
        ("POST", "commit", {"parts": 1}),
    ):
        assert_problem(desktop.send(method, f"{opened}/{path}", body), 404, "no_such_snapshot")


def test_one_commit_ends_every_other_unfinished_snapshot(desktop, opened):
    desktop.snapshot(kinds=["busy"])
    late = desktop.send("POST", f"{opened}/commit", {"parts": 1})
    assert_problem(late, 404, "no_such_snapshot")


def test_another_clinics_snapshot_is_unknown(desktop_of, bare_clinic, opened):
    other = desktop_of(bare_clinic)
    answer = other.send("PUT", f"{opened}/parts/1", {"items": []})
    assert_problem(answer, 404, "no_such_snapshot")
    answer = other.send("POST", f"{opened}/commit", {"parts": 1})
    assert_problem(answer, 404, "no_such_snapshot")


@pytest.mark.parametrize("address", ["/snapshots/7/parts/1", "/snapshots/7/commit"])
def test_what_is_no_id_is_no_address(desktop, address):
    assert_problem(desktop.send("PUT", address, {"items": []}), 404, "not_found")


@pytest.mark.parametrize("n", [0, 1001, 10**20])
def test_parts_are_numbered_from_1_to_1000(desktop, opened, n):
    problem = assert_problem(
        desktop.send("PUT", f"{opened}/parts/{n}", {"items": []}), 422, "invalid"
    )
    assert [(e["parameter"], e["code"]) for e in problem["errors"]] == [("n", "range")]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/kinds", "required"),
        ({"kinds": []}, "/kinds", "too_short"),
        ({"kinds": ["client"]}, "/kinds/0", "choice"),
        ({"kinds": ["busy"], "busy_from": "today"}, "/busy_from", "instant"),
        (
            {
                "kinds": ["busy"],
                "busy_from": "2026-03-18T10:00:00Z",
                "busy_to": "2026-03-18T10:00:00Z",
            },
            "",
            "order",
        ),
    ],
)
def test_what_is_wrong_when_it_is_opened(desktop, body, pointer, code):
    problem = assert_problem(desktop.send("POST", "/snapshots", body), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("row", "pointer", "code"),
    [
        (entry("A-1", "08:30", "08:00"), "/data", "order"),
        (busy("A-1", "08:00", "08:30"), "", "unknown_member"),
        (item(delete("busy", "A-1", 1)), "/data", "required"),
        (EXAM | {"kind": "client"}, "/kind", "choice"),
        (EXAM, "/kind", "choice"),
        ("A-1", "", "type"),
    ],
)
def test_what_is_wrong_in_a_part_is_told_by_its_place(desktop, opened, row, pointer, code):
    part = {"items": [entry("A-0", "08:00", "08:30"), row]}
    problem = assert_problem(desktop.send("PUT", f"{opened}/parts/1", part), 422, "invalid")
    told = [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert (f"/items/1{pointer}", code) in told


def test_a_part_holds_at_most_500_items(desktop, opened):
    rows = [entry(f"A-{n}", "08:00", "08:30") for n in range(501)]
    assert desktop.send("PUT", f"{opened}/parts/1", {"items": rows[:500]}).status_code == 204
    answer = desktop.send("PUT", f"{opened}/parts/1", {"items": rows})
    assert_problem(answer, 413, "too_many_changes")


@pytest.mark.parametrize("parts", [0, 1001])
def test_a_snapshot_has_1_to_1000_parts(desktop, opened, parts):
    answer = desktop.send("POST", f"{opened}/commit", {"parts": parts})
    assert_problem(answer, 422, "invalid")


def test_too_many_kinds_are_invalid_and_not_too_many_changes(desktop):
    answer = desktop.send("POST", "/snapshots", {"kinds": ["busy"] * 5})
    (error,) = assert_problem(answer, 422, "invalid")["errors"]
    assert (error["pointer"], error["code"]) == ("/kinds", "too_long")
    assert error["detail"] == "Must have at most 4 items."
