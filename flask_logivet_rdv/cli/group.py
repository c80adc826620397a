"""The group of commands, and how they read what an operator names."""

from datetime import datetime
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import SQLAlchemyError

from flask_logivet_rdv.migrating import revisions
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services import accounts
from flask_logivet_rdv.state import state


class OperatorsGroup(AppGroup):
    """Commands that say in one line what is wrong with the database, and exit 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error whose cause is not the tables or a database away is raised."""
        try:
            return super().invoke(ctx)
        except SQLAlchemyError as error:
            told = _what_is_wrong(ctx.ensure_object(ScriptInfo).load_app())
            if told is None:
                raise
            raise click.ClickException(told) from error


rdv = OperatorsGroup(
    "rdv",
    help="""« Rendez-vous en ligne »: tables, clinics, keys, mail, and how they stand.

    Every command exits 0 when it is done, 1 when it is refused or fails, with one line on stderr,
    and 2 when it is called wrongly. CLINIC_ID is the portal's own id of a clinic. Moments are UTC.
    """,
)


def named_account(clinic_id: str) -> ClinicAccount:
    """Return the account of a clinic that an operator named."""
    account = accounts.account_of_clinic(state().db.session(), named_clinic(clinic_id))
    if account is None:
        raise click.ClickException(f"Clinic {clinic_id} has no online booking.")
    return account


def shown(at: datetime | None) -> str:
    """Return a moment as an operator reads it."""
    return f"{at:%Y-%m-%d %H:%M:%SZ}" if at else "never"


def named_clinic(text: str) -> Any:
    """Return the host's id that an operator typed, in the type of the host's key."""
    own_id = state().known_clinic(text)
    if own_id is None:
        raise click.ClickException(f"The portal knows no clinic {text}.")
    return own_id


def this_app() -> Flask:
    """Return the application itself, not the proxy of it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


def _what_is_wrong(app: Flask) -> str | None:
    """Return the usual cause of an error of the database, by asking it; None where it is none."""
    try:
        current, head = revisions(app)
    except SQLAlchemyError:
        return "The database does not answer. See SQLALCHEMY_DATABASE_URI, and whether it runs."
    if current == head:
        return None
    at = f"at {current}" if current else "missing"
    return f"The rdv_* tables are {at}, this version needs {head}: run « flask rdv upgrade »."
