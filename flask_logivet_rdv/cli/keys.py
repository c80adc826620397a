"""``flask rdv key …``: the keys with which LogiVet speaks for a clinic."""

import click

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services import accounts, keys
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state

from .group import named_account, named_clinic, rdv, shown


@rdv.group()
def key() -> None:
    """LogiVet's keys: with one, it speaks for a clinic."""


@key.command("create")
@click.argument("clinic_id")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(keys.SCOPES),
    multiple=True,
    default=keys.SCOPES,
    show_default=True,
    help="What the key may do; may be given twice.",
)
def key_create(clinic_id: str, scopes: tuple[str, ...]) -> None:
    """Make a sync key for CLINIC_ID and print it; it is shown this once.

    Exit 1 when the clinic was never activated.
    """
    account = accounts.account_of_clinic(state().db.session(), named_clinic(clinic_id))
    if account is None:
        raise click.ClickException(f"Activate clinic {clinic_id} first.")
    chosen = [scope for scope in keys.SCOPES if scope in scopes]
    click.echo(transact(jobs.desk(), account.id, lambda tx: keys.create_key(tx, chosen)))


@key.command("list")
@click.argument("clinic_id")
def key_list(clinic_id: str) -> None:
    """Print the keys of CLINIC_ID, the oldest first; never their secrets.

    A line each: its id, what it may do, when it was made, whether it is valid, its last use.
    """
    now = state().clock()
    for found in keys.list_keys(state().db.session(), named_account(clinic_id).id):
        ended = found.revoked_at or found.expires_at
        standing = "valid"
        if found.revoked_at is not None:
            standing = "revoked"
        elif ended is not None:
            standing = "ends" if ended > now else "ended"
        address = (found.last_used_at and found.last_used_ip) or ""
        used = (shown(found.last_used_at), address, found.last_used_agent or "")
        click.echo(
            f"{found.key_id}  {' '.join(found.scopes)}  created {shown(found.created_at)}"
            f"  {standing}{f' {shown(ended)}' if ended else ''}  used {' '.join(used).strip()}"
        )


@key.command("revoke")
@click.argument("clinic_id")
@click.argument("key_id")
def key_revoke(clinic_id: str, key_id: str) -> None:
    """Revoke a key of CLINIC_ID: LogiVet's next request with it is refused.

    KEY_ID is the part after « rdv_ », as « key list » prints it. Exit 1 when the clinic has no such
    key; one that was revoked before is no error.
    """
    account = accounts.account_of_clinic(state().db.session(), named_clinic(clinic_id))
    if account is None or not transact(
        jobs.desk(), account.id, lambda tx: keys.revoke_key(tx, key_id)
    ):
        raise click.ClickException(f"Clinic {clinic_id} has no key {key_id}.")
    click.echo("Revoked.")
