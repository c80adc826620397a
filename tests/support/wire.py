"""A wire between two programs that a test can cut and mend."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Carries bytes from `port` of the loopback to a server, as long as it is whole.

    The server is at a port of a host, or at a socket in the file system.
    """

    def __init__(self, server: tuple[str, int] | str) -> None:
        self._server, self._whole = server, True
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut off who is connected, and let nobody through."""
        self._whole = False
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let people through again."""
        self._whole = True

    def close(self) -> None:
        """Cut it for good."""
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if not self._whole:
                    near.close()
                    continue
                far = self._connect()
                self._open |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _connect(self) -> socket.socket:
        if not isinstance(self._server, str):
            return socket.create_connection(self._server)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._server)
        return far

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(server: tuple[str, int] | str) -> Iterator[Wire]:
    """Lay a wire to a server, until the block ends."""
    wire = Wire(server)
    try:
        yield wire
    finally:
        wire.close()
