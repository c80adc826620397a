"""W1 around its calendar: only a change of the clinic's settings changes it, so it is kept."""

import secrets
from collections.abc import Hashable
from dataclasses import dataclass

from markupsafe import Markup

from flask_logivet_rdv.web.kept import kept_pages

from .calendar import View
from .entry import Visit
from .lists import Lists
from .reading import Wish

PAGE = "choose.html"
MARK = Markup(f"<!--{secrets.token_hex(8)}-->")  # noqa: S704
"""Stands for the calendar while the page around it is made: nobody else can have written it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The two parts of a page, the lists in it, and what they were made of."""

    made_of: object
    lists: Lists
    before: str
    after: str


def kept_frame(visit: Visit, wish: Wish) -> Frame | None:
    """Return the frame that a usual wish was shown in before, if it would be made the same."""
    frame: Frame | None = kept_pages().frames.find(_asked(visit, wish))
    return frame if frame is not None and frame.made_of == visit.set_up else None


def framed(view: View, frame: Frame | None) -> str:
    """Return the page of a usual wish, in its frame or in another, which is then kept."""
    visit, pick = view.visit, view.pick()
    if not pick:
        return visit.body(PAGE, **view.shown(), pick=pick)
    if frame is None:
        parts = visit.body(PAGE, **view.shown(), pick=MARK).split(MARK)
        if len(parts) != 2:  # a host's own template shows it twice, or not
            return visit.body(PAGE, **view.shown(), pick=pick)
        frame = Frame(visit.set_up, view.lists, *parts)
        kept_pages().frames.keep(_asked(visit, view.wish), frame)
    return f"{frame.before}{pick}{frame.after}"


def _asked(visit: Visit, wish: Wish) -> Hashable:
    return visit.asked, wish.species, wish.category, wish.resource, wish.tz
