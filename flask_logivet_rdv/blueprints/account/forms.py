"""What the pages of categories and species send: as typed, judged in words, as edits."""

import re
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flask import abort, request
from werkzeug.datastructures import MultiDict

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Category, Species
from flask_logivet_rdv.models.catalogue import FromLogivet
from flask_logivet_rdv.services.catalogue import Links
from flask_logivet_rdv.services.settings import CategoryEdit, SpeciesEdit

from .layout import Problem, TokenForm
from .sorting import Sort, collated

Fields = MultiDict[str, str]
MAY_REPEAT = ("categories-", "domains")
LONGEST = 2_100
_MINUTES = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent: its fields, and the button that sent it (``add:1`` → add, 1)."""

    op: str
    subject: str
    fields: Fields
    problems: tuple[Problem, ...]

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


@dataclass(frozen=True, slots=True)
class Choice:
    """A category that may be associated with a species; `online` as set for the clinic."""

    id: uuid.UUID
    name: str
    online: bool
    chosen: bool

    @property
    def label(self) -> str:
        """Return its name, marked where the clinic has it offline (S24)."""
        if self.online:
            return self.name
        mark = _("offline")
        return f"{self.name} ({mark})"


@dataclass(frozen=True, slots=True)
class SpeciesRow:
    """A species as the page shows it, with the categories to choose from."""

    id: uuid.UUID
    name: str
    name_fr: str
    name_en: str
    online: bool
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> list[Choice]:
        """Return the associated categories."""
        return [choice for choice in self.choices if choice.chosen]


@dataclass(frozen=True, slots=True)
class Associations:
    """The species of a page, all living categories, and which of those each species may have.

    `online` and `held` are what is saved.
    """

    species: Sequence[Species]
    categories: Sequence[Category]
    allowed: Links
    online: Collection[uuid.UUID]
    held: Links

    def rows(self, lang: str, fields: Fields | None = None) -> list[SpeciesRow]:
        """Return the species with what is saved, or with what was just sent."""
        ordered = sorted(self.categories, key=lambda row: collated(name_in(lang, row)))
        return [self._row(species, ordered, lang, fields) for species in self.species]

    def _row(
        self, species: Species, ordered: list[Category], lang: str, fields: Fields | None
    ) -> SpeciesRow:
        allowed = self.allowed.get(species.id, frozenset())
        if fields is None:
            online, chosen = species.id in self.online, self.held.get(species.id, frozenset())
        else:
            online, chosen = f"online-{species.id}" in fields, _categories(fields, species.id)
        return SpeciesRow(
            id=species.id,
            name=name_in(lang, species),
            name_fr=species.name_fr,
            name_en=species.name_en,
            online=online,
            choices=tuple(
                Choice(row.id, name_in(lang, row), row.online, row.id in chosen)
                for row in ordered
                if row.id in allowed
            ),
        )

    def problems(self, rows: Iterable[SpeciesRow], sent: Submission) -> list[Problem]:
        """Return what was sent that the page does not offer (S24, S44)."""
        living = {row.id for row in self.categories}
        return [
            Problem(
                f"choose-{row.id}",
                _("A chosen category is not offered for {name}.", name=row.name),
            )
            for row in rows
            if row.online
            and (_categories(sent.fields, row.id) & living) - {c.id for c in row.choices}
        ]

    def edits(self, rows: Iterable[SpeciesRow], sent: Submission) -> list[SpeciesEdit]:
        """Return the edits of judged rows, and of sent ids that are among them no longer."""
        online = {row.id: row.online for row in rows}
        keys = online.keys() | sent.ids("online-", "categories-")
        return [
            SpeciesEdit(key, online.get(key, False), _categories(sent.fields, key)) for key in keys
        ]


def _categories(fields: Fields, species_id: uuid.UUID) -> frozenset[uuid.UUID]:
    return frozenset(as_id(text) for text in fields.getlist(f"categories-{species_id}"))


def page_after(sent: Submission, sort: Sort) -> tuple[Fields, str]:
    """Return the fields once a button of the page is used, and the id of what takes the focus.

    After a heading that is the heading; after the ``×`` of a chip the next chip, or the list of
    choices after the last one.
    """
    if sent.op != "remove":
        return sent.fields, sort.heading
    species, _colon, category = sent.subject.partition(":")
    name, fields = f"categories-{as_id(species)}", sent.fields.copy()
    before = fields.getlist(name)
    left = [value for value in before if value != str(as_id(category))]
    fields.setlist(name, left)
    after = before[before.index(category) + 1 :] if category in before else []
    return fields, f"chip-{species}-{after[0]}" if after else f"choose-{species}"
