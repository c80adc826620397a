"""Typed text made fit for one line: of a header, a mail, a calendar entry, a notice."""

import textwrap
import unicodedata

LONGEST = 500
LINE = 240
_CONTROL = frozenset({"Cc", "Cf", "Cs"})


def one_line(typed: str | None, longest: int = LONGEST) -> str:
    """Return text on one line of at most `longest` characters, without control characters.

    Its lines are joined by « / »; None is the empty text.
    """
    lines = (_printable(line) for line in (typed or "").splitlines())
    text = " / ".join(line for line in lines if line)
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def one_address(typed: str | None) -> str:
    """Return a postal address on one line, its lines joined by commas."""
    return ", ".join(filter(None, map(one_line, (typed or "").splitlines())))


def short_lines(text: str) -> str:
    """Return a mail's text with long lines broken: SMTP allows 998 octets, a letter may take 4."""
    return "\n".join(
        "\n".join(textwrap.wrap(line, LINE, break_on_hyphens=False)) if len(line) > LINE else line
        for line in text.splitlines()
    )


def _printable(line: str) -> str:
    spaced = line.replace("\t", " ")
    return "".join(c for c in spaced if unicodedata.category(c) not in _CONTROL).strip()
