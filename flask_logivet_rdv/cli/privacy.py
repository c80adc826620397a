"""``flask rdv export|erase|consent``: what is held of a person, and what they agreed to."""

import csv
import json
import sys
import uuid
from collections.abc import Iterator
from dataclasses import astuple, fields
from functools import partial
from typing import Any

import click

from flask_logivet_rdv import jobs
from flask_logivet_rdv.i18n import local
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services import consents, person
from flask_logivet_rdv.services.person import Holding, Needed, StillNeeded
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.addresses import parse_email

from .group import named_account, rdv

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in a spreadsheet (OWASP, « CSV Injection »)."""


def _address(_context: click.Context, _option: click.Parameter, text: str) -> str:
    """Return the address that was given; one that is none is a wrong call."""
    try:
        return parse_email(text)
    except ValueError:
        raise click.BadParameter("It is not an email address.") from None


EMAIL = click.option("--email", required=True, callback=_address, help="The person's address.")
CLINIC = click.option("--clinic", "clinic_id", help="In this clinic alone, by the portal's own id.")


@rdv.command()
@EMAIL
@CLINIC
def export(email: str, clinic_id: str | None) -> None:
    """Print, as JSON, all that is held about an address: bookings, consents, mails, events.

    The very address, capitals apart. Where nothing is held the export is empty, and says so. Who
    was given what is in the history of each clinic, without the address.
    """
    found = person.held(state().db.session(), email, _account_id(clinic_id))
    if not found:
        click.echo("Nothing is held about this address.", err=True)
    clinics = []
    for account_id, holdings in _by_account(found):
        note = partial(person.note_access, bookings=len(holdings))
        transact(jobs.desk(), account_id, note)
        bookings = [person.as_json(holding) for holding in holdings]
        clinics.append({"clinic": str(_clinic_of(account_id)), "bookings": bookings})
    click.echo(json.dumps({"email": email, "clinics": clinics}, ensure_ascii=False, indent=2))


@rdv.command()
@EMAIL
@CLINIC
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(email: str, clinic_id: str | None, yes: bool) -> None:
    """Erase what is held about an address: the bookings stay, for the counts, without their client.

    The very address, capitals apart. Nothing is erased, and the exit code is 1, while a visit is
    ahead, which has to be cancelled first, or one has not been fetched by LogiVet. The history of
    each clinic says how many bookings were erased, without the address.
    """
    session, only = state().db.session(), _account_id(clinic_id)
    now = int(state().clock().timestamp())
    _refuse(person.needed(session, email, now, only))
    found = _by_account(person.held(session, email, only))
    if not found:
        click.echo("Nothing is held about this address.")
        return
    count = sum(len(holdings) for _, holdings in found)
    if not yes:
        click.confirm(f"Erase the personal data of {count} booking(s)?", abort=True)
    erased, still = 0, list[Needed]()
    for account_id, _ in found:
        done = transact(jobs.desk(), account_id, partial(person.erase, address=email))
        if isinstance(done, StillNeeded):  # booked since they were looked at
            still += done.visits
        else:
            erased += done.bookings
    click.echo(f"Erased: {erased} booking(s).")
    _refuse(still, "Not all was erased.")


@rdv.command()
@click.option("--booking", "booking_id", type=click.UUID, help="Of this booking.")
@click.option("--clinic", "clinic_id", help="Of all bookings of a clinic, by the portal's own id.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="How it is printed.",
)
def consent(booking_id: uuid.UUID | None, clinic_id: str | None, kind: str) -> None:
    """Print the evidence of consent: when, and to which text, version, language and hash.

    Of one booking or of a clinic. It outlives the blanking of the booking. Exit 1 when there is no
    such booking.
    """
    if (booking_id is None) is (clinic_id is None):
        raise click.UsageError("Give --booking or --clinic.")
    found = consents.evidence(
        state().db.session(), account_id=_account_id(clinic_id), booking_id=booking_id
    )
    rows = [_row(one) for one in found]
    if booking_id is not None and not rows:
        raise click.ClickException(f"There is no booking {booking_id}.")
    if kind == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    sheet = csv.writer(sys.stdout)
    sheet.writerow([field.name for field in fields(consents.Evidence)])
    sheet.writerows([harmless(value) for value in row.values()] for row in rows)


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _row(one: consents.Evidence) -> dict[str, str]:
    names = [field.name for field in fields(one)]
    values = dict(zip(names, astuple(one), strict=True))
    values["given_at"] = f"{one.given_at:%Y-%m-%dT%H:%M:%SZ}"
    return {name: str(value) for name, value in values.items()}


def _account_id(clinic_id: str | None) -> uuid.UUID | None:
    return None if clinic_id is None else named_account(clinic_id).id


def _by_account(found: list[Holding]) -> list[tuple[uuid.UUID, list[Holding]]]:
    grouped: dict[uuid.UUID, list[Holding]] = {}
    for holding in found:
        grouped.setdefault(holding.booking.account_id, []).append(holding)
    return list(grouped.items())


def _clinic_of(account_id: uuid.UUID) -> Any:
    return state().db.session().get_one(ClinicAccount, account_id).clinic_id


def _refuse(visits: list[Needed], told: str = "Nothing was erased.") -> None:
    """Raise, naming each visit, when there is one."""
    if visits:
        raise click.ClickException("\n".join([told, *_lines(visits)]))


def _lines(visits: list[Needed]) -> Iterator[str]:
    for visit in visits:
        when = f"{local(visit.starts_at, visit.time_zone):%Y-%m-%d %H:%M}"
        wanted = "cancel it first" if visit.ahead else "LogiVet has not fetched it yet"
        yield f"  clinic {_clinic_of(visit.account_id)}, visit of {when}: {wanted}."
