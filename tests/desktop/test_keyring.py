"""The key is replaced through the portal, whatever answers are lost on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host_example.desktop.client import OfflineError, Portal, RefusedError, Transport
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync
from tests.desktop.conftest import KEY
from tests.desktop.test_uploading import EXAM, put, send_all


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agenda.sqlite3"


@pytest.fixture
def started(portal: Any, file: Path) -> Iterator[Callable[..., Sync]]:
    """Start the program on the same file as often as wanted, with the key of its command line."""
    opened: list[Store] = []

    def start(key: str = KEY) -> Sync:
        opened.append(Store(file))
        return Sync(opened[-1], Portal(Transport(portal.url, key)), wait=0)

    yield start
    for store in opened:
        store.close()


def test_a_new_key_is_used_at_once_and_after_a_restart(portal: Any, started: Any) -> None:
    sync = started()
    sync.keys.wish()
    send_all(sync)
    assert portal.keys_used[-1] == KEY
    sync.download()
    assert portal.keys_used[-1] == portal.new_keys[-1] != KEY
    started().download()
    assert portal.keys_used[-1] == portal.new_keys[-1]


def test_another_key_on_the_command_line_takes_the_place_of_the_kept_one(
    portal: Any, started: Any
) -> None:
    sync = started()
    sync.keys.wish()
    send_all(sync)
    portal.keys.add("rdv_def_given")
    started("rdv_def_given").download()
    assert portal.keys_used[-1] == "rdv_def_given"


@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_a_lost_answer_is_asked_for_again_with_the_old_key(
    portal: Any, started: Any, fault: str
) -> None:
    sync = started()
    send_all(sync)
    sync.keys.wish()
    portal.faults = [fault]
    with pytest.raises(OfflineError):
        sync.upload()
    send_all(sync)
    sync.download()
    assert portal.keys_used[-1] == portal.new_keys[-1]
    assert portal.keys == {KEY, portal.new_keys[-1]}


def test_a_new_key_that_never_worked_gives_way_to_the_old_one(portal: Any, started: Any) -> None:
    """A repeated request had the portal replace it before it was used."""
    sync = started()
    sync.keys.wish()
    sync.upload()
    portal.keys = {KEY}
    with pytest.raises(RefusedError, match="401"):
        sync.download()
    send_all(sync)
    sync.download()
    assert portal.keys_used[-1] == portal.new_keys[-1]
    assert len(portal.new_keys) == 2


def test_a_new_key_that_worked_stays_though_it_is_refused_later(portal: Any, started: Any) -> None:
    sync = started()
    sync.keys.wish()
    send_all(sync)
    sync.download()
    portal.keys = {KEY}
    with pytest.raises(RefusedError, match="401"):
        sync.download()
    assert sync.portal.key() == portal.new_keys[-1]


def test_a_key_that_was_replaced_elsewhere_is_said_and_nothing_else_waits(
    portal: Any, started: Any, store: Store
) -> None:
    sync = started()
    portal.replaced = True
    sync.keys.wish()
    send_all(sync)
    assert "déjà été remplacée" in sync.keys.said
    assert not sync.keys.wished


def test_a_refused_key_stops_the_exchange_until_another_is_given(
    portal: Any, started: Any, eventually: Callable[..., bool]
) -> None:
    sync = started("rdv_abc_revoked")
    sync.start()
    try:
        assert eventually(lambda: sync.status.stopped)
        asked = len(portal.requests)
        put(sync._store, EXAM)
        assert not eventually(lambda: len(portal.requests) > asked + 1, 1)
        sync.keys.use(KEY)
        sync.go_on()
        assert eventually(lambda: "5" in portal.live("category"))
        assert eventually(lambda: sync.status.connected and not sync.status.problems)
    finally:
        sync.stop()
