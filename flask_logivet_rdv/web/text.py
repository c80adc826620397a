"""Typed text as it is kept: without control characters, and with something to see."""

import unicodedata

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
    return any(
        letter == "\N{REPLACEMENT CHARACTER}"
        or (unicodedata.category(letter) in _CONTROLS and letter not in _PASTED)
        for letter in text
    )


def _plain(text: str) -> str:
    """Return text composed (NFC), a space for each control character that was one, else none."""
    kept = (
        letter if unicodedata.category(letter) not in _CONTROLS else " " * letter.isspace()
        for letter in text
    )
    return unicodedata.normalize("NFC", "".join(kept))
