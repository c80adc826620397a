"""Children of the launcher end with it, even when it is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from host_example import servers
from host_example.children import HERE, Child, valkey

PARENT = """
import sys, time
from pathlib import Path
from host_example.children import HERE, PYTHON, Child, valkey
log = Path(sys.argv[1])
sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
leashed = Child([*PYTHON, str(HERE / "leash.py"), *sleeper], log)
server, url = valkey(log)
print(url.removeprefix("unix://"), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_launcher_leaves_no_child_and_no_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent) as parent:
        assert parent.stdout is not None
        socket = Path(parent.stdout.readline().strip())
        children = psutil.Process(parent.pid).children(recursive=True)
        assert socket.is_socket()
        assert any("valkey-server" in child.name() for child in children)
        parent.send_signal(signal.SIGKILL)
    assert not psutil.wait_procs(children, timeout=5)[1]
    assert not socket.parent.exists()


def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    child = Child([sys.executable, "-c", "import sys; sys.stdin.read()"], tmp_path / "log")
    first = child.process.pid
    child.process.kill()
    child.process.wait()
    child.keep()
    assert child.process.pid != first
    child.stop()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_valkey_is_replaced_and_leaves_no_server(tmp_path: Path) -> None:
    started = valkey(tmp_path / "log")
    assert started is not None
    holder, url = started
    [orphan] = psutil.Process(holder.process.pid).children()
    holder.process.kill()
    holder.process.wait()
    holder.keep()
    assert not psutil.wait_procs([orphan], timeout=5)[1]
    with Redis.from_url(url, retry=Retry(ConstantBackoff(0.1), 50)) as server:
        assert server.ping()
    holder.stop()
    assert not Path(url.removeprefix("unix://")).parent.exists()


def test_a_child_that_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host_example.children.STOP_S", 0.2)
    child = Child([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log")
    before = time.monotonic()
    child.stop()
    assert time.monotonic() - before < 2


def test_a_busy_port_is_named() -> None:
    with servers.bind("127.0.0.1", 0) as taken:
        port = servers.port_of(taken)
        with pytest.raises(servers.BusyPortError, match=str(port)):
            servers.bind("127.0.0.1", port)
