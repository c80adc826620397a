"""``flask rdv doctor``: what is wrong with this installation, and what to do about it."""

import json
from collections import Counter
from collections.abc import Sequence

import click

from flask_logivet_rdv.doctor import Finding, Level, run

from .group import rdv, this_app

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red"}


@rdv.command()
@click.option("--strict", is_flag=True, help="Exit 1 on a warning as well.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of name, status, detail.")
@click.option("--quiet", is_flag=True, help="Print warnings and errors only.")
def doctor(strict: bool, as_json: bool, quiet: bool) -> None:
    """Check the installation: settings, database, login wall, queue, mails, clinics.

    Prints a line for each check: « ok », « warning » or « error », and what to do. Nothing personal
    is printed. Exit 0 when nothing is worse than a warning, 1 otherwise.
    """
    found = run(this_app())
    shown = [one for one in found if not quiet or one.level is not Level.OK]
    if as_json:
        rows = [{"name": one.name, "status": one.level, "detail": one.detail} for one in shown]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print(shown)
    counts = Counter(one.level for one in found)
    if counts[Level.ERROR] or (strict and counts[Level.WARNING]):
        raise click.ClickException(
            f"Errors: {counts[Level.ERROR]}, warnings: {counts[Level.WARNING]}."
        )


def _print(findings: Sequence[Finding]) -> None:
    for one in findings:
        level = click.style(f"{one.level:<8}", fg=COLOURS[one.level])
        click.echo(f"{level}{one.name} — {one.detail}")
