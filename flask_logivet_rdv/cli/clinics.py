"""``flask rdv clinic …`` and ``new-epoch``: subscriptions, and how a clinic stands."""

import uuid
from datetime import datetime, timedelta

import click

from flask_logivet_rdv import jobs
from flask_logivet_rdv.i18n import local
from flask_logivet_rdv.messages.plain import one_line
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.scheduling.opening import midnight, zone
from flask_logivet_rdv.services import accounts, events
from flask_logivet_rdv.services.standing import standings
from flask_logivet_rdv.services.transaction import Tx, transact
from flask_logivet_rdv.services.uploads import upload_token
from flask_logivet_rdv.state import state

from .group import named_account, named_clinic, rdv, shown

DATE = click.DateTime(["%Y-%m-%d"])


@rdv.group()
def clinic() -> None:
    """Subscriptions: which clinics offer online booking, and how they stand (S5)."""


@clinic.command("activate")
@click.argument("clinic_id")
@click.option("--from", "first", type=DATE, help="First day, the clinic's date; else now.")
@click.option("--until", "last", type=DATE, help="Last day, included; else without an end.")
def clinic_activate(clinic_id: str, first: datetime | None, last: datetime | None) -> None:
    """Open and activate online booking for CLINIC_ID, and print its widgetId.

    Run again, it keeps the widgetId and takes the new dates, or none.
    """
    if first and last and last < first:
        raise click.UsageError("--until is before --from.")
    here = state()
    own_id = named_clinic(clinic_id)
    account_id = accounts.open_account(here.db.session(), own_id, here.facts(own_id), here.clock())

    def subscribe(tx: Tx) -> None:
        here = zone(tx.account.time_zone)
        starts = midnight(first.date(), here) if first else None
        ends = midnight(last.date() + timedelta(days=1), here) if last else None
        accounts.set_subscription(tx, True, starts=starts, ends=ends)

    transact(jobs.desk(), account_id, subscribe)
    click.echo(f"{_subscription(_account(account_id)).capitalize()}. widgetId {account_id}")


@clinic.command("deactivate")
@click.argument("clinic_id")
def clinic_deactivate(clinic_id: str) -> None:
    """Switch online booking off for CLINIC_ID; its configuration and bookings stay."""
    account = named_account(clinic_id)
    transact(jobs.desk(), account.id, lambda tx: accounts.set_subscription(tx, False))
    click.echo("Inactive.")


@clinic.command("list")
def clinic_list() -> None:
    """Print a line for each clinic that was ever activated.

    Its id, its name, whether it is active, when LogiVet was last seen there, and how many events
    LogiVet has not fetched.
    """
    here = state()
    found = standings(here.db.session(), here.clock())
    facts = here.host.clinics([one.clinic_id for one in found])
    for one in found:
        known = facts.get(one.clinic_id)
        click.echo(
            f"{one.clinic_id}  {one_line(known.name_fr or known.name_en) if known else '?'}"
            f"  {'active' if one.active else 'inactive'}  seen {shown(one.seen_at)}"
            f"  not fetched {one.unfetched.events}"
        )


@clinic.command("show")
@click.argument("clinic_id")
def clinic_show(clinic_id: str) -> None:
    """Print how CLINIC_ID stands: its subscription, its widget, what LogiVet has read and sent."""
    account, here = named_account(clinic_id), state()
    session = here.db.session()
    (standing,) = standings(session, here.clock(), account.id)
    for label, value in (
        ("clinic", here.facts(account.clinic_id).name(account.locale)),
        ("subscription", _subscription(account)),
        ("widgetId", account.id),
        ("zone, language", f"{account.time_zone}, {account.locale}"),
        ("domains", ", ".join(account.domains) or "-"),
        ("last event", events.event_cursor(account.epoch, account.event_seq)),
        ("acknowledged", events.last_acknowledgement(session, account.id)[0]),
        ("events not fetched", standing.unfetched.events),
        ("upload token", upload_token(account.epoch, account.upload_seq)),
        ("last upload", shown(standing.uploaded_at)),
        ("LogiVet last seen", shown(standing.seen_at)),
        ("mails waiting, lost", f"{standing.mails.waiting}, {standing.mails.dead}"),
    ):
        click.echo(f"{label}: {value}")


@rdv.command("new-epoch")
@click.argument("clinic_id", required=False)
@click.option("--all", "every", is_flag=True, help="Every clinic.")
def new_epoch(clinic_id: str | None, every: bool) -> None:
    """Have LogiVet read CLINIC_ID's bookings anew and upload everything again.

    To be run once the portal's database was restored: what LogiVet remembers of it is then ahead.
    Prints the new epoch of each account.
    """
    if (clinic_id is None) is not every:
        raise click.UsageError("Give CLINIC_ID or --all.")
    if clinic_id is None:
        ids = accounts.account_ids(state().db.session())
    else:
        ids = [named_account(clinic_id).id]
    for account_id in ids:
        epoch = transact(jobs.desk(), account_id, accounts.new_epoch)
        click.echo(f"{account_id}: epoch {epoch}")


def _account(account_id: uuid.UUID) -> ClinicAccount:
    return state().db.session().get_one(ClinicAccount, account_id)


def _subscription(account: ClinicAccount) -> str:
    """Return whether a clinic may offer online booking, with the bounds that still matter."""
    now = int(state().clock().timestamp())
    starts, ends = account.active_from, account.active_until
    if not account.active:
        return "inactive"
    if ends is not None and ends <= now:
        return f"inactive, was active until {_day(account, ends - 1)}"
    told = "active"
    if starts is not None and starts > now:
        told += f" from {_day(account, starts)}"
    if ends is not None:
        told += f" until {_day(account, ends - 1)}"
    return told


def _day(account: ClinicAccount, instant: int) -> str:
    return f"{local(instant, account.time_zone):%Y-%m-%d}"
