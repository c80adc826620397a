"""Starts the demo: ports first, then data, servers and children; stops all of them together."""

import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from flask_logivet_rdv.config import Settings

from . import children, create_app, describe, desktops, seed, servers, smtp
from .children import Child
from .describe import Places
from .seed import Seeded
from .settings import DEFAULT_LAYOUT, data_folder, holds_data
from .site import create_site, site_of

HOST = "127.0.0.1"
# Another name than the portal's, so that the iframe is truly cross-site: cookies ignore ports.
SITE_HOST = "localhost"
# Each LogiVet waits for events in one of them.
PORTAL_THREADS = 32
SITE_THREADS = 4


class LaunchError(Exception):
    """What was asked cannot be done; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The launcher's command line; see `python -m host_example --help`."""

    port: int
    data: Path
    reset: bool
    desktop: bool
    describe: Path | None
    layout: str = DEFAULT_LAYOUT


def prepare(options: Options) -> None:
    """Make or update tables and data, then return: the portal answers nobody meanwhile."""
    with ExitStack() as stack:
        listening = stack.enter_context(servers.bind(HOST, 0))
        folder = _folder(options)
        os.environ["RDV_DEMO_DATA"] = str(folder)
        app = create_app()
        seed.migrate(app)
        servers.serve(app, listening, threads=2)
        seed.seed(app, folder, _sync_url(f"http://{HOST}:{servers.port_of(listening)}"), None)


def run(options: Options) -> None:
    """Run the demo until KeyboardInterrupt. Raises BusyPortError, LaunchError."""
    with ExitStack() as stack:
        ports = _bind(options, stack)
        folder = _folder(options)
        places = _places(options, folder)
        os.environ |= {
            "RDV_DEMO_DATA": str(folder),
            "RDV_DEMO_LAYOUT": options.layout,
            "RDV_DEMO_PUBLIC_URL": places.portal_url,
        }
        if "MAIL_SERVER" not in os.environ:
            smtp.serve(ports.mail, places.mail_dir)
            os.environ |= {"MAIL_SERVER": HOST, "MAIL_PORT": str(servers.port_of(ports.mail))}
        running = stack.enter_context(_children(folder))
        app = create_app()
        seed.migrate(app)
        servers.serve(app, ports.portal, threads=PORTAL_THREADS)
        seeded = seed.seed(app, folder, places.sync_url, urlsplit(places.site_url).netloc)
        running.append(
            children.worker(folder / "worker.log", redis=bool(os.environ.get("REDIS_URL")))
        )
        servers.serve(_site(app, seeded), ports.site, threads=SITE_THREADS)
        if ports.desktop:
            desktops.start(seeded, places.sync_url, ports.desktop)
        _announce(options, places, seeded)
        while True:
            time.sleep(1)
            for child in running:
                child.keep()


@dataclass(frozen=True, slots=True)
class Ports:
    """The listening sockets, all bound before anything starts."""

    portal: socket.socket
    site: socket.socket
    desktop: socket.socket | None
    mail: socket.socket


def _bind(options: Options, stack: ExitStack) -> Ports:
    def bind(host: str, port: int) -> socket.socket:
        return stack.enter_context(servers.bind(host, port))

    return Ports(
        portal=bind(HOST, options.port),
        site=bind(SITE_HOST, options.port + 1),
        desktop=bind(HOST, options.port + 2) if options.desktop else None,
        mail=bind(HOST, 0),
    )


def _places(options: Options, folder: Path) -> Places:
    portal_url = f"http://{HOST}:{options.port}"
    return Places(
        portal_url=portal_url,
        site_url=f"http://{SITE_HOST}:{options.port + 1}",
        sync_url=_sync_url(portal_url),
        desktop_url=f"http://{HOST}:{options.port + 2}" if options.desktop else None,
        mail_dir=folder / "mail",
    )


def _folder(options: Options) -> Path:
    try:
        folder = data_folder(options.data)
    except OSError as error:
        raise LaunchError(f"--data {options.data}: {error.strerror}") from error
    if options.reset:
        if os.environ.get("DATABASE_URL"):
            raise LaunchError(
                "--reset vide le dossier de données; avec DATABASE_URL, videz la base vous-même.\n"
                "--reset empties the data folder; with DATABASE_URL, empty the database yourself."
            )
        if any(folder.iterdir()) and not holds_data(folder):
            raise LaunchError(
                f"--reset : {folder} n'est pas le dossier d'une démonstration; rien n'est effacé.\n"
                f"--reset: {folder} is not the folder of a demo; nothing was deleted."
            )
        shutil.rmtree(folder)
        data_folder(folder)
    return folder


def _sync_url(portal_url: str) -> str:
    return portal_url + Settings().sync_prefix


@contextmanager
def _children(folder: Path) -> Iterator[list[Child]]:
    """Yield the list of running children, Valkey first where it is needed; stop them at the end."""
    running: list[Child] = []
    try:
        if not os.environ.get("REDIS_URL") and (started := children.valkey(folder / "valkey.log")):
            running.append(started[0])
            os.environ["REDIS_URL"] = started[1]
        yield running
    finally:
        # A second Ctrl-C must not leave half of them.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for child in reversed(running):
            child.stop()


def _site(app: Flask, seeded: list[Seeded]) -> Flask:
    with app.app_context():
        return create_site([site_of(one.clinic, one.account_id) for one in seeded])


def _announce(options: Options, places: Places, seeded: list[Seeded]) -> None:
    """Tell where everything is, once everything answers."""
    for url in (f"{places.portal_url}/connexion", places.site_url, places.desktop_url):
        if url:
            servers.answers(f"{url}/" if url == places.site_url else url)
    if options.describe:
        describe.write(options.describe, describe.description(places, seeded))
    print(describe.summary(places, seeded), flush=True)  # noqa: T201 a program speaks to its user
