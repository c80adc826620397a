"""Which words of a page are of another language than its own, by the catalogues."""

import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from bs4 import BeautifulSoup

from tests.blueprints.widget.owner import Page

CATALOGUES = Path(__file__).parents[2] / "translations"
LANGUAGES = ("fr", "en")
PLACEHOLDER = re.compile(r"\{\w*\}")
TOO_SHORT = 7
"""Shorter parts of a sentence are words that both languages have."""


SPOKEN = ("aria-label", "title", "alt", "placeholder", "abbr", "data-say", "data-said", "data-own")
"""Attributes whose value people read or hear."""


def foreign(page: BeautifulSoup, lang: str) -> list[str]:
    """Return the parts of sentences of the other language that a page says.

    What somebody typed is in whatever language they like.
    """
    (other,) = set(LANGUAGES) - {lang}
    spoken = [str(tag[name]) for name in SPOKEN for tag in page.select(f"[{name}]")]
    written = [text for text in page.find_all(string=True) if text.parent.name != "textarea"]
    said = _plain(" ".join([*written, *spoken]))
    own = {part for part in parts(lang) if part in said}
    found = (part for part in parts(other) - parts(lang) if part in said)
    return sorted(part for part in found if not any(part in longer for longer in own))


def assert_in_its_language(page: Page, lang: str, status: int) -> None:
    """Assert what holds of every public page in every state."""
    assert page.status == status
    assert page.one("html")["lang"] == f"{lang}-CA"
    assert len(page.all("h1")) == 1
    assert foreign(page.soup, lang) == []
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.answer.headers
    assert ("Retry-After" in page.answer.headers) == (status in {429, 503})


@cache
def parts(lang: str) -> frozenset[str]:
    """Return what stands between the placeholders of every sentence of a language."""
    with (CATALOGUES / lang / "LC_MESSAGES" / "logivet_rdv.po").open("rb") as file:
        messages = [message for message in read_po(file, locale=lang) if message.id]
    texts = [
        text
        for message in messages
        for text in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    split = (_plain(part) for text in texts for part in PLACEHOLDER.split(text))
    return frozenset(part for part in split if len(part) >= TOO_SHORT)


def _plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
