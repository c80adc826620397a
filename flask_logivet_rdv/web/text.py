"""Typed text as it is kept: without control characters, and with something to see."""

import unicodedata
from collections.abc import Iterable

_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_PASTED = frozenset("\t\n\v\f\r\x85\u2028\u2029")
"""What people paste without knowing: tabs and line ends of all kinds."""


def one_line(text: str | None) -> str:
    """Return text on one line, its spaces collapsed."""
    return " ".join(_plain(text or "").split())


def paragraphs(text: str | None) -> str:
    """Return text with plain line ends, and no spaces before them."""
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_plain(line).rstrip() for line in lines).strip()


def visible(text: str) -> bool:
    """Tell whether text holds anything that people see: a zero-width space is not."""
    return any(unicodedata.category(letter)[0] not in "CZ" for letter in text)


def unfit(text: str) -> bool:
    """Tell whether text holds what nobody types: control characters, or bytes that were no text."""
    letters = set(text)
    return "\N{REPLACEMENT CHARACTER}" in letters or _controls_in(letters - _PASTED)


def _plain(text: str) -> str:
    """Return text composed (NFC), a space for each control character that was one, else none."""
    for letter in set(text):
        if _controls_in(letter):
            text = text.replace(letter, " " * letter.isspace())
    return unicodedata.normalize("NFC", text)


def _controls_in(letters: Iterable[str]) -> bool:
    return not _CONTROLS.isdisjoint(map(unicodedata.category, letters))
