"""A client that a tool made from the OpenAPI document alone reads the portal."""

import importlib
import subprocess
import sys

import pytest

from tests.acceptance.slots import next_slots
from tests.support.served import call

pytestmark = pytest.mark.xdist_group("contract")
CONFIG = "post_hooks: []\npackage_name_override: logivet_client\n"


@pytest.fixture
def generated(example, tmp_path, monkeypatch):
    """Return what imports a module of the client, made in a folder of its own, offline."""
    document = call(f"{example.sync_url}/openapi.json")
    (tmp_path / "openapi.json").write_bytes(document.body)
    (tmp_path / "config.yml").write_text(CONFIG)
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", "openapi.json", "--config", "config.yml", "--fail-on-warning"),
            *("--meta", "none", "--output-path", "logivet_client"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda name: importlib.import_module(f"logivet_client.{name}")
    for name in [name for name in sys.modules if name.startswith("logivet_client")]:
        del sys.modules[name]


def test_a_generated_client_reads_hello_and_events(example, clinic, generated):
    start = next_slots(1)[0]
    booking_id = clinic.book(start)
    api = generated("client").AuthenticatedClient(base_url=example.url, token=clinic.key)
    with api:
        hello = generated("api.start.hello").sync(client=api)
        assert hello.clinic.name == "Clinique P&C"
        page = generated("api.down.events").sync(client=api, cursor=hello.cursor)
    (event,) = page.events
    assert (event.type_.value, event.booking.id) == ("booking.created", booking_id)
    assert event.booking.start.timestamp() == start
    assert event.booking.cancelled_by is None


def test_a_generated_client_reads_a_refusal(example, clinic, generated):
    with generated("client").AuthenticatedClient(base_url=example.url, token=clinic.key) as api:
        problem = generated("api.down.events").sync(client=api, cursor="1:999")
    assert (problem.status, problem.code.value) == (410, "resync")
