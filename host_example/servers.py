"""The launcher's ports: bound first, served later, by threads of one process."""

import errno
import logging
import socket
import threading
import urllib.request
from typing import TYPE_CHECKING

import waitress

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})


class BusyPortError(Exception):
    """A port is in use, or not ours to take; the message says what to do about it."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Le port {port} est déjà utilisé; choisissez-en un autre avec --port.\n"
            f"Port {port} is already in use; choose another one with --port."
        )


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket of `host`; port 0 is any free one. Raises BusyPortError."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno in TAKEN:
            raise BusyPortError(port) from error
        raise


def port_of(listening: socket.socket) -> int:
    """Return the port of a listening socket."""
    port: int = listening.getsockname()[1]
    return port


def serve(application: "WSGIApplication", listening: socket.socket, *, threads: int) -> None:
    """Serve a WSGI application on a bound socket, in daemon threads."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(application, sockets=[listening], threads=threads)
    threading.Thread(target=server.run, daemon=True).start()


def answers(url: str, timeout_s: float = 30) -> None:
    """Return once `url` answers with a success; raises OSError when it does not."""
    with urllib.request.urlopen(url, timeout=timeout_s) as reply:  # noqa: S310 our own http URLs
        reply.read()
