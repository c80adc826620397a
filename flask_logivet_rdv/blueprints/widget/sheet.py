"""The page of W2 around its form: what is being booked, what went wrong, and the times nearby."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Response, request

from flask_logivet_rdv.i18n import language, local, words
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.services.availability import Alternative, alternatives
from flask_logivet_rdv.services.offering import Offer
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.headers import FRAME_ANCESTORS
from flask_logivet_rdv.web.limits import minutes, told_to_wait
from flask_logivet_rdv.web.pages import browsers_language, public_page
from flask_logivet_rdv.web.reading import offered

from .entry import ANYONE, NO_CLINIC, Visit
from .forms import DetailsForm
from .lists import name_of
from .reading import Wish, read_start, written
from .zones import spoken_range, zones


class Alert(StrEnum):
    """Why a form is shown again, beside what is wrong in its fields; the words are the page's."""

    TAKEN = "taken"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    GONE = "gone"
    OFF = "off"
    MANY_AHEAD = "many_ahead"
    MANY_TODAY = "many_today"
    MANY_BY_PHONE = "many_by_phone"
    MANY_HERE = "many_here"
    MANY_FOR_CLINIC = "many_for_clinic"
    QUICK = "quick"
    USED = "used"
    ERROR = "error"


LOST = frozenset({Alert.TAKEN, Alert.TOO_SOON, Alert.TOO_FAR, Alert.GONE})


@dataclass(frozen=True, slots=True)
class Option:
    """A time offered in the place of a lost one.

    `elsewhere` is the same time in another zone, if the owner reads one; `resource` is named
    where it is another.
    """

    value: str
    text: str
    elsewhere: str
    resource: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form and what it is for. `start` is in UTC seconds, None when none was chosen."""

    visit: Visit
    form: DetailsForm
    wish: Wish
    start: int | None

    def wait(self, alert: Alert, seconds: int) -> Response:
        """Return the page of a limit that struck, with all that was typed."""
        return told_to_wait(self.show(429, alert, minutes=minutes(seconds)), seconds)

    def show(self, status: int = 200, alert: Alert | None = None, minutes: int = 0) -> Response:
        """Return the page: its form with all that was typed, and other times where one is lost."""
        offers = offered(self.visit.account)
        lost = alert in LOST or self.start is None
        return self.visit.page(
            "details.html",
            status,
            form=self.form,
            about=self._about(offers),
            alert=alert,
            minutes=minutes,
            hidden=self._hidden(lost),
            summary=None if lost else self._summary(offers),
            lost=self._lost(),
            options=self._options(offers) if lost else [],
            choose_time=lost,
        )

    def _hidden(self, lost: bool) -> dict[str, str]:
        wish = self.wish
        values = {
            "species": wish.species,
            "category": wish.category,
            "resource": wish.resource,
            "day": wish.day,
            "tz": wish.tz,
            "near" if lost else "start": written(self.start) if self.start else None,
        }
        return {name: str(value) for name, value in values.items() if value}

    def _summary(self, offers: Sequence[Offer]) -> dict[str, Any] | None:
        """Return what is being booked, the clinic's time first; None once it is not offered."""
        offer = self._offer(offers)
        if offer is None or self.start is None:
            return None
        speech, visit = words(self.visit.lang), self.visit
        end = self.start + offer.triple.minutes * 60
        known = zones(visit.time_zone)
        tz = known.pick(self.wish.tz)
        elsewhere = spoken_range(speech, self.start, end, tz) if tz != known.own else ""
        return {
            "when": spoken_range(speech, self.start, end, visit.time_zone),
            "elsewhere": elsewhere,
            "minutes": offer.triple.minutes,
            "category": name_of(offer.category, visit.lang),
            "species": name_of(offer.species, visit.lang),
            "resource": name_of(offer.resource, visit.lang),
        }

    def _about(self, offers: Sequence[Offer]) -> dict[str, str]:
        """Return the names of the species and the category, for the clinic's page."""
        offer, lang = self._offer(offers), self.visit.lang
        if offer is None:
            return {}
        return {"species": name_of(offer.species, lang), "category": name_of(offer.category, lang)}

    def _offer(self, offers: Sequence[Offer]) -> Offer | None:
        wanted = (self.wish.species, self.wish.category, self.wish.resource)
        return next((offer for offer in offers if offer.triple[:3] == wanted), None)

    def _lost(self) -> dict[str, str]:
        if self.start is None:
            return {}
        speech, moment = words(self.visit.lang), local(self.start, self.visit.time_zone)
        return {"date": speech.weekday_date(moment.date()), "time": speech.exact_time(moment)}

    def _options(self, offers: Sequence[Offer]) -> list[Option]:
        """Return the nearest free times, of the resource first; none when nothing was chosen."""
        here, wish = state(), self.wish
        if not (wish.species and wish.category and wish.resource):
            return []
        now = here.clock()
        near = _near(self.start, now)
        triple = Triple(wish.species, wish.category, wish.resource, 0)
        nearby = alternatives(
            state().db, self.visit.account, offers, (triple, near), now, here.settings.rules
        )
        return [self._option(found) for found in nearby]

    def _option(self, found: Alternative) -> Option:
        """Return a radio: the clinic's time, then the time where the owner reads it."""
        speech, visit = words(self.visit.lang), self.visit
        known = zones(visit.time_zone)
        tz = known.pick(self.wish.tz)
        own, there = local(found.slot.start, visit.time_zone), local(found.slot.start, tz)
        text = f"{speech.weekday_day(own.date())}, {speech.clock(own)} {speech.twice(own)}"
        instant, other = written(found.slot.start), found.resource_id != self.wish.resource
        return Option(
            value=f"{instant}@{found.resource_id}" if other else instant,
            text=text.rstrip(),
            elsewhere=f"{speech.clock(there)} ({speech.zone_name(tz)})" if tz != known.own else "",
            resource=name_of(found.resource, visit.lang) if other else "",
        )


def _near(start: int | None, now: datetime) -> int:
    """Return the instant around which other times are looked for, in UTC seconds."""
    before = read_start(request.form.get("near"))
    return start or (before[0] if before else int(now.timestamp()))


def failed(visit: Visit | None, form: DetailsForm, status: int) -> Response:
    """Return the form with all that was typed after a fault of our own (500), or no database (503).

    It keeps its token: if the booking was made all the same, sending it again finds it.
    """
    names = ("species", "category", "resource", "day", "tz", "start")
    hidden = {name: request.form[name] for name in names if name in request.form}
    shown = {
        "form": form,
        "alert": Alert.ERROR,
        "hidden": hidden,
        "summary": None,
        "options": [],
        "choose_time": False,
    }
    if visit:
        return visit.page("details.html", status, **shown)
    request.environ[FRAME_ANCESTORS] = ANYONE
    keep = {name: request.values.get(name, "") for name in ("widgetId", "lang")}
    lang = language(keep["lang"], browsers_language())
    return public_page("widget/details.html", lang, status, keep=keep, **NO_CLINIC, **shown)
