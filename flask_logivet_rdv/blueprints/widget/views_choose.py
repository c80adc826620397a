"""W1: choose the species, the category and the resource, then a day and a time (S68–S81)."""

import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from flask_logivet_rdv.i18n import Words, words
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling.offer import Choices, Triple, choices
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.services.availability import bookable_slots
from flask_logivet_rdv.services.offering import Label, Offer, bookable_offers
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.kept import Kept, kept_pages
from flask_logivet_rdv.web.pages import repeated
from flask_logivet_rdv.web.reading import session_to_read
from flask_logivet_rdv.web.tokens import read_draft, sign_draft

from .entry import Visit, enter
from .forms import typed
from .month import by_day, month, times
from .reading import Wish, read_wish
from .zones import zone_phrase, zones

PAGE = "choose.html"


@dataclass(frozen=True, slots=True)
class Lists:
    """The three lists and what is chosen in them, with names in the language of the page."""

    chosen: Choices
    names: Mapping[uuid.UUID, str]

    @property
    def triple(self) -> Triple | None:
        """Return the bookable combination once all three are chosen."""
        c = self.chosen
        if not (c.chosen_species and c.chosen_category and c.chosen_resource and c.minutes):
            return None
        return Triple(c.chosen_species, c.chosen_category, c.chosen_resource, c.minutes)

    @property
    def keep(self) -> dict[str, str]:
        """Return the choices as parameters."""
        c = self.chosen
        parts = (
            ("species", c.chosen_species),
            ("category", c.chosen_category),
            ("resource", c.chosen_resource),
        )
        return {name: str(chosen) for name, chosen in parts if chosen}

    def were_asked(self, wish: Wish) -> bool:
        """Tell whether a wish names nothing but what is chosen: then it is one of few that are."""
        c = self.chosen
        return (
            wish.species in {None, c.chosen_species}
            and wish.category in {None, c.chosen_category}
            and wish.resource in {None, c.chosen_resource}
        )

    @property
    def about(self) -> dict[str, str]:
        """Return the names of the chosen species and category, for the clinic's page."""
        parts = (("species", self.chosen.chosen_species), ("category", self.chosen.chosen_category))
        return {part: self.names[chosen] for part, chosen in parts if chosen}


def choose() -> Response:
    """Show the lists and, once the three choices are made, the calendar."""
    visit, wish, now = enter(), read_wish(request.args), state().clock()
    pages, asked = kept_pages(), (visit.asked, wish)
    subscribed = visit.account.subscribed(int(now.timestamp()))
    body = pages.find(asked, visit.made_of, now) if subscribed else None
    if body is not None:
        return Response(body)
    shown = _shown(visit, wish, now) if subscribed else None
    if shown is None:
        return visit.closed("off")
    answer = visit.page(PAGE, **shown)
    if shown["usual"]:
        pages.keep(asked, Kept(answer.get_data(), visit.made_of, now, shown["until"]))
    return answer


def choose_again() -> Response:
    """Show the same page to an owner who already typed something: it stays in a signed draft."""
    draft = typed(request.form) or typed(read_draft(request.form.get("draft", "")))
    return choosing(enter(), request.form, draft=draft)


def choosing(
    visit: Visit,
    fields: Mapping[str, str],
    *,
    draft: Mapping[str, str] | None = None,
    no_time: bool = False,
) -> Response:
    """Return W1 for what the fields ask; nothing in them makes it fail.

    `no_time` tells that the owner went on without choosing a time (422).
    """
    now = state().clock()
    subscribed = visit.account.subscribed(int(now.timestamp()))
    shown = _shown(visit, read_wish(fields), now) if subscribed else None
    if shown is None:
        return visit.closed("off")
    signed = sign_draft(dict(draft)) if draft else ""
    return visit.page(PAGE, 422 if no_time else 200, **shown, draft=signed, no_time=no_time)


def _shown(visit: Visit, wish: Wish, now: datetime) -> dict[str, Any] | None:
    """Return what the page shows; None where nothing is offered.

    It would show the same `until` then. It is `usual` where the wish names only what there is:
    others are endless, and their pages not kept.
    """
    offers = bookable_offers(session_to_read(), visit.id)
    if not offers:
        return None
    lists = lists_of(offers, wish, words(visit.lang))
    known = zones(visit.time_zone)
    tz = known.pick(wish.tz)
    calendar = _calendar(visit, lists.triple, wish, tz, now)
    shown = calendar["month"]
    another_day = shown is not None and wish.day is not None and shown.chosen != wish.day
    return calendar | {
        "gone": bool(lists.chosen.dropped) or another_day,
        "usual": lists.were_asked(wish)
        and not another_day
        and wish.tz in {None, tz}
        and wish.month in {None, shown.start if shown else None},
        "lists": lists,
        "about": lists.about,
        "zones": known,
        "tz": tz,
        "clinic_zone": zone_phrase(words(visit.lang), known.own),
        "keep": visit.keep | ({} if tz == known.own else {"tz": tz}),
    }


def lists_of(offers: Sequence[Offer], wish: Wish, speech: Words) -> Lists:
    """Return the three lists for a wish, species and categories in alphabetical order."""
    names: dict[uuid.UUID, str] = {}
    for offer in offers:
        parts = (offer.species, offer.category, offer.resource)
        for public_id, label in zip(offer.triple[:3], parts, strict=True):
            names[public_id] = name_of(label, speech.lang)

    def alphabetical(offer: Offer) -> tuple[str, str]:
        return _folded(names[offer.triple.species]), _folded(names[offer.triple.category])

    triples = [offer.triple for offer in sorted(offers, key=alphabetical)]
    return Lists(choices(triples, wish.species, wish.category, wish.resource), names)


def name_of(label: Label, lang: str) -> str:
    """Return a name in a language, or in the other one where it is missing."""
    return label.get(lang) or next((name for name in label.values() if name), "")


def _calendar(
    visit: Visit, triple: Triple | None, wish: Wish, tz: str, now: datetime
) -> dict[str, Any]:
    """Return the month and the times of a triple; without one, none."""
    clinic_zone, rules = zone(visit.time_zone), state().settings.rules
    if triple is None:
        return {"month": None, "until": limits.unchanged_until([], now, clinic_zone, rules)}
    free = bookable_slots(session_to_read(), visit.account, triple, now, rules)
    days = by_day(free, visit.time_zone)
    last = datetime.fromtimestamp(limits.window(now, clinic_zone, rules)[1], clinic_zone).date()
    shown = month(
        days, today=now.astimezone(clinic_zone).date(), last=last, wanted=wish.month, day=wish.day
    )
    speech, chosen, known = words(visit.lang), shown.chosen, zones(visit.time_zone)
    return {
        "month": shown,
        "write_days": repeated("widget/day.html", visit.lang, "day"),
        "write_times": repeated("widget/time.html", visit.lang, "time"),
        "times": times(speech, days[chosen], chosen, known, tz) if chosen else [],
        "first_time": days[shown.first][0].start if shown.first else None,
        "until": limits.unchanged_until(free, now, clinic_zone, rules),
    }


def _folded(name: str) -> str:
    """Return a name as lists sort it: « Écho » stands with the E."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
