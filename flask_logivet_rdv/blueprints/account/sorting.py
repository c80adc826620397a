"""The order of a table: chosen by its headings, accent-insensitive (S11, S12)."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

Row = TypeVar("Row")
UP, DOWN = "▲", "▼"


@dataclass(frozen=True, slots=True)
class Sort:
    """A table at `path`, ordered by one of its `columns` (name in the URL → attribute of a row).

    `kept` is what else its addresses say.
    """

    path: str
    columns: Mapping[str, str]
    column: str
    descending: bool
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def here(self) -> str:
        """Return the address of the table in this order."""
        if self.column == next(iter(self.columns)) and not self.descending:
            return self.path
        return self._address(self.column, self.descending)

    @property
    def heading(self) -> str:
        """Return the id of the heading it is ordered by."""
        return f"sort-{self.column}"

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """Return rows in this order, equal ones by the first column."""
        first = next(iter(self.columns.values()))
        by_first = sorted(rows, key=lambda row: _key(getattr(row, first)))
        attribute = self.columns[self.column]
        return sorted(by_first, key=lambda r: _key(getattr(r, attribute)), reverse=self.descending)

    def state(self, column: str) -> str:
        """Return the value of ``aria-sort`` for a heading."""
        if column != self.column:
            return "none"
        return "descending" if self.descending else "ascending"

    def arrow(self, column: str) -> str:
        """Return the arrow of a heading, as the manual draws them."""
        return UP if self.state(column) == "ascending" else DOWN

    def turned(self, column: str) -> str:
        """Return the address of the table ordered by a heading, or turned if it is already."""
        return self._address(column, column == self.column and not self.descending)

    def _address(self, column: str, descending: bool) -> str:
        order = {"sort": column, "dir": "desc" if descending else "asc"}
        return f"{self.path}?{urlencode({**self.kept, **order})}"


def read_sort(path: str, columns: Mapping[str, str], **kept: str) -> Sort:
    """Return the order that the query string asks for, else by the first column, ascending.

    What is `kept` goes into its addresses, unless it is empty.
    """
    column, others = request.args.get("sort", ""), {k: v for k, v in kept.items() if v}
    if column not in columns:
        return Sort(path, columns, next(iter(columns)), descending=False, kept=others)
    return Sort(path, columns, column, request.args.get("dir") == "desc", others)


def collated(text: str) -> tuple[str, str]:
    """Return a key that puts « Écho » before « Examen »."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.casefold(), text


def _key(value: Any) -> Any:
    return collated(value) if isinstance(value, str) else value
