"""``python -m flask_logivet_rdv.preview DIR``: write the preview of every page and mail."""

import logging
from pathlib import Path

import click

from flask_logivet_rdv import i18n

from .writing import write_all


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", "only", help="Only this language.")
@click.option(
    "--catalogues",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read the compiled catalogues of this folder, in the place of the package's own.",
)
def preview(folder: Path, only: str | None, catalogues: Path | None) -> None:
    """Write every page, mail and message, in every state and language, into FOLDER."""
    if catalogues:
        i18n.read_catalogues_from(catalogues)
    langs = i18n.languages()
    if only and only not in langs:
        raise click.BadParameter(f"there is {', '.join(langs)}", param_hint="--language")
    logging.disable()  # the faults are played
    count = write_all(folder, [only] if only else langs)
    click.echo(f"{count} pages: open {folder / 'index.html'}")


preview(prog_name="python -m flask_logivet_rdv.preview")
