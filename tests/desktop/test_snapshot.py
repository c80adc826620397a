"""The portal does not know our last word: everything is told again, at once."""

from dataclasses import replace
from typing import Any

import pytest

from host_example.desktop import outgoing
from host_example.desktop.client import OfflineError
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync
from tests.desktop.test_uploading import DOLITTLE, EXAM, NOTE, put, send_all


@pytest.fixture
def restored(portal: Any, store: Store, sync: Sync) -> Any:
    """A portal that another desktop has written to since; we have one row more to send."""
    put(store, EXAM, replace(NOTE, deleted=True), replace(NOTE, id="A-2"))
    send_all(sync)
    portal.epoch, portal.rows = 8, {("busy", "A-1"): (9, {}), ("category", "7"): (4, {})}
    put(store, DOLITTLE)
    return portal


def commits(portal: Any) -> int:
    return sum(path.endswith("/commit") for _, path in portal.requests)


def test_then_the_portal_has_what_we_have_and_our_versions(
    restored: Any, store: Store, sync: Sync
) -> None:
    send_all(sync)
    assert {row: version for row, (version, _) in restored.rows.items()} == {
        ("category", "5"): 1,
        ("resource", "2"): 1,
        ("busy", "A-2"): 1,
    }
    assert outgoing.pending(store) == 0
    assert store.state("token") == f"8:{restored.token}"
    assert commits(restored) == 1


def test_and_goes_on_from_there(restored: Any, store: Store, sync: Sync) -> None:
    send_all(sync)
    put(store, replace(NOTE, id="A-2", deleted=True))
    send_all(sync)
    assert restored.live("busy") == {}
    assert commits(restored) == 1


def test_it_goes_in_parts(restored: Any, store: Store, sync: Sync) -> None:
    restored.part_size = 2
    send_all(sync)
    assert {n: len(items) for n, items in restored.parts.items()} == {1: 2, 2: 1}
    assert len(restored.rows) == 3


def test_parts_are_no_larger_than_the_portal_reads(restored: Any, store: Store, sync: Sync) -> None:
    many = [replace(NOTE, id=f"B-{n}") for n in range(20)]
    put(store, *many)
    sync._greet()
    sync._limits["bytes_per_request"] = 1500
    send_all(sync)
    assert len(restored.parts) > 3
    assert len(restored.rows) == 23


@pytest.mark.parametrize("request_number", [1, 2, 3, 4])
@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_after_a_lost_request_or_reply_both_sides_agree(
    restored: Any, store: Store, sync: Sync, fault: str, request_number: int
) -> None:
    restored.faults = [None] * (request_number - 1) + [fault]
    with pytest.raises(OfflineError):
        send_all(sync)
    send_all(sync)
    assert restored.rows.keys() == {("category", "5"), ("resource", "2"), ("busy", "A-2")}
    assert outgoing.pending(store) == 0


def test_what_changes_meanwhile_is_sent_afterwards(
    restored: Any, store: Store, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = sync.portal.commit_snapshot

    def slowly(*given: Any) -> Any:
        put(store, replace(NOTE, id="A-2", resource_id=None))
        return commit(*given)

    monkeypatch.setattr(sync.portal, "commit_snapshot", slowly)
    send_all(sync)
    assert restored.live("busy")["A-2"]["resource_id"] is None


def test_an_invalid_row_does_not_jam_the_others(restored: Any, store: Store, sync: Sync) -> None:
    restored.invalid = {"A-2"}
    send_all(sync)
    assert restored.rows.keys() == {("category", "5"), ("resource", "2")}
    assert outgoing.refusals(store) == ["busy A-2 : refusée"]


def test_a_portal_restored_while_we_have_nothing_to_send_is_told_too(
    restored: Any, store: Store, sync: Sync
) -> None:
    send_all(sync)
    restored.epoch, restored.token, restored.rows = 9, 1, {}
    send_all(sync)
    assert restored.rows == {}
    sync.download()
    send_all(sync)
    assert set(restored.rows) == {("category", "5"), ("resource", "2"), ("busy", "A-2")}
    assert commits(restored) == 2
    send_all(sync)
    assert commits(restored) == 2


def test_a_cursor_too_old_alone_tells_nothing_anew(portal: Any, store: Store, sync: Sync) -> None:
    put(store, EXAM)
    send_all(sync)
    portal.kept_from = 1
    sync.download()
    send_all(sync)
    assert commits(portal) == 0
