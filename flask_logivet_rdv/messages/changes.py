"""A change of settings in words, for the history of a page, the operator, and who is overtaken."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_logivet_rdv import domains
from flask_logivet_rdv.i18n import current_language, hours, local, words
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.services.history import Change, Names

from .mail_words import kind_words

ARROW = "→"


def lines(change: Change, names: Names, zone_name: str) -> list[str]:
    """Return what a change did, a line for each row, in the language being spoken.

    `names` are those of `history.names`; a row that has none is called by its id. Days are those
    of the clinic's zone.
    """
    kind = change.subject.rpartition(":")[2]
    if kind == "bounds":
        return _bounds(change, zone_name)
    return _KINDS[kind](change, names) if kind in _KINDS else []


def title(subject: str, names: Names) -> str:
    """Return the name of what was changed: « Ressource – Dr John Dolittle, disponibilités »."""
    owner, _colon, rest = subject.partition(":")
    if owner == "resource":
        row_id, _colon, part = rest.partition(":")
        return f"{_('Resource – {name}', name=_name(row_id, names))}, {_part(part)}"
    return _part(subject)


def _part(kind: str) -> str:
    return {
        "categories": _("categories"),
        "species": _("species"),
        "openings": _("online availability"),
        "enabled": _("activation"),
        "domains": _("domains"),
        "subscription": _("subscription"),
        "subscription:bounds": _("subscription"),
        "keys": _("keys of LogiVet"),
        "mails": _("emails"),
        "personal": _("personal information"),
        "epoch": _("full resynchronization"),
        "incident:address": _("incident"),
        "incident:refused": _("incident"),
    }.get(kind, kind)


def _rows(change: Change, names: Names, said: Callable[[Any], str]) -> list[str]:
    """Return « Examen : hors ligne → en ligne, 30 minutes » for each row, by name."""
    before, after = _mapping(change.before), _mapping(change.after)
    found = sorted(
        (_name(key, names), f"{said(before.get(key))} {ARROW} {said(after.get(key))}")
        for key in before.keys() | after.keys()
    )
    return [_("{name}: {change}", name=name, change=change) for name, change in found]


def _categories(change: Change, names: Names) -> list[str]:
    if change.subject == "categories":
        return _rows(change, names, _duration)
    return _species(change, names)


def _duration(value: Any) -> str:
    online, minutes = value or (False, None)
    if not online:
        return _("offline")
    return _("online, {n} minutes", n=minutes) if minutes else _("online")


def _species(change: Change, names: Names) -> list[str]:
    def said(value: Any) -> str:
        online, chosen = (value or [False])[0], (value or [False])[1:]
        if not online:
            return _("offline")
        called = sorted(_name(key, names) for keys in chosen for key in keys)
        return _("online ({categories})", categories=", ".join(called)) if called else _("online")

    return _rows(change, names, said)


def _openings(change: Change, _names: Names) -> list[str]:
    return _more_and_less(change, lambda range_: _range(*range_))


def _range(weekday: int, start: int, end: int) -> str:
    day = words(current_language()).weekday(weekday)
    return f"{day} {hours(start)}–{hours(end)}"


def _domains(change: Change, _names: Names) -> list[str]:
    return _more_and_less(change, domains.display)


def _more_and_less(change: Change, said: Callable[[Any], str]) -> list[str]:
    """Return what was added and what was removed, in the order they were kept in."""
    before, after = change.before or [], change.after or []
    removed = (_("Removed: {what}", what=said(one)) for one in before if one not in after)
    added = (_("Added: {what}", what=said(one)) for one in after if one not in before)
    return [*removed, *added]


def _enabled(change: Change, _names: Names) -> list[str]:
    trp = words(current_language()).trp
    told = {True: trp("resource", "Enabled"), False: trp("resource", "Disabled")}
    return [_turned(change, told)]


def _subscription(change: Change, _names: Names) -> list[str]:
    return [_turned(change, {True: _("Subscription active"), False: _("Subscription inactive")})]


def _turned(change: Change, told: Mapping[bool, str]) -> str:
    return f"{told[bool(change.before)]} {ARROW} {told[bool(change.after)]}"


def _bounds(change: Change, zone_name: str) -> list[str]:
    """Return the first and the last day of a subscription that changed."""
    say = words(current_language())

    def day(instant: int | None) -> str:
        return (
            say.trp("day", "none")
            if instant is None
            else say.plain_date(local(instant, zone_name).date())
        )

    starts, ends = zip(change.before, change.after, strict=True)
    # the last day is the one that ends with it
    last = tuple(None if instant is None else instant - 1 for instant in ends)
    found = ((_("First day"), starts), (_("Last day"), last))
    told = {name: f" {ARROW} ".join(map(day, both)) for name, both in found if both[0] != both[1]}
    return [_("{name}: {change}", name=name, change=change) for name, change in told.items()]


def _keys(change: Change, _names: Names) -> list[str]:
    done = {
        "created": _("Key created: {what}"),
        "revoked": _("Key revoked: {what}"),
    }
    return [done[verb].format(what=key_id) for verb, key_id in _items(change.after, done)]


def _mails(change: Change, _names: Names) -> list[str]:
    done = {"retried": _("Sent again: {what}")}
    return [done[verb].format(what=kind_words(kind)) for verb, kind in _items(change.after, done)]


def _personal(change: Change, _names: Names) -> list[str]:
    say = words(current_language())
    done: Mapping[str, Callable[[int], str]] = {
        "given": lambda n: say.trn(
            "Shown or given: {n} appointment", "Shown or given: {n} appointments", n
        ),
        "erased": lambda n: say.trn("Erased: {n} appointment", "Erased: {n} appointments", n),
    }
    return [done[verb](count) for verb, count in _items(change.after, done)]


def _address(change: Change, _names: Names) -> list[str]:
    before, after = _mapping(change.before), _mapping(change.after)
    return [
        _("Key used from a new address: {what}", what=after.get("key")),
        f"{before.get('address')} {ARROW} {after.get('address')}",
    ]


def _refused(change: Change, _names: Names) -> list[str]:
    told = _mapping(change.after)
    key = [_("Key: {what}", what=told["key"])] if "key" in told else []
    many = words(current_language()).trn(
        "More than {n} request refused: what it asked for is not this clinic's",
        "More than {n} requests refused: what they asked for is not this clinic's",
        told["more_than"],
    )
    return [*key, many]


def _epoch(change: Change, _names: Names) -> list[str]:
    return [_("LogiVet reads and sends everything again.")]


def _items(value: Any, known: Iterable[str]) -> list[tuple[str, Any]]:
    return [(key, found) for key, found in _mapping(value).items() if key in known]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(row_id: str, names: Names) -> str:
    fr, en = names.get(row_id, (row_id, row_id))
    return (fr or en) if current_language() == "fr" else (en or fr)


_KINDS: Mapping[str, Callable[[Change, Names], list[str]]] = {
    "categories": _categories,
    "species": _species,
    "openings": _openings,
    "domains": _domains,
    "enabled": _enabled,
    "subscription": _subscription,
    "keys": _keys,
    "mails": _mails,
    "personal": _personal,
    "epoch": _epoch,
    "address": _address,
    "refused": _refused,
}
