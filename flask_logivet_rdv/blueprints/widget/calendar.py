"""What W1 shows of a wish: the lists, the month and the times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from flask_logivet_rdv.i18n import words
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.services.availability import bookable_slots
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.pages import public_body, repeated
from flask_logivet_rdv.web.reading import offered

from .entry import Visit
from .lists import Lists, lists_of
from .month import Month, by_day, month, times
from .reading import Wish
from .zones import Zones, zone_phrase, zones


@dataclass(frozen=True, slots=True)
class View:
    """What W1 shows of a wish; without a triple, no month. The same `until` then (UTC seconds)."""

    visit: Visit
    wish: Wish
    lists: Lists
    tz: str
    days: Mapping[date, Sequence[Range]]
    month: Month | None
    until: int

    @property
    def another_day(self) -> bool:
        """Tell whether the wish names a day whose times are not those that are shown."""
        return self.month is not None and self.wish.day not in {None, self.month.chosen}

    @property
    def usual(self) -> bool:
        """Tell whether the wish names only what there is: others are endless, and not kept."""
        return (
            self.lists.were_asked(self.wish)
            and not self.another_day
            and self.wish.tz in {None, self.tz}
            and self.wish.month in {None, self.month.start if self.month else None}
        )

    @property
    def zones(self) -> Zones:
        """Return the zones in which the calendar can be read."""
        return zones(self.visit.time_zone)

    def shown(self) -> dict[str, Any]:
        """Return what the page around the calendar shows."""
        visit, own = self.visit, self.zones.own
        return {
            "complete": self.month is not None,
            "gone": bool(self.lists.chosen.dropped) or self.another_day,
            "lists": self.lists,
            "about": self.lists.about,
            "keep": visit.keep | ({} if self.tz == own else {"tz": self.tz}),
        }

    def pick(self, **more: Any) -> Markup:
        """Return the month and the times, nothing where there are none; `more` as the page has."""
        if self.month is None or self.month.first is None:
            return Markup()
        visit, chosen, known = self.visit, self.month.chosen, self.zones
        speech = words(visit.lang)
        body = public_body(
            "widget/pick.html",
            visit.lang,
            **self.shown(),
            **more,
            month=self.month,
            write_days=repeated("widget/day.html", visit.lang, "day"),
            write_times=repeated("widget/time.html", visit.lang, "time"),
            times=times(speech, self.days[chosen], chosen, known, self.tz) if chosen else [],
            first_time=self.days[self.month.first][0].start,
            zones=known,
            tz=self.tz,
            clinic_zone=zone_phrase(speech, known.own),
        )
        return Markup(body)  # noqa: S704


def look(visit: Visit, wish: Wish, now: datetime, lists: Lists | None = None) -> View | None:
    """Return what W1 shows of a wish at `now`; None where nothing is offered.

    `lists` are those of the wish where they are known.
    """
    lists = lists or _lists(visit, wish)
    if lists is None:
        return None
    here, rules = zone(visit.time_zone), state().settings.rules
    free = _free(visit, lists.triple, now)
    days = by_day(free, visit.time_zone)
    shown = None
    if lists.triple:
        last = datetime.fromtimestamp(limits.window(now, here, rules)[1], here).date()
        today = now.astimezone(here).date()
        shown = month(days, today=today, last=last, wanted=wish.month, day=wish.day)
    tz = zones(visit.time_zone).pick(wish.tz)
    until = limits.unchanged_until(free, now, here, rules)
    return View(visit, wish, lists, tz, days, shown, until)


def _lists(visit: Visit, wish: Wish) -> Lists | None:
    offers = offered(visit.account)
    return lists_of(offers, wish, words(visit.lang)) if offers else None


def _free(visit: Visit, triple: Triple | None, now: datetime) -> list[Range]:
    if triple is None:
        return []
    rules = state().settings.rules
    return bookable_slots(state().db, visit.account, triple, now, rules)
