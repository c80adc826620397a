"""``flask rdv mail …``: the mails that do not leave, and sending one again."""

import uuid
from datetime import UTC, datetime

import click

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services import outbox
from flask_logivet_rdv.services.saving import UnknownRowError
from flask_logivet_rdv.services.standing import standings
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.undelivered import undelivered
from flask_logivet_rdv.state import state

from .group import named_account, rdv, shown


@rdv.group()
def mail() -> None:
    """Mails to clients that do not leave."""


@mail.command("list")
@click.argument("clinic_id", required=False)
@click.option("--all", "every", is_flag=True, help="Every clinic.")
def mail_list(clinic_id: str | None, every: bool) -> None:
    """Print the mails of CLINIC_ID that were given up, then those tried in vain so far.

    A line each: the clinic, the mail's id and kind, when the visit begins, how it stands, what the
    last attempt met. No address is printed.
    """
    if (clinic_id is None) is not every:
        raise click.UsageError("Give CLINIC_ID or --all.")
    session = state().db.session()
    of = [] if clinic_id is None else [named_account(clinic_id).id]
    clinics = {one.account_id: one.clinic_id for one in standings(session, state().clock(), *of)}
    for found in undelivered(session, *of):
        standing = "given up" if found.given_up else "next try"
        click.echo(
            f"{clinics[found.account_id]}  {found.id}  {found.kind}  visit {_at(found.starts_at)}"
            f"  {standing} {_at(found.at)}  attempts {found.attempts}  {found.error}"
        )


@mail.command("retry")
@click.argument("clinic_id")
@click.argument("mail_id", type=click.UUID)
def mail_retry(clinic_id: str, mail_id: uuid.UUID) -> None:
    """Put a mail of CLINIC_ID that was given up back to be sent, as if it had never been tried.

    MAIL_ID is as « mail list » prints it. Exit 1 when the clinic has no such mail, or it was not
    given up.
    """
    account = named_account(clinic_id)
    try:
        done = transact(jobs.desk(), account.id, lambda tx: outbox.retry(tx, mail_id))
    except UnknownRowError:
        raise click.ClickException(f"Clinic {clinic_id} has no mail {mail_id}.") from None
    if not done:
        raise click.ClickException(f"Mail {mail_id} was not given up.")
    click.echo("To be sent.")


def _at(instant: int) -> str:
    return shown(datetime.fromtimestamp(instant, UTC))
