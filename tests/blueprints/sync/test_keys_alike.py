"""LogiVet's keys are compared byte for byte, on every database."""

import pytest

from tests.blueprints.sync.calls import Desktop, busy, item, upsert
from tests.support.clinics import make_clinic
from tests.support.portal import MONDAY_MORNING

ALIKE = [
    "e", "E", "é", "É", "e\u0301", "e ", " e", "e\u00a0", "e\u200b", "ss", "ß", "ﬁ", "fi",
    "'", '"', "\\", "%", "_", "a/b", "{a,b}", "NULL", "0", "00",
    "🐶", "🐱", "🐶" * 64, "a" * 64, "a" * 63 + "b",
]  # fmt: skip


@pytest.fixture
def desktop(any_portal, session_clock):
    session_clock.now = MONDAY_MORNING
    clinic = make_clinic(any_portal, configured=False)
    return Desktop(any_portal.test_client(), clinic.key)


@pytest.mark.parametrize("kind", ["busy", "category", "species", "resource"])
def test_keys_that_look_alike_are_rows_of_their_own(desktop, kind):
    def rows(version):
        if kind == "busy":
            return [busy(key, "08:00", "08:30", version, resource_id=key) for key in ALIKE]
        return [upsert(kind, key, version, name={"fr": key}) for key in ALIKE]

    answer = desktop.upload(*rows(1))
    assert [(r["id"], r["status"]) for r in answer.json["results"]] == [
        (key, "applied") for key in ALIKE
    ]
    told = desktop.snapshot(*(item(row) for row in rows(1)), kinds=[kind])
    assert told.json["counts"][kind]["unchanged"] == len(ALIKE)
    one = desktop.upload(*(row for row in rows(2) if row["id"] == "e"))
    assert [result["status"] for result in one.json["results"]] == ["applied"]
    told = desktop.snapshot(*(item(row) for row in rows(1)), kinds=[kind])
    assert told.json["counts"][kind] == {
        "added": 0, "changed": 1, "removed": 0,
        "unchanged": len(ALIKE) - 1,
    }  # fmt: skip


def test_the_same_key_of_two_kinds_is_two_rows(desktop):
    rows = [upsert(kind, "7", 1, name={"fr": kind}) for kind in ("category", "species", "resource")]
    answer = desktop.upload(*rows, busy("7", "08:00", "08:30", resource_id="7"))
    assert [result["status"] for result in answer.json["results"]] == ["applied"] * 4
    gone = desktop.snapshot(item(rows[0]), kinds=["category", "species"])
    assert gone.json["counts"]["species"]["removed"] == 7
    again = desktop.upload(rows[1], rows[2])
    assert [result["status"] for result in again.json["results"]] == ["applied", "unchanged"]
