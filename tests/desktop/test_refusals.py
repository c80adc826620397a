"""Each documented answer of the portal has its own consequence."""

from dataclasses import replace
from typing import Any

import pytest

from host_example.desktop import agenda, conflicts, outgoing, snapshot
from host_example.desktop.client import Portal, RefusedError, Reply, Transport, _retry_after
from host_example.desktop.explaining import WORDS, explained
from host_example.desktop.loops import LONGEST_PAUSE_S, REFUSED_PAUSE_S, _patience
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync
from tests.desktop.conftest import KEY
from tests.desktop.test_uploading import DOLITTLE, EXAM, NOTE, put, send_all


def refused(status: int, code: str = "", **headers: str) -> RefusedError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RefusedError(status, {"code": code}, _retry_after(Reply(status, named, b""), {}))


def test_a_body_that_is_too_large_goes_in_smaller_ones(
    portal: Any, store: Store, sync: Sync
) -> None:
    put(store, *(replace(NOTE, id=f"A-{n}") for n in range(9)))
    portal.most_changes = 2
    send_all(sync)
    assert len(portal.live("busy")) == 9


def test_so_do_the_parts_of_a_snapshot(portal: Any, store: Store, sync: Sync) -> None:
    put(store, *(replace(NOTE, id=f"A-{n}") for n in range(9)))
    portal.most_changes = 2
    snapshot.ask(store)
    send_all(sync)
    assert len(portal.live("busy")) == 9
    assert not any(path.endswith("/changes") for _, path in portal.requests)


def test_a_row_that_is_too_large_alone_is_set_aside(portal: Any, store: Store, sync: Sync) -> None:
    put(store, EXAM, NOTE)
    portal.most_changes = 0
    send_all(sync)
    assert len(outgoing.refusals(store)) == 2


def test_an_invalid_batch_that_names_no_row_is_not_sent_in_a_loop(
    portal: Any, store: Store, sync: Sync
) -> None:
    send_all(sync)
    put(store, EXAM)
    portal.faults = [422]
    with pytest.raises(RefusedError):
        send_all(sync)
    assert outgoing.unanswered(store) is not None


def test_a_row_that_the_portal_has_newer_calls_for_a_snapshot(
    portal: Any, store: Store, sync: Sync
) -> None:
    """The desktop begins anew with keys and versions that an earlier one has sent."""
    portal.rows["category", "5"] = 3, {"name": {"fr": "Ancien"}}
    put(store, EXAM)
    send_all(sync)
    assert portal.live("category")["5"]["name"]["fr"] == "Examen"
    assert portal.rows["category", "5"][0] == 1


def test_a_token_that_differs_at_the_greeting_calls_for_a_snapshot(
    portal: Any, store: Store, sync: Sync
) -> None:
    """Restored with nothing to send, the desktop would never learn it otherwise."""
    put(store, EXAM)
    send_all(sync)
    portal.token, portal.rows = 40, {("busy", "A-9"): (1, {"gone": True})}
    sync.go_on()
    send_all(sync)
    assert portal.rows.keys() == {("category", "5")}


def test_the_zone_and_the_limits_are_learnt_again(portal: Any, store: Store, sync: Sync) -> None:
    send_all(sync)
    portal.time_zone, portal.changes_per_request = "America/Vancouver", 1
    sync.go_on()
    put(store, EXAM, DOLITTLE)
    send_all(sync)
    assert store.state("time_zone") == "America/Vancouver"
    assert sum(path.endswith("/changes") for _, path in portal.requests) == 2


def test_a_snapshot_does_not_tell_the_past(portal: Any, store: Store, sync: Sync) -> None:
    """By the portal's clock, 16 March; ours may be off."""
    put(store, NOTE, replace(NOTE, id="A-0", starts_at=1_770_000_000, ends_at=1_770_003_600))
    snapshot.ask(store)
    send_all(sync)
    assert portal.live("busy").keys() == {"A-1"}
    assert portal.window == ("2026-03-15T14:00:00Z", None)


@pytest.mark.parametrize("by_snapshot", [False, True])
def test_a_conflict_is_known_until_the_entry_leaves(
    portal: Any, store: Store, sync: Sync, told: Any, by_snapshot: bool
) -> None:
    told()
    sync.download()
    with store.read() as db:
        mirror = agenda.mirror(db, "5b0c")
    assert mirror is not None
    portal.conflicts = [{"booking_id": "5b0c", "busy_id": "A-1"}]
    if by_snapshot:
        snapshot.ask(store)
    times = {"starts_at": mirror.starts_at, "ends_at": mirror.ends_at}
    landed = replace(NOTE, resource_id=mirror.resource_id, **times)
    put(store, landed)
    send_all(sync)
    assert conflicts.standing(store) == [conflicts.Conflict(landed, mirror)]
    put(store, replace(landed, resource_id=None))
    assert conflicts.standing(store) == []


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (refused(503, retry_after="7"), 7),
        (refused(429, retry_after="86400"), LONGEST_PAUSE_S),
        (refused(503, retry_after="nan"), 0),
        (
            refused(
                503,
                retry_after="Mon, 16 Mar 2026 14:00:30 GMT",
                date="Mon, 16 Mar 2026 14:00:00 GMT",
            ),
            30,
        ),
        (refused(403, "subscription_inactive"), REFUSED_PAUSE_S),
        (refused(500), 0),
    ],
)
def test_the_pause_is_what_the_portal_asks_for_within_reason(
    error: RefusedError, seconds: float
) -> None:
    assert _patience(error) == seconds


@pytest.mark.parametrize("code", sorted(WORDS))
def test_a_known_code_is_explained_in_french(code: str) -> None:
    assert explained(refused(409, code)) == WORDS[code]


def test_an_unknown_one_is_told_as_it_is() -> None:
    assert explained(refused(418, "teapot")) == "Le portail répond 418 teapot"


def test_first_contact_reads_what_no_event_tells_any_more(
    portal: Any, store: Store, sync: Sync, booking: Any
) -> None:
    portal.bookings = [booking()]
    sync.download()
    with store.read() as db:
        assert agenda.mirror(db, "5b0c") is not None
    assert store.state("cursor") == "7:0"


def test_the_wait_is_no_longer_than_the_portal_holds(portal: Any, store: Store) -> None:
    portal.wait_s = 0
    Sync(store, Portal(Transport(portal.url, KEY)), wait=25).download()
    assert any("wait=0" in path for _, path in portal.requests)
