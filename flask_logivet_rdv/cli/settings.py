"""``flask rdv audit|explain``: what was changed, and why a time is not offered."""

from datetime import datetime
from typing import Any
from uuid import UUID

import click

from flask_logivet_rdv.i18n import speaking
from flask_logivet_rdv.messages import changes, reasons
from flask_logivet_rdv.models import Category, ClinicAccount, Resource, Species
from flask_logivet_rdv.scheduling.opening import instants, zone
from flask_logivet_rdv.services import history, incidents
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.explaining import Visit, explain
from flask_logivet_rdv.state import state

from .group import named_account, rdv, shown

WALL_TIME = "%Y-%m-%d %H:%M"


@rdv.command()
@click.argument("clinic_id")
@click.option("--subject", multiple=True, help="Only this subject; « resource:* » for resources.")
@click.option(
    "--incidents",
    "log",
    is_flag=True,
    help="Only the incident log: accesses, erasures, a key used elsewhere, refused ids.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="How many changes to print at most.",
)
def audit(clinic_id: str, subject: tuple[str, ...], log: bool, limit: int) -> None:
    """Print who changed which settings of CLINIC_ID, the newest first, from what to what."""
    account, session = named_account(clinic_id), state().db.session()
    subjects = (*subject, *(incidents.LOG if log else ()))
    found, more = history.history(session, account.id, subjects, limit=limit)
    names = history.names(session, account.id)
    with speaking("en"):
        for change in found:
            title = changes.title(change.subject, names)
            click.echo(f"{shown(change.at)}  {change.actor}  {title}")
            for line in changes.lines(change, names, account.time_zone):
                click.echo(f"    {line}")
    if more:
        click.echo("Older changes follow: give a higher --limit.", err=True)


@rdv.command("explain")
@click.argument("clinic_id")
@click.option("--species", required=True, help="Its name, or its id.")
@click.option("--category", required=True, help="Its name, or its id.")
@click.option("--resource", required=True, help="Its name, or its id.")
@click.option(
    "--at",
    required=True,
    type=click.DateTime([WALL_TIME]),
    help="On the clinic's clock, as « 2026-03-18 13:30 ».",
)
def explain_time(clinic_id: str, species: str, category: str, resource: str, at: datetime) -> None:
    """Say which rule keeps a time of CLINIC_ID from being offered, the first one in the way.

    Exit code 0 when the time is offered, 1 when it is not.
    """
    account, here = named_account(clinic_id), state()
    ids = (
        _row(account, Species, "--species", species),
        _row(account, Category, "--category", category),
        _row(account, Resource, "--resource", resource),
    )
    starts = instants(at.date(), 60 * at.hour + at.minute, zone(account.time_zone))
    if not starts:
        raise click.ClickException("The clock jumps over this time: it does not exist.")
    session, now = here.db.session(), here.clock()
    told = [explain(session, account, Visit(*ids, s), now, here.settings.rules) for s in starts]
    with speaking("en"):
        for one in told:
            click.echo(reasons.sentence(one, account.time_zone, "en", here.settings.rules))
    if all(one.reason for one in told):
        click.get_current_context().exit(1)


def _row(account: ClinicAccount, model: type[Any], option: str, text: str) -> UUID:
    rows = living(state().db.session(), model, account.id)
    found: list[UUID] = [row.id for row in rows if text in (row.name_fr, row.name_en, str(row.id))]
    if not found:
        known = ", ".join(sorted(row.name_fr for row in rows))
        raise click.BadParameter(f"{text!r} is none of: {known}.", param_hint=option)
    if len(found) > 1:
        ids = ", ".join(map(str, found))
        raise click.BadParameter(f"{text!r} is the name of several: {ids}.", param_hint=option)
    return found[0]
