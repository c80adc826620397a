"""The page of W2 around its form: what is being booked, what went wrong, and the times nearby."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Response, request

from flask_logivet_rdv.i18n import language, local, words
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.services.accounts import account_row
from flask_logivet_rdv.services.offering import Alternative, Offer, alternatives, bookable_offers
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.headers import FRAME_ANCESTORS
from flask_logivet_rdv.web.pages import browsers_language, public_page

from .entry import ANYONE, NO_CLINIC, Visit
from .forms import DetailsForm
from .reading import Wish, read_start, written
from .views_choose import name_of
from .zones import abbreviation, spoken_range, zones


class Alert(StrEnum):
    """Why a form is shown again, beside what is wrong in its fields; the words are the page's."""

    TAKEN = "taken"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    GONE = "gone"
    OFF = "off"
    TOO_MANY = "too_many"
    USED = "used"
    SLOW = "slow"
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

    def show(self, status: int = 200, alert: Alert | None = None) -> Response:
        """Return the page: its form with all that was typed, and other times where one is lost."""
        offers = bookable_offers(state().db.session(), self.visit.id)
        lost = alert in LOST or self.start is None
        return self.visit.page(
            "details.html",
            status,
            form=self.form,
            alert=alert,
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

    def _summary(self, offers: list[Offer]) -> dict[str, Any] | None:
        """Return what is being booked, the clinic's time first; None once it is not offered."""
        wanted = (self.wish.species, self.wish.category, self.wish.resource)
        offer = next((offer for offer in offers if offer.triple[:3] == wanted), None)
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

    def _lost(self) -> dict[str, str]:
        if self.start is None:
            return {}
        speech, moment = words(self.visit.lang), local(self.start, self.visit.time_zone)
        time = f"{speech.time(moment)} {abbreviation(speech, moment)}".rstrip()
        return {"date": speech.weekday_date(moment.date()), "time": time}

    def _options(self, offers: list[Offer]) -> list[Option]:
        """Return the nearest free times, of the resource first; none when nothing was chosen."""
        here, wish = state(), self.wish
        account = account_row(here.db.session(), self.visit.id)
        if account is None or not (wish.species and wish.category and wish.resource):
            return []
        now = here.clock()
        near = _near(self.start, now)
        triple = Triple(wish.species, wish.category, wish.resource, 0)
        nearby = alternatives(
            here.db.session(), account, offers, (triple, near), now, here.settings.rules
        )
        return [self._option(found) for found in nearby]

    def _option(self, found: Alternative) -> Option:
        """Return a radio: the clinic's time, then the time where the owner reads it."""
        speech, visit = words(self.visit.lang), self.visit
        known = zones(visit.time_zone)
        tz = known.pick(self.wish.tz)
        own, there = local(found.slot.start, visit.time_zone), local(found.slot.start, tz)
        text = f"{speech.weekday_day(own.date())}, {speech.clock(own)} {abbreviation(speech, own)}"
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


def failed(visit: Visit | None, form: DetailsForm) -> Response:
    """Return the form with all that was typed when the database did not answer (503).

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
        return visit.page("details.html", 503, **shown)
    request.environ[FRAME_ANCESTORS] = ANYONE
    keep = {name: request.values.get(name, "") for name in ("widgetId", "lang")}
    lang = language(keep["lang"], browsers_language())
    return public_page("widget/details.html", lang, 503, keep=keep, **NO_CLINIC, **shown)
