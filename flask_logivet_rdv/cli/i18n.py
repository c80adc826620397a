"""``flask rdv i18n …``: what a translator needs, on a checkout of the package."""

import subprocess
import sys
from pathlib import Path

import click

from flask_logivet_rdv.catalogues import checking, extracting, files
from flask_logivet_rdv.i18n import TRANSLATIONS

from .group import rdv

PACKAGE = Path(__file__).parent.parent


@rdv.group()
def i18n() -> None:
    """Catalogues: what the code says, translated. For a checkout, see translations/README.md."""


@i18n.command()
def extract() -> None:
    """Write what the code says into the template, each sentence with where it is seen."""
    folder = _folder()
    said = extracting.extract(PACKAGE)
    files.write(extracting.like(files.read(files.template(folder)), said), files.template(folder))
    click.echo(f"{files.template(folder)}: {files.count(said)} sentences")


@i18n.command()
def update() -> None:
    """Extract, then bring every catalogue up to date: what is new is to be translated.

    A language is added by a folder: translations/<language>/LC_MESSAGES.
    """
    folder = _folder()
    for language in extracting.update(folder, PACKAGE):
        found = files.read(files.catalogue(folder, language), language)
        click.echo(f"{language}: {files.count(found, translated=True)} of {files.count(found)}")


@i18n.command("compile")
def compile_catalogues() -> None:
    """Compile every catalogue, so that the program speaks what was translated."""
    for language, count in files.compile_all(_folder()):
        click.echo(f"{language}: {count} sentences")


@i18n.command()
def check() -> None:
    """Say what is wrong with the catalogues, a line each; exit 1 if anything is.

    Untranslated or uncertain; placeholders or markup that differ; catalogues that no longer say
    what the code says; Québec's spaces; words of the other language; turns that the glossary
    replaces; strings of the manual that are not there to the letter.
    """
    problems = list(checking.check(_folder(), PACKAGE))
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise click.ClickException(f"{len(problems)} to mend.")
    click.echo("Nothing is wrong.")


@i18n.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", help="Only this language.")
def preview(folder: Path, language: str | None) -> None:
    """Write every page, mail and message, in every state and language, to HTML files in FOLDER.

    Catalogues are compiled first: what was just translated is seen. The data are samples; nothing
    of this portal is read or written.
    """
    catalogues = _folder()
    for _ in files.compile_all(catalogues):
        pass
    command = [sys.executable, "-m", "flask_logivet_rdv.preview", str(folder)]
    command += ["--catalogues", str(catalogues)]
    command += ["--language", language] if language else []
    # models are bound to one host in a process: the preview has its own
    if code := subprocess.run(command, check=False).returncode:  # noqa: S603 our own module
        raise SystemExit(code)


def _folder() -> Path:
    """Return where the catalogues are. Raises ClickException outside a checkout."""
    if not files.template(TRANSLATIONS).is_file():
        raise click.ClickException(
            "The catalogues' sources are not here: this needs a checkout of the package, as a"
            " wheel has compiled catalogues only."
        )
    return TRANSLATIONS
