"""What the account pages send, and that of categories: as typed, judged in words, as edits."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flask import abort, request
from werkzeug.datastructures import MultiDict

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Category
from flask_logivet_rdv.models.catalogue import FromLogivet
from flask_logivet_rdv.services.settings import CategoryEdit

from .layout import Problem, TokenForm, sent_base

Fields = MultiDict[str, str]
MAY_REPEAT = ("categories-", "copy-to", "domains")
LONGEST = 2_100
_MINUTES = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent: its fields, and the button that sent it (``add:1`` → add, 1)."""

    op: str
    subject: str
    fields: Fields
    problems: tuple[Problem, ...]

    @property
    def base(self) -> int | None:
        """Return the clinic's revision at which the page was made, None where it is not told."""
        return sent_base()

    def ids(self, *prefixes: str) -> set[uuid.UUID]:
        """Return the ids in the names of fields; a malformed one is a 404."""
        return {
            as_id(name.removeprefix(prefix))
            for name in self.fields
            for prefix in prefixes
            if name.startswith(prefix)
        }


def read_submission(*ops: str) -> Submission:
    """Return the form of this request; no button at all is ``save``.

    An op that is none of `ops`, or a field sent twice that is one of a kind, is a 400.
    """
    op, _colon, subject = request.form.get("op", "save").partition(":")
    twice = any(
        len(values) > 1 and not name.startswith(MAY_REPEAT) for name, values in request.form.lists()
    )
    if op not in ops or twice:
        abort(400)
    fields = Fields((name, _clean(value)) for name, value in request.form.items(multi=True))
    problems: tuple[Problem, ...] = ()
    if not TokenForm().validate_on_submit():
        problems = (Problem("", _("This form has expired. Nothing was saved: send it again.")),)
    return Submission(op, subject, fields, problems)


def _clean(text: str) -> str:
    """Return typed text fit to be judged and shown again, not made right by what is taken out."""
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:LONGEST])


def as_id(text: str) -> uuid.UUID:
    """Return an id in its one written form; anything else is a 404."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        abort(404)
    if str(found) != text:
        abort(404)
    return found


def name_in(lang: str, row: FromLogivet) -> str:
    """Return a row's name in a language, or in the other one where it has none (S28)."""
    names = (row.name_fr, row.name_en) if lang == "fr" else (row.name_en, row.name_fr)
    return names[0] or names[1]


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as the page shows it; `duration` as typed."""

    id: uuid.UUID
    name: str
    name_fr: str
    name_en: str
    online: bool
    duration: str

    @property
    def problem(self) -> Problem | None:
        """Return what is wrong with its duration (S16)."""
        text = self.duration.strip()
        if not self.online or (_MINUTES.fullmatch(text) and int(text) in range(5, 481, 5)):
            return None
        where = f"duration-{self.id}"
        if not text:
            label = _("Duration of {name}", name=self.name)
            return Problem(where, _("{label} is required.", label=label))
        return Problem(
            where,
            _(
                "Duration of {name} must be a multiple of 5, from 5 to 480 minutes.",
                name=self.name,
            ),
        )


def category_rows(
    found: Iterable[Category], lang: str, fields: Fields | None = None
) -> list[CategoryRow]:
    """Return the categories with what is saved, or with what was just sent."""
    return [
        CategoryRow(
            id=row.id,
            name=name_in(lang, row),
            name_fr=row.name_fr,
            name_en=row.name_en,
            online=row.online if fields is None else f"online-{row.id}" in fields,
            duration=str(row.duration_min or "")
            if fields is None
            else fields.get(f"duration-{row.id}", ""),
        )
        for row in found
    ]


def category_edits(rows: Iterable[CategoryRow], sent: Submission) -> list[CategoryEdit]:
    """Return the edits of judged rows, and of sent ids that are among them no longer."""
    edits = {
        row.id: CategoryEdit(row.id, row.online, int(row.duration) if row.online else None)
        for row in rows
    }
    gone = sent.ids("online-", "duration-") - edits.keys()
    return [*edits.values(), *(CategoryEdit(key, online=False, duration_min=None) for key in gone)]
