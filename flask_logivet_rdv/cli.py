"""``flask rdv``: the operator's commands."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from alembic.util import CommandError
from flask import Flask, current_app
from flask.cli import AppGroup
from redis.exceptions import ConnectionError as RedisConnectionError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from flask_logivet_rdv import jobs, migrating
from flask_logivet_rdv.models import ClinicAccount, host_key
from flask_logivet_rdv.services import accounts, events, keys, outbox
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import upload_token
from flask_logivet_rdv.state import EXTENSION, state

SWEEP_EVERY_S = 60
"""A wake-up that Redis lost costs a minute, never a mail."""
rdv = AppGroup("rdv", help="« Rendez-vous en ligne »: tables, mail, clinics, keys.")


@rdv.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the rdv_* tables to REVISION (head)."""
    _migrate(migrating.upgrade, revision)


@rdv.command()
@click.argument("revision", default="base")
def downgrade(revision: str) -> None:
    """Take the rdv_* tables back to REVISION (base removes them)."""
    _migrate(migrating.downgrade, revision)


@rdv.command()
def check() -> None:
    """Compare the rdv_* tables with the models; exit 1 when they differ."""
    found = migrating.differences(_app())
    for difference in found:
        click.echo(difference)
    if found:
        raise click.ClickException("The tables differ from the models: run « flask rdv upgrade ».")
    click.echo("The tables are those of the models.")


@rdv.command()
@click.option("--loop", is_flag=True, help="Go on until stopped.")
@click.option(
    "--every",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    help="Seconds between two rounds.",
)
def drain(loop: bool, every: float) -> None:
    """Send the mails that wait, once or for ever; needs no Redis."""
    if loop:
        _sweep(_app(), every, threading.Event())
    click.echo(f"{jobs.drain()} mail(s) tried.")


@rdv.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker(burst: bool) -> None:
    """Run an RQ worker that mails as soon as a booking is made, and sweeps every minute."""
    url = state().settings.redis_url
    if url is None:
        raise click.ClickException(
            "LOGIVET_RDV_REDIS_URL is not set: use « flask rdv drain --loop »."
        )
    from redis import Redis

    app, redis, stopped = _app(), Redis.from_url(url), threading.Event()
    jobs.worker_app[EXTENSION] = app
    sweeper = threading.Thread(target=_sweep, args=(app, SWEEP_EVERY_S, stopped), daemon=True)
    sweeper.start()
    try:
        queues = [jobs.queue(redis)]
        SimpleWorker(queues, connection=redis, serializer=JSONSerializer).work(burst=burst)
    except RedisConnectionError:
        raise click.ClickException(
            "Redis does not answer at LOGIVET_RDV_REDIS_URL. A supervisor starts the worker again;"
            " without Redis, use « flask rdv drain --loop »."
        ) from None
    finally:
        stopped.set()
        sweeper.join()


def _migrate(to: Callable[[Flask, str], None], revision: str) -> None:
    try:
        to(_app(), revision)
    except CommandError as error:
        raise click.ClickException(str(error)) from error


def _sweep(app: Flask, every: float, stopped: threading.Event) -> None:
    """Drain every so many seconds until stopped, between two mails, whatever fails meanwhile."""
    while not stopped.is_set():
        try:
            with app.app_context():
                while not stopped.is_set() and jobs.drain(limit=1):
                    pass
        except Exception:
            app.logger.exception("The mail sweep failed; it goes on.")
        stopped.wait(every)


@rdv.command("new-epoch")
@click.argument("clinic_id", required=False)
@click.option("--all", "every", is_flag=True, help="Every clinic.")
def new_epoch(clinic_id: str | None, every: bool) -> None:
    """Have LogiVet read CLINIC_ID's bookings anew and upload everything again.

    To be run once the portal's database was restored: what LogiVet remembers of it is then ahead.
    """
    if (clinic_id is None) is not every:
        raise click.UsageError("Give CLINIC_ID or --all.")
    if clinic_id is None:
        ids = accounts.account_ids(state().db.session())
    else:
        ids = [_account(clinic_id).id]
    for account_id in ids:
        epoch = transact(jobs.desk(), account_id, accounts.new_epoch)
        click.echo(f"{account_id}: epoch {epoch}")


@rdv.group()
def clinic() -> None:
    """Subscriptions (S5)."""


@clinic.command("activate")
@click.argument("clinic_id")
def clinic_activate(clinic_id: str) -> None:
    """Open and activate online booking for the portal's clinic CLINIC_ID."""
    here = state()
    own_id = _clinic_id(clinic_id)
    account_id = accounts.open_account(here.db.session(), own_id, here.facts(own_id), here.clock())
    transact(jobs.desk(), account_id, lambda tx: accounts.set_subscription(tx, True))
    click.echo(f"Active. widgetId {account_id}")


@clinic.command("deactivate")
@click.argument("clinic_id")
def clinic_deactivate(clinic_id: str) -> None:
    """Switch online booking off for CLINIC_ID; its configuration and bookings stay."""
    account = _account(clinic_id)
    transact(jobs.desk(), account.id, lambda tx: accounts.set_subscription(tx, False))
    click.echo("Inactive.")


@clinic.command("show")
@click.argument("clinic_id")
def clinic_show(clinic_id: str) -> None:
    """Print how CLINIC_ID stands: its subscription, its widget, what LogiVet has read and sent."""
    account, here = _account(clinic_id), state()
    session, now = here.db.session(), here.clock()
    uploaded = accounts.last_upload(session, account.id)
    seen = [key.last_used_at for key in keys.list_keys(session, account.id) if key.last_used_at]
    for label, value in (
        ("clinic", here.facts(account.clinic_id).name(account.locale)),
        ("subscription", "active" if account.subscribed(int(now.timestamp())) else "inactive"),
        ("widgetId", account.id),
        ("zone, language", f"{account.time_zone}, {account.locale}"),
        ("domains", ", ".join(account.domains) or "-"),
        ("last event", events.event_cursor(account.epoch, account.event_seq)),
        ("acknowledged", events.acknowledged(session, account.id)),
        ("upload token", upload_token(account.epoch, account.upload_seq)),
        ("last upload", _moment(uploaded)),
        ("LogiVet last seen", _moment(max(seen, default=None))),
        ("mails waiting, lost", "{}, {}".format(*outbox.waiting_and_dead(session, account.id))),
    ):
        click.echo(f"{label}: {value}")


@rdv.group()
def key() -> None:
    """LogiVet's keys."""


@key.command("create")
@click.argument("clinic_id")
def key_create(clinic_id: str) -> None:
    """Print a new sync key for CLINIC_ID; it is shown this once."""
    account = accounts.account_of_clinic(state().db.session(), _clinic_id(clinic_id))
    if account is None:
        raise click.ClickException(f"Activate clinic {clinic_id} first.")
    click.echo(transact(jobs.desk(), account.id, keys.create_key))


@key.command("list")
@click.argument("clinic_id")
def key_list(clinic_id: str) -> None:
    """Print the keys of CLINIC_ID, the oldest first; never their secrets."""
    now = state().clock()
    for found in keys.list_keys(state().db.session(), _account(clinic_id).id):
        ended = found.revoked_at or found.expires_at
        standing = "valid"
        if found.revoked_at is not None:
            standing = "revoked"
        elif ended is not None:
            standing = "ends" if ended > now else "ended"
        used = (_moment(found.last_used_at), found.last_used_ip or "", found.last_used_agent or "")
        click.echo(
            f"{found.key_id}  {' '.join(found.scopes)}  created {_moment(found.created_at)}"
            f"  {standing}{f' {_moment(ended)}' if ended else ''}  used {' '.join(used).strip()}"
        )


@key.command("revoke")
@click.argument("clinic_id")
@click.argument("key_id")
def key_revoke(clinic_id: str, key_id: str) -> None:
    """Revoke key KEY_ID (the part after « rdv_ ») of CLINIC_ID, at once."""
    account = accounts.account_of_clinic(state().db.session(), _clinic_id(clinic_id))
    if account is None or not transact(
        jobs.desk(), account.id, lambda tx: keys.revoke_key(tx, key_id)
    ):
        raise click.ClickException(f"Clinic {clinic_id} has no key {key_id}.")
    click.echo("Revoked.")


def _account(clinic_id: str) -> ClinicAccount:
    """Return the account of a clinic that an operator named."""
    account = accounts.account_of_clinic(state().db.session(), _clinic_id(clinic_id))
    if account is None:
        raise click.ClickException(f"Clinic {clinic_id} has no online booking.")
    return account


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}" if at else "never"


def _clinic_id(text: str) -> Any:
    """Return the host's id that an operator typed, in the type of the host's key."""
    here = state()
    kind = host_key(here.clinic).type.python_type
    try:
        own_id = kind(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not an id of a clinic.") from None
    try:
        known = own_id in here.host.clinics([own_id])
    except (OverflowError, SQLAlchemyError):  # a number that no key can be
        here.db.session.rollback()
        known = False
    if not known:
        raise click.ClickException(f"The portal knows no clinic {text}.")
    return own_id


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app
