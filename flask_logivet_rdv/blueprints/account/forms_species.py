"""What the pages of species send and show: each with the categories it is associated with."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import Category, Species
from flask_logivet_rdv.services.associations import SpeciesEdit
from flask_logivet_rdv.services.catalogue import Links

from .forms import Fields, Submission, as_id, name_in
from .layout import Problem
from .sorting import Sort, collated

MOST_CHOICES = 2_000
"""Checkboxes that a page of species shows at most; with more of them, one species' at a time."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A category that may be associated with a species; `online` as set for the clinic.

    `place` is its own in the order of names.
    """

    id: uuid.UUID
    name: str
    online: bool
    place: int
    chosen: bool = False

    @property
    def label(self) -> str:
        """Return its name, marked where the clinic has it offline (S24)."""
        if self.online:
            return self.name
        mark = _("offline")
        return f"{self.name} ({mark})"


@dataclass(frozen=True, slots=True)
class SpeciesRow:
    """A species as the page shows it, with the categories to choose from.

    `named` has all categories in their order, `allowed` and `picked` are ids of some: hundreds of
    species with hundreds of categories each are not laid out before a page asks for them. `opened`
    is None where its choices are in the page anyway; else it tells whether they are.
    """

    id: uuid.UUID
    name: str
    name_fr: str
    name_en: str
    online: bool
    named: Mapping[uuid.UUID, Choice]
    allowed: frozenset[uuid.UUID]
    picked: frozenset[uuid.UUID]
    opened: bool | None = None

    @property
    def choices(self) -> list[Choice]:
        """Return the categories it may have."""
        found = self._of(self.allowed)
        return [replace(c, chosen=True) if c.id in self.picked else c for c in found]

    @property
    def chosen(self) -> list[Choice]:
        """Return the associated categories."""
        return [replace(c, chosen=True) for c in self._of(self.picked)]

    def refused(self, ids: frozenset[uuid.UUID]) -> list[str]:
        """Return the names of those of some categories that it may not have."""
        return [choice.name for choice in self._of(ids - self.allowed)]

    def _of(self, ids: Iterable[uuid.UUID]) -> list[Choice]:
        found = [self.named[key] for key in ids if key in self.named]
        return sorted(found, key=lambda choice: choice.place)


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
        named = sorted(
            ((row.id, name_in(lang, row), row.online) for row in self.categories),
            key=lambda named: collated(named[1]),
        )
        choices = {facts[0]: Choice(*facts, place) for place, facts in enumerate(named)}
        return [self._row(species, choices, lang, fields) for species in self.species]

    def _row(
        self,
        species: Species,
        named: Mapping[uuid.UUID, Choice],
        lang: str,
        fields: Fields | None,
    ) -> SpeciesRow:
        if fields is None:
            online, chosen = species.id in self.online, self.held.get(species.id, frozenset())
        else:
            online, chosen = f"online-{species.id}" in fields, _categories(fields, species.id)
        allowed = self.allowed.get(species.id, frozenset())
        return SpeciesRow(
            id=species.id,
            name=name_in(lang, species),
            name_fr=species.name_fr,
            name_en=species.name_en,
            online=online,
            named=named,
            allowed=allowed,
            # what the page cannot show is nobody's edit
            picked=frozenset(key for key in chosen & allowed if key in named),
        )

    def problems(self, rows: Iterable[SpeciesRow], sent: Submission) -> list[Problem]:
        """Return what was sent that the page does not offer (S24, S44), by its name."""
        found = ((row, row.refused(_categories(sent.fields, row.id))) for row in rows if row.online)
        return [
            Problem(
                f"choose-{row.id}",
                _(
                    "A chosen category is not offered for {name}: {categories}.",
                    name=row.name,
                    categories=", ".join(refused),
                ),
            )
            for row, refused in found
            if refused
        ]

    def edits(self, rows: Iterable[SpeciesRow], sent: Submission) -> list[SpeciesEdit]:
        """Return the edits of judged rows, and of sent ids that are among them no longer."""
        online = {row.id: row.online for row in rows}
        keys = online.keys() | sent.ids("online-", "categories-")
        return [
            SpeciesEdit(key, online.get(key, False), _categories(sent.fields, key)) for key in keys
        ]


def chosen(fields: Fields, species: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return every category that was sent for any of these species."""
    return {category for one in species for category in _categories(fields, one)}


def _categories(fields: Fields, species_id: uuid.UUID) -> frozenset[uuid.UUID]:
    return frozenset(as_id(text) for text in fields.getlist(f"categories-{species_id}"))


def on_demand(rows: Sequence[SpeciesRow]) -> Sequence[SpeciesRow]:
    """Return the rows of a page, all but the opened one without their choices if those are many."""
    if sum(len(row.allowed) for row in rows) <= MOST_CHOICES:
        return rows
    opened = _opened()
    return [replace(row, opened=row.id == opened) for row in rows]


def _opened() -> uuid.UUID | None:
    """Return the species whose choices this request asks for: its ``▼`` opens it, again closes."""
    op, _colon, subject = request.form.get("op", "").partition(":")
    before = request.form.get("open")
    wanted = before if op != "open" else subject if subject != before else None
    return as_id(wanted) if wanted else None


def page_after(sent: Submission, sort: Sort) -> tuple[Fields, str]:
    """Return the fields once a button of the page is used, and the id of what takes the focus.

    After a heading that is the heading; after a ``▼`` that same one; after the ``×`` of a chip the
    next chip, or the list of choices after the last one.
    """
    if sent.op == "open":
        return sent.fields, f"choose-{as_id(sent.subject)}"
    if sent.op != "remove":
        return sent.fields, sort.heading
    species, _colon, category = sent.subject.partition(":")
    name, fields = f"categories-{as_id(species)}", sent.fields.copy()
    before = fields.getlist(name)
    left = [value for value in before if value != str(as_id(category))]
    fields.setlist(name, left)
    after = before[before.index(category) + 1 :] if category in before else []
    return fields, f"chip-{species}-{after[0]}" if after else f"choose-{species}"
