"""A running LogiVet: its store, its exchange with the portal, its pages on the loopback."""

import logging
import signal
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from . import demo
from .client import Portal
from .dates import DEFAULT_ZONE, zone_of
from .demo import Demo
from .desk import Desk
from .faults import Faults, FaultyTransport
from .pages import create_app
from .store import Store
from .sync import WAIT_S, Sync

log = logging.getLogger(__name__)
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """How to start: the sync API's base ``url``, the clinic's ``key``, the SQLite file ``data``.

    ``port`` is where the pages answer, below ``/<slug>/``; 0 takes a free one. ``demo`` fills a
    store that was never filled. ``wait`` is how many seconds one long-poll lasts. ``faults`` is
    what goes wrong on purpose.
    """

    url: str
    key: str
    data: Path
    port: int
    slug: str
    demo: Demo = "none"
    wait: int = WAIT_S
    faults: Faults = field(default_factory=Faults)


class QuietHandler(WSGIRequestHandler):
    """Serves without a line per request: the pages ask for news every second."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Desktop:
    """One LogiVet: ``start`` returns at once, ``stop`` ends everything within two seconds.

    Raises OSError from the constructor when the port is taken or the file cannot be opened.
    """

    def __init__(self, options: Options, listener: socket.socket | None = None) -> None:
        options.data.parent.mkdir(parents=True, exist_ok=True)
        self._listener = listener or _bound(options.port)
        self.store = Store(options.data)
        demo.seed(self.store, options.demo, zone_of(self.store.state("time_zone", DEFAULT_ZONE)))
        transport = FaultyTransport(options.url, options.key, options.faults)
        self.sync = Sync(self.store, Portal(transport), wait=options.wait)
        self.app = create_app(Desk(self.store, self.sync, options.slug, options.faults))
        self._server = make_server(
            HOST, 0, self.app, threaded=True, request_handler=QuietHandler,
            fd=self._listener.fileno(),
        )  # fmt: skip
        self._pages = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}/{options.slug}/"

    def start(self) -> None:
        """Serve the pages and begin the exchange, in threads."""
        self._pages.start()
        self.sync.start()

    def stop(self) -> None:
        """End the pages and the exchange, close the file."""
        self.sync.stop()
        self._server.shutdown()
        self._pages.join(1)
        self._listener.close()
        self.store.close()


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def run(options: Options, listener: socket.socket | None = None) -> None:
    """Run until SIGTERM or Ctrl-C; call it from the main thread of its own process.

    ``listener`` is a bound, listening socket to serve on instead of ``options.port``.
    Raises OSError when the port is taken or the file cannot be opened.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    desktop = Desktop(options, listener)
    desktop.start()
    log.info("LogiVet : %s", desktop.url)
    ended.wait()
    desktop.stop()
