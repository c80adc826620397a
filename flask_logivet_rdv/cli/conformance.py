"""``flask rdv conformance``: LogiVet's part of the protocol, played against a running portal."""

import json
from collections.abc import Sequence
from typing import IO
from urllib.parse import urlsplit

import click

from flask_logivet_rdv.conformance import (
    CHAPTERS,
    Chapter,
    Entry,
    OfflineError,
    Outcome,
    RefusedError,
    Session,
    chosen,
    run,
    summary,
    told,
)
from flask_logivet_rdv.services import keys
from flask_logivet_rdv.state import state

from .group import rdv
from .scene import PortalScene

WARNING = (
    "This overwrites the catalogue and the agenda of the key's clinic, and leaves them empty."
    " Bookings that are made are cancelled at the end; nobody is mailed."
)


def _address(_ctx: click.Context, _param: click.Parameter, url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise click.BadParameter("must be http(s)://…, with the base path: …/api/logivet/v1")
    return url


def _key(_ctx: click.Context, _param: click.Parameter, key: str) -> str:
    if not (key.startswith("rdv_") and key.count("_") > 1 and key.isascii() and key.isprintable()):
        raise click.BadParameter("must be rdv_<key id>_<secret>")
    return key


def _chapters(
    _ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]
) -> Sequence[Chapter]:
    try:
        return chosen(names) if names else CHAPTERS
    except LookupError as error:
        raise click.BadParameter(f"{error.args[0]!r} is no chapter and no check.") from None


@rdv.command()
@click.option("--url", required=True, callback=_address, help="Base address of the interface.")
@click.option("--key", required=True, callback=_key, help="Key of an empty clinic, both scopes.")
@click.option("--force", is_flag=True, help="Overwrite a clinic that is not empty.")
@click.option("--full", is_flag=True, help="Print all of every body and header.")
@click.option("--json", "file", type=click.File("w", "utf-8"), help="Write the transcript.")
@click.option("--rotate", is_flag=True, help="Rotate the key itself if no other can be made.")
@click.option(
    "--only",
    "chapters",
    multiple=True,
    callback=_chapters,
    metavar="NAME",
    help=f"Play this alone, a check or one of {', '.join(c.name for c in CHAPTERS)}; repeatable.",
)
def conformance(
    url: str,
    key: str,
    force: bool,
    full: bool,
    file: IO[str] | None,
    rotate: bool,
    chapters: Sequence[Chapter],
) -> None:
    """Play LogiVet's part against the portal at URL, and print each exchange and what holds.

    It reads as the documentation of the contract: each sentence that LogiVet can see is a named
    check. ✓ it holds, ✗ it does not, – it was not tried, and why. Exit 0 when all that was tried
    holds, 1 when something does not.

    The clinic must be empty: its catalogue and agenda are overwritten, and left empty. Where the
    key is of this portal's own database, owners' bookings, other keys and the subscription are
    tried, too; nobody is mailed. Bookings are cancelled at the end, but stay in its history.
    """

    def shown(entry: Entry) -> None:
        click.echo(told(entry, full=full))

    session = Session(url, key, scene=_scene(key), rotate=rotate, listener=shown)
    click.echo(WARNING)
    try:
        run(session, chapters, force=force)
    except RefusedError as error:
        raise click.ClickException(str(error)) from None
    except OfflineError as error:
        raise click.ClickException(f"The portal at {url} does not answer: {error}") from None
    finally:
        _end(session, file)
    if session.transcript.count(Outcome.FAILS):
        raise click.exceptions.Exit(1)


def _scene(key: str) -> PortalScene | None:
    """Return a scene when the key is of this portal's own database."""
    here = state()
    session = here.db.session()
    holder = keys.authenticate(session, key, here.clock())
    scene = PortalScene(holder.account.id) if holder is not None else None
    session.rollback()
    return scene


def _end(session: Session, file: IO[str] | None) -> None:
    if session.transcript.verdicts:
        click.echo(summary(session.transcript))
    if session.new_key is not None:
        click.echo(f"The key handed in ends within 24 h. The new one: {session.new_key}")
    if file is not None:
        file.write(json.dumps(session.transcript.as_json(), ensure_ascii=False) + "\n")
