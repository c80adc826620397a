"""`python leash.py COMMAND…`: run a command as long as whoever holds this process's stdin.

A pipe closes however its owner ends, SIGKILL included, on every system.
"""

import os
import subprocess
import sys
import threading

GRACE_S = 2


def hold(command: list[str]) -> None:
    """Run `command` until stdin closes; end this process with its code if it ends first."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603
    threading.Thread(target=lambda: os._exit(child.wait()), daemon=True).start()
    sys.stdin.buffer.read()
    child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    hold(sys.argv[1:])
