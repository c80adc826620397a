"""What is wrong with a clinic's own text of a mail: at save, for its page; at sending, for us."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from flask_logivet_rdv.host import MailText
from flask_logivet_rdv.i18n import language, lazy_gettext, speaking

from .mail_html import dangers
from .placeholders import GIVES, IN_BRACES, STANDING, names

LONGEST: Mapping[str, int] = {"subject": 200, "text": 10_000, "html": 100_000}
"""Characters; Gmail cuts a mail of more than 102 KB."""
SHOWN = 40
"""Characters of what was found that a problem shows at most."""
_KNOWN = "|".join(GIVES)
BROKEN = re.compile(rf"\{{\s*(?:{_KNOWN})\b[^\s{{}}<]*\s?\}}?|\b(?:{_KNOWN})\s*\}}|\{{[%#].?")
DOUBLED = re.compile(r"\{\{\w+\}\}")
FIELDS = {
    "subject": lazy_gettext("Subject"),
    "text": lazy_gettext("Text"),
    "html": lazy_gettext("HTML"),
}
SENTENCES = {
    "wrong_type": lazy_gettext("This is not a text."),
    "host_error": lazy_gettext("The portal could not give the text."),
    "empty": lazy_gettext("This field cannot be empty."),
    "line_break": lazy_gettext("The subject must be on one line."),
    "too_long": lazy_gettext("At most {longest} characters; there are {length}."),
    "unknown_placeholder": lazy_gettext("{found} is not a placeholder."),
    "misspelt_placeholder": lazy_gettext("{found} is not a placeholder. Did you mean {nearest}?"),
    "empty_placeholder": lazy_gettext("{found} says nothing in this message: remove it."),
    "broken_placeholder": lazy_gettext(
        "“{found}” is not understood: a placeholder is a name between two braces, as in {nearest}."
    ),
    "no_cancel_url": lazy_gettext("This message must offer the cancellation: add {nearest}."),
    "no_cancel_note": lazy_gettext(
        "This message must say until when the appointment can be cancelled: add {nearest}."
    ),
    "html_element": lazy_gettext("<{found}> cannot be in an email: remove it."),
    "html_attribute": lazy_gettext(
        "The attribute {found} cannot be in an email, or not with a placeholder: remove it."
    ),
    "html_address": lazy_gettext(
        "The link “{found}” cannot be in an email. A link is {nearest}, or begins with https://,"
        " mailto: or tel: and names nothing of the client."
    ),
    "html_style": lazy_gettext(
        "“{found}” cannot be in a style: emails fetch nothing from elsewhere, and placeholders"
        " are for words."
    ),
}
"""The sentence of each code."""
SENT_ALL_THE_SAME = frozenset(
    {
        "line_break", "too_long", "empty_placeholder", "broken_placeholder",
        "no_cancel_url", "no_cancel_note",
    }
)  # fmt: skip
"""What is refused at save, but does not keep a text that was saved from being sent."""


@dataclasses.dataclass(frozen=True, slots=True)
class MailTextProblem:
    """One thing that is wrong with a text.

    `field` is ``subject``, ``text`` or ``html``; `code` is stable, and `arguments` fill its
    sentence: what was `found`, its `nearest` right form, the `longest` text and its `length`.
    """

    field: str
    code: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def spoils(self) -> bool:
        """Tell whether the package's own text is sent in the place of one with this problem."""
        return self.code not in SENT_ALL_THE_SAME

    def words(self, locale: str) -> str:
        """Return the problem as a sentence in a language, ``fr`` or ``en``."""
        with speaking(language(locale)):
            return str(SENTENCES[self.code]).format(**self.arguments)


def check_mail_text(message: str, own: MailText) -> list[MailTextProblem]:
    """Return all that is wrong with a clinic's own text of a message; nothing when it is right.

    For the portal to call before it saves a text; `message` is a key of `mail_messages`.
    """
    return list(_faults(message, own))


def _faults(message: str, own: MailText) -> Iterator[MailTextProblem]:
    if not isinstance(own, MailText):
        yield MailTextProblem("text", "wrong_type")
        return
    for name in FIELDS:
        text = getattr(own, name)
        if name == "html" and (text is None or (isinstance(text, str) and not text.strip())):
            continue  # a mail of plain text
        if not _is_text(text):
            yield MailTextProblem(name, "wrong_type")
        elif not text.strip():
            yield MailTextProblem(name, "empty")
        else:
            yield from _of_field(message, name, text)


def _is_text(text: object) -> bool:
    """Tell whether it is one that can be sent: half a surrogate pair cannot."""
    return isinstance(text, str) and not any("\ud800" <= c <= "\udfff" for c in text)


def _of_field(message: str, name: str, text: str) -> Iterator[MailTextProblem]:
    if name == "subject" and len(text.strip().splitlines()) > 1:
        yield MailTextProblem(name, "line_break")
    if len(text) > LONGEST[name]:
        yield MailTextProblem(name, "too_long", {"longest": LONGEST[name], "length": len(text)})
    yield from _of_placeholders(message, name, text)
    if name != "subject" and message in STANDING:
        yield from _of_promises(name, text)
    if name == "html":
        for code, found in dangers(text):
            yield _problem(name, code, found, "{cancel_url}")


def _of_placeholders(message: str, name: str, text: str) -> Iterator[MailTextProblem]:
    known = names(message)
    for found in dict.fromkeys(IN_BRACES.findall(text)):
        braced = f"{{{found}}}"
        if found not in GIVES:
            near = get_close_matches(found.lower(), known, n=1, cutoff=0.5)
            code = "misspelt_placeholder" if near else "unknown_placeholder"
            yield _problem(name, code, braced, *(f"{{{one}}}" for one in near))
        elif found not in known:
            yield _problem(name, "empty_placeholder", braced)
    doubled = DOUBLED.findall(text)
    broken = (one.strip() for one in BROKEN.findall(IN_BRACES.sub("", text)))
    for found in dict.fromkeys((*doubled, *broken)):
        yield _problem(name, "broken_placeholder", found, "{name}")


def _of_promises(name: str, text: str) -> Iterator[MailTextProblem]:
    """Yield what a message of an appointment that stands owes the client (S91-S93)."""
    if "{cancel_url}" not in text:
        yield MailTextProblem(name, "no_cancel_url", {"nearest": "{cancel_url}"})
    if "{cancel_note}" not in text and "{cancel_hours}" not in text:
        yield MailTextProblem(name, "no_cancel_note", {"nearest": "{cancel_note}"})


def _problem(name: str, code: str, found: str, nearest: str | None = None) -> MailTextProblem:
    shown = found if len(found) <= SHOWN else f"{found[: SHOWN - 1]}…"
    arguments = {"found": shown} | ({"nearest": nearest} if nearest else {})
    return MailTextProblem(name, code, arguments)
