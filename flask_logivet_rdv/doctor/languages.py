"""The catalogues: without its compiled one, a language silently speaks English."""

from collections.abc import Iterator

from babel.support import Translations
from flask import Flask

from flask_logivet_rdv.i18n import catalogue, languages

from .finding import Finding, Level

NAME = "languages"
NEEDED = ("fr", "en")


def look(app: Flask) -> Iterator[Finding]:
    """Yield whether the catalogue of each language can be loaded."""
    wanted = sorted({*NEEDED, *languages()}, key=lambda lang: lang != NEEDED[0])
    missing = [lang for lang in wanted if not isinstance(catalogue(lang), Translations)]
    if missing:
        told = (
            f"Not compiled: {', '.join(missing)}. Install the package again"
            " (in a checkout: python -m pip install -e .)."
        )
        yield Finding(NAME, Level.ERROR, told)
    else:
        yield Finding(NAME, Level.OK, f"Compiled: {', '.join(wanted)}.")
