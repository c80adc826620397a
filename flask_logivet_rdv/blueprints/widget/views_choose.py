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
from flask_logivet_rdv.services.offering import Label, Offer, bookable_offers, bookable_slots
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.tokens import read_draft, sign_draft

from .entry import Visit, enter
from .forms import typed
from .month import by_day, month, times
from .reading import Wish, read_wish
from .zones import zone_phrase, zones


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


def choose() -> Response:
    """Show the lists and, once the three choices are made, the calendar."""
    return choosing(enter(), request.args)


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
    here, wish = state(), read_wish(fields)
    offers = bookable_offers(here.db.session(), visit.id)
    if not offers or not visit.account.subscribed(int(here.clock().timestamp())):
        return visit.closed("off")
    lists = lists_of(offers, wish, words(visit.lang))
    known = zones(visit.time_zone)
    tz = known.pick(wish.tz)
    context: dict[str, Any] = {"gone": bool(lists.chosen.dropped), "month": None}
    if lists.triple:
        context |= _calendar(visit, lists.triple, wish, tz)
        context["gone"] |= wish.day is not None and context["month"].chosen != wish.day
    return visit.page(
        "choose.html",
        422 if no_time else 200,
        lists=lists,
        zones=known,
        tz=tz,
        clinic_zone=zone_phrase(words(visit.lang), known.own),
        keep=visit.keep | ({} if tz == known.own else {"tz": tz}),
        draft=sign_draft(dict(draft)) if draft else "",
        no_time=no_time,
        **context,
    )


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


def _calendar(visit: Visit, triple: Triple, wish: Wish, tz: str) -> dict[str, Any]:
    here, now = state(), state().clock()
    clinic_zone, rules = zone(visit.time_zone), here.settings.rules
    free = bookable_slots(here.db.session(), visit.account, triple, now, rules)
    days = by_day(free, visit.time_zone)
    last = datetime.fromtimestamp(limits.window(now, clinic_zone, rules)[1], clinic_zone).date()
    shown = month(
        days, today=now.astimezone(clinic_zone).date(), last=last, wanted=wish.month, day=wish.day
    )
    speech, chosen = words(visit.lang), shown.chosen
    return {
        "month": shown,
        "times": times(speech, days[chosen], chosen, tz) if chosen else [],
        "first_time": days[shown.first][0].start if shown.first else None,
    }


def _folded(name: str) -> str:
    """Return a name as lists sort it: « Écho » stands with the E."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
