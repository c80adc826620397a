"""The demo's two LogiVet, in the launcher's process, on one port."""

import socket
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .desktop.client import Portal
from .desktop.desk import Desk
from .desktop.faults import Faults, FaultyTransport
from .desktop.pages import create_app
from .desktop.store import Store
from .desktop.sync import Sync
from .seed import Seeded
from .servers import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def start(seeded: Sequence[Seeded], sync_url: str, listening: socket.socket) -> None:
    """Connect the LogiVet of each clinic, and serve its pages below `/<slug>/`."""
    pages: dict[str, WSGIApplication] = {}
    for one in seeded:
        store, faults = Store(one.store), Faults()
        sync = Sync(store, Portal(FaultyTransport(sync_url, one.sync_key, faults)))
        pages[one.clinic.slug] = create_app(Desk(store, sync, one.clinic.slug, faults))
        sync.start()
    serve(by_slug(pages), listening, threads=8)


def by_slug(pages: "dict[str, WSGIApplication]") -> "WSGIApplication":
    """Return the application that hands a request to the one its path begins with, or the first."""
    first = next(iter(pages.values()))

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        slug = environ.get("PATH_INFO", "").removeprefix("/").partition("/")[0]
        return pages.get(slug, first)(environ, start_response)

    return application
