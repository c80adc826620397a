"""Pages that a process would make again just the same: kept, with what they were made of."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_logivet_rdv.shelf import Shelf
from flask_logivet_rdv.state import in_process, state


@dataclass(frozen=True, slots=True)
class Kept:
    """A page, what it was made of, when, and the last instant (UTC seconds) it stands."""

    body: bytes
    made_of: object
    made_at: datetime
    until: int

    def stands(self, made_of: object, now: datetime) -> bool:
        """Tell whether the same would be made of `made_of` at `now`, even by a clock set back."""
        return self.made_of == made_of and self.made_at <= now and now.timestamp() <= self.until


@dataclass(slots=True)
class KeptPages:
    """At most `most` pages by what was asked for, and as many of the frames they were made in.

    Another `made_of`, such as the clinic's next revision, takes the place of the page that was.
    """

    most: int
    pages: Shelf[Kept] = field(init=False)
    frames: Shelf[Any] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with none."""
        self.pages, self.frames = Shelf(self.most), Shelf(self.most)

    def find(self, asked: Hashable, made_of: object, now: datetime) -> bytes | None:
        """Return the page if it still is what would be made at `now` (aware)."""
        page = self.pages.find(asked)
        return page.body if page is not None and page.stands(made_of, now) else None

    def keep(self, asked: Hashable, page: Kept) -> None:
        """Keep a page in the place of the one before it."""
        self.pages.keep(asked, page)


def kept_pages() -> KeptPages:
    """Return those of this application in this process."""
    return in_process("pages", lambda: KeptPages(state().settings.kept_pages))
