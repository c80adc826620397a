"""`python -m host_example`: what it refuses, what it tells, how it ends."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host_example import servers
from host_example.children import HERE
from host_example.launch import LaunchError, Options, run

KEYS = {"portal_url", "site_url", "sync_url", "mail_dir", "support_login", "clinics"}
Launched = tuple[subprocess.Popen[bytes], dict[str, Any]]
CLINIC_KEYS = {"name", "slug", "login", "widget_id", "sync_key", "desktop_url", "logivet_ids"}


def free_ports() -> int:
    """Return a port that is free, as are the two after it."""
    while True:
        with servers.bind("127.0.0.1", 0) as first:
            port = servers.port_of(first)
            try:
                for following in (port + 1, port + 2):
                    servers.bind("127.0.0.1", following).close()
            except (servers.BusyPortError, OverflowError):
                continue
        return port


def options(tmp_path: Path, **changes: Any) -> Options:
    chosen = {"port": free_ports(), "data": tmp_path / "data", "reset": False}
    return Options(**chosen | {"desktop": True, "describe": None} | changes)


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_busy_port_stops_everything_before_it_starts(tmp_path: Path, offset: int) -> None:
    chosen = options(tmp_path)
    with (
        servers.bind("127.0.0.1", chosen.port + offset),
        pytest.raises(servers.BusyPortError, match=str(chosen.port + offset)),
    ):
        run(chosen)
    assert not chosen.data.exists()


def test_reset_is_refused_with_a_database_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    chosen = options(tmp_path, reset=True)
    chosen.data.mkdir()
    (chosen.data / "keys.json").write_text("{}")
    with pytest.raises(LaunchError, match="DATABASE_URL"):
        run(chosen)
    assert (chosen.data / "keys.json").exists()


def test_reset_empties_no_folder_but_a_demos(tmp_path: Path) -> None:
    chosen = options(tmp_path, reset=True)
    chosen.data.mkdir()
    (chosen.data / "thesis.txt").write_text("1")
    with pytest.raises(LaunchError, match="--reset"):
        run(chosen)
    assert (chosen.data / "thesis.txt").exists()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    chosen = options(tmp_path)
    chosen.data.write_text("a file")
    with pytest.raises(LaunchError, match="data"):
        run(chosen)


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    folder = tmp_path_factory.mktemp("launched")
    told = folder / "demo.json"
    command = [sys.executable, "-m", "host_example", "--port", str(free_ports())]
    command += ["--data", str(folder / "data"), "--describe", str(told)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=HERE.parent, stdout=log, stderr=log) as process,
    ):
        for _ in range(300):
            if told.exists() or process.poll() is not None:
                break
            time.sleep(0.1)
        assert told.exists(), (folder / "log").read_text()
        yield process, json.loads(told.read_text())
        process.kill()


def fetch(url: str, **headers: str) -> str:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 the demo's own URLs
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
        return str(reply.read().decode())


def test_the_description_has_what_a_program_needs(launched: Launched) -> None:
    _, demo = launched
    assert set(demo) == KEYS
    assert [clinic["slug"] for clinic in demo["clinics"]] == ["clinique-pc", "estb-1"]
    for clinic in demo["clinics"]:
        assert set(clinic) == CLINIC_KEYS
        assert clinic["logivet_ids"]["categories"].keys() >= {"Examen"}


def test_every_address_answers(launched: Launched) -> None:
    _, demo = launched
    for clinic in demo["clinics"]:
        key = {"Authorization": f"Bearer {clinic['sync_key']}"}
        assert json.loads(fetch(f"{demo['sync_url']}/hello", **key))["subscription"] == "active"
        assert clinic["widget_id"] in fetch(f"{demo['site_url']}/{clinic['slug']}/")
        assert "LogiVet" in fetch(clinic["desktop_url"])
    assert "password" in fetch(f"{demo['portal_url']}/connexion")


def test_the_first_clinic_takes_appointments(launched: Launched) -> None:
    _, demo = launched
    widget = "{portal_url}/services/online-appointment?widgetId={widget_id}&lang=fr"
    page = fetch(widget.format(**demo, widget_id=demo["clinics"][0]["widget_id"]))
    assert "Canin" in page
    assert "Reptile" not in page


def test_sigterm_ends_it_within_five_seconds(launched: Launched) -> None:
    process, _ = launched
    before = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert time.monotonic() - before < 5
