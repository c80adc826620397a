import ast
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host_example.desktop.__main__ import options
from host_example.desktop.client import Portal, Transport
from host_example.desktop.serving import Desktop, Options
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync

KEY = "rdv_abc_secret"
ROOT = Path(__file__).parents[2]


def arguments(url: str, data: Path) -> list[str]:
    return ["--url", url, "--key", KEY, "--data", str(data), "--slug", "clinique-pc"]


def test_stop_cuts_a_long_poll(portal: Any, store: Store, eventually: Callable[..., bool]) -> None:
    sync = Sync(store, Portal(Transport(portal.url, KEY)), wait=25)
    sync.start()
    assert eventually(lambda: any("/events" in path for _, path in portal.requests))
    began = time.monotonic()
    sync.stop()
    assert time.monotonic() - began < 1


def test_an_absent_portal_is_found_when_it_comes_back(
    portal: Any, store: Store, eventually: Callable[..., bool], told: Callable[..., None]
) -> None:
    portal.faults = ["cut"] * 4
    sync = Sync(store, Portal(Transport(portal.url, KEY)), wait=1)
    sync.start()
    try:
        assert eventually(lambda: bool(sync.status.offline))
        told()
        assert eventually(lambda: sync.status.connected and store.state("cursor") == "7:1", 10)
    finally:
        sync.stop()


def test_a_refused_key_is_said(portal: Any, store: Store, eventually: Callable[..., bool]) -> None:
    sync = Sync(store, Portal(Transport(portal.url, "rdv_abc_other")), wait=0)
    sync.start()
    try:
        assert eventually(lambda: "Clé de synchronisation refusée" in str(sync.status.problems))
        assert not sync.status.connected
    finally:
        sync.stop()


def test_a_stopped_desktop_gives_its_port_back(portal: Any, tmp_path: Path) -> None:
    desktop = Desktop(Options(portal.url, KEY, tmp_path / "a.sqlite3", 0, "clinique-pc"))
    port = int(desktop.url.split(":")[2].split("/")[0])
    desktop.start()
    desktop.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_sigterm_ends_the_program_within_two_seconds(
    portal: Any, tmp_path: Path, eventually: Callable[..., bool]
) -> None:
    command = [sys.executable, "-m", "host_example.desktop"]
    command += [*arguments(portal.url, tmp_path / "a.sqlite3"), "--port", "0", "--demo", "first"]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: len(portal.live("category")) == 5, 15)
        began = time.monotonic()
        child.send_signal(signal.SIGTERM)
        assert child.wait(5) == 0
        assert time.monotonic() - began < 2
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("--url", "127.0.0.1:8700", "l'adresse d'un portail"),
        ("--key", "secret", "rdv_<identifiant>_<secret>"),
        ("--slug", "Clinique P&C", "minuscules"),
    ],
)
def test_a_wrong_argument_is_named(
    name: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = arguments("http://127.0.0.1:1/x", Path("a.sqlite3"))
    with pytest.raises(SystemExit):
        options([*command, name, value])
    assert said in capsys.readouterr().err


def imported(path: Path) -> Iterator[str]:
    """Yield the full names of the modules that a file of the desktop imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ["host_example", "desktop"][: 3 - node.level] if node.level else []
            yield ".".join([*above, *([node.module] if node.module else [])])


def test_it_knows_nothing_of_the_package_nor_of_the_portal() -> None:
    sources = sorted((ROOT / "host_example" / "desktop").rglob("*.py"))
    names = {name for path in sources for name in imported(path)}
    assert {name for name in names if "rdv" in name} == set()
    assert {name for name in names if name.startswith("host_example")} == {
        name for name in names if name.startswith("host_example.desktop")
    }
    assert "host_example.desktop.store" in names
    assert not [path for path in sources if "flask_logivet_rdv" in path.read_text()]
