"""Catalogues on disk: a template for all languages, and a folder for each."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

DOMAIN = "logivet_rdv"
WIDTH = 100


def template(folder: Path) -> Path:
    """Return where the template of all languages is."""
    return folder / f"{DOMAIN}.pot"


def languages(folder: Path) -> list[str]:
    """Return the languages that have a folder, in order."""
    return sorted(found.parent.name for found in folder.glob("*/LC_MESSAGES"))


def catalogue(folder: Path, language: str) -> Path:
    """Return where the catalogue of a language is."""
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(path: Path, language: str | None = None) -> Catalog:
    """Return a catalogue, or the template without a language."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(catalog: Catalog, path: Path) -> None:
    """Write a catalogue so that only what changed differs from before."""
    with path.open("wb") as file:
        write_po(file, catalog, width=WIDTH, sort_output=True, no_location=True)


def count(catalog: Catalog, *, translated: bool = False) -> int:
    """Return how many sentences a catalogue has, or how many of them are translated."""
    return sum(1 for one in catalog if one.id and (not translated or _is_translated(one)))


def forms(value: str | Sequence[str] | None) -> list[str]:
    """Return the forms of a message or a translation: one, or those of a plural."""
    return [value] if isinstance(value, str) else list(value or [""])


def _is_translated(message: Message) -> bool:
    return all(forms(message.string))


def compile_all(folder: Path) -> Iterator[tuple[str, int]]:
    """Compile each catalogue for the program, and yield each language with its messages."""
    for language in languages(folder):
        path = catalogue(folder, language)
        found = read(path, language)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, found)
        yield language, count(found, translated=True)
