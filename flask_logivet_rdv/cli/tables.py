"""``flask rdv upgrade|downgrade|check``: our tables."""

from collections.abc import Callable

import click
import sqlalchemy as sa
from alembic.util import CommandError
from flask import Flask
from sqlalchemy.exc import DBAPIError

from flask_logivet_rdv import migrating
from flask_logivet_rdv.models import host_key
from flask_logivet_rdv.state import state

from .group import rdv, this_app


@rdv.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the rdv_* tables to REVISION, the newest unless given; nothing to do is no error.

    To be run at each deployment, after the portal's own « flask db upgrade ».
    """
    _after_the_portals()
    _migrate(migrating.upgrade, revision)


@rdv.command()
@click.argument("revision", default="base")
def downgrade(revision: str) -> None:
    """Take the rdv_* tables back to REVISION; « base » removes them with all they hold.

    Without REVISION it is « base ». Nothing is asked: make a backup first.
    """
    _migrate(migrating.downgrade, revision)


@rdv.command()
def check() -> None:
    """Compare the rdv_* tables with the models, and print each difference.

    Exit 1 when there is one.
    """
    found = migrating.differences(this_app())
    for difference in found:
        click.echo(difference)
    if found:
        raise click.ClickException("The tables differ from the models: run « flask rdv upgrade ».")
    click.echo("The tables are those of the models.")


def _after_the_portals() -> None:
    """Refuse to make tables that refer to the portal's before those are there."""
    here = state()
    inspector = sa.inspect(here.db.engine)
    tables = [host_key(model).table for model in (here.clinic, here.user)]
    missing = [one.name for one in tables if not inspector.has_table(one.name, schema=one.schema)]
    if missing:
        raise click.ClickException(
            f"The portal's own tables come first ({', '.join(missing)}): run « flask db upgrade »."
        )


def _migrate(to: Callable[[Flask, str], None], revision: str) -> None:
    try:
        to(this_app(), revision)
    except CommandError as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]
        raise click.ClickException(f"The database refused: {said}") from error
