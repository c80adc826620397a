"""The weekly hours of a resource: as typed, judged in words, as intervals (S46–S50)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from flask import abort

from flask_logivet_rdv.i18n import current_language, hours, words
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.scheduling.opening import Opening

from .forms import Fields
from .layout import Problem

DAY_MIN = 1_440
_FIELD = re.compile(r"(start|end)-([0-6])-([0-9]{1,3})")
_HOUR = re.compile(r"([0-9]{1,2})(?: ?[h:] ?([0-9]{2})?|([0-9]{2}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """An interval as it is typed, the `n`th of its day from 0."""

    weekday: int
    n: int
    start: str = ""
    end: str = ""

    def field(self, which: str) -> str:
        """Return the name of its ``start`` or ``end`` field, which is its id too."""
        return f"{which}-{self.weekday}-{self.n}"


def minutes(text: str) -> int | None:
    """Return the minute of the day that a text means, 1440 for ``24h00``, None for no hour.

    ``09h00``, ``9h``, ``9:00``, ``0900`` and ``9 h 30`` are all hours (S49).
    """
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        return None
    minute = int(found[2] or found[3] or 0)
    total = int(found[1]) * 60 + minute
    return total if minute < 60 and total <= DAY_MIN else None


def day_name(weekday: int) -> str:
    """Return the name of a weekday (0 = Sunday) in the language being spoken."""
    return words(current_language()).weekday(weekday)


def saved_lines(week: Iterable[Opening]) -> list[Line]:
    """Return the saved hours as lines."""
    return _numbered(Line(o.weekday, 0, hours(o.start_min), hours(o.end_min)) for o in week)


def sent_lines(fields: Fields) -> list[Line]:
    """Return the lines that were sent, in their order; a name that is no line's is a 400."""
    found: dict[tuple[int, int], Line] = {}
    for name, value in fields.items():
        if not name.startswith(("start-", "end-")):
            continue
        parts = _FIELD.fullmatch(name)
        if parts is None:
            abort(400)
        key = int(parts[2]), int(parts[3])
        line = found.get(key, Line(*key))
        text = value.strip()
        found[key] = replace(line, start=text) if parts[1] == "start" else replace(line, end=text)
    return _numbered(found[key] for key in sorted(found))


def with_line(lines: Sequence[Line], subject: str) -> tuple[list[Line], str]:
    """Return the lines once a day's ``+`` is used, and the id of the new line's first field."""
    if subject not in {str(weekday) for weekday in range(7)}:
        abort(400)
    weekday = int(subject)
    added = _numbered([*lines, Line(weekday, 0)])
    return added, [line for line in added if line.weekday == weekday][-1].field("start")


def without_line(lines: Sequence[Line], subject: str) -> tuple[list[Line], str]:
    """Return the lines once a bin is used, and the id of what takes the focus.

    That is the bin of the line before, or the day's ``+`` where there is none.
    """
    gone = [line for line in lines if f"{line.weekday}-{line.n}" == subject]
    if not gone:
        abort(400)
    weekday, n = gone[0].weekday, gone[0].n
    left = _numbered(line for line in lines if line is not gone[0])
    return left, f"bin-{weekday}-{n - 1}" if n else f"add-{weekday}"


def copying(fields: Fields) -> tuple[int, list[int]]:
    """Return the day to copy, and the other days that take its lines; a day that is none: 400."""
    days = {str(weekday): weekday for weekday in range(7)}
    source, *onto = (
        days.get(text, -1) for text in (fields.get("copy-from", ""), *fields.getlist("copy-to"))
    )
    if source < 0 or -1 in onto:
        abort(400)
    return source, sorted(set(onto) - {source})


def with_copies(lines: Iterable[Line], source: int, onto: Sequence[int]) -> list[Line]:
    """Return the lines once those of a day take the place of the ones of other days."""
    kept = [line for line in lines if line.weekday not in onto]
    copied = [line for line in kept if line.weekday == source]
    return _numbered([*kept, *(replace(line, weekday=day) for day in onto for line in copied)])


def judge(lines: Iterable[Line]) -> tuple[list[Opening], list[Problem]]:
    """Return the intervals that lines mean, and what is wrong with them. Empty lines are none."""
    openings: list[tuple[Opening, Line]] = []
    problems: list[Problem] = []
    for line in lines:
        if not line.start and not line.end:
            continue
        wrong = [p for which in ("start", "end") if (p := _hour_problem(line, which))]
        start, end = minutes(line.start), minutes(line.end)
        if not wrong and start is not None and end is not None:
            if start < end:
                openings.append((Opening(line.weekday, start, end), line))
            else:
                wrong.append(_order_problem(line, start, end))
        problems += wrong
    problems += _overlaps(openings)
    problems.sort(key=lambda problem: [int(n) for n in problem.where.split("-")[1:]])
    return [opening for opening, _line in openings], problems


def _hour_problem(line: Line, which: str) -> Problem | None:
    text = line.start if which == "start" else line.end
    minute = minutes(text)
    if not text:
        message = _("{label} is required.", label=field_label(line, which))
    elif minute is None:
        shown = text if len(text) <= 30 else f"{text[:30]}…"
        message = _("“{value}” is not a valid time. Example: 09h00", value=shown)
    elif minute % 5:
        message = _("Times must be multiples of 5 minutes.")
    else:
        return None
    return Problem(line.field(which), message)


def field_label(line: Line, which: str) -> str:
    """Return the name of a field: « Lundi, plage 1, début »."""
    day = day_name(line.weekday).capitalize()
    if which == "start":
        return _("{day}, range {n}, start", day=day, n=line.n + 1)
    return _("{day}, range {n}, end", day=day, n=line.n + 1)


def _order_problem(line: Line, start: int, end: int) -> Problem:
    return Problem(
        line.field("end"),
        _(
            "The {start}–{end} range on {day} must end after it starts.",
            start=hours(start),
            end=hours(end),
            day=day_name(line.weekday),
        ),
    )


def _overlaps(openings: Iterable[tuple[Opening, Line]]) -> list[Problem]:
    """Return one problem for each day whose intervals overlap; touching ones do not (S47)."""
    found: dict[int, Problem] = {}
    ordered = sorted(openings, key=lambda pair: (pair[0].weekday, pair[0].start_min))
    for (one, _line), (other, line) in pairwise(ordered):
        if one.weekday == other.weekday and other.start_min < one.end_min:
            text = _("The ranges on {day} overlap.", day=day_name(one.weekday))
            found.setdefault(one.weekday, Problem(line.field("start"), text))
    return list(found.values())


def _numbered(lines: Iterable[Line]) -> list[Line]:
    """Return lines by weekday, numbered anew within each day, in the order given."""
    numbered: list[Line] = []
    for line in sorted(lines, key=lambda line: line.weekday):
        n = sum(1 for earlier in numbered if earlier.weekday == line.weekday)
        numbered.append(replace(line, n=n))
    return numbered
