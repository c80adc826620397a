"""The packaged gettext domain, the choice of a language, and dates and times as Québec writes them.

The domain is the package's own and is kept apart from the host's Babel, which is neither needed
nor touched: the language of a page or mail is a context variable, set by `speaking`.
"""

import gettext as _gettext
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.dates import (
    format_date,
    format_time,
    get_month_names,
    get_timezone_name,
)
from babel.support import Translations
from babel.units import format_unit
from flask import current_app, has_app_context
from flask_babel import force_locale
from flask_babel.speaklater import LazyString

from flask_logivet_rdv.scheduling.opening import zone

DOMAIN = "logivet_rdv"
_INSIDE = Path(__file__).parent / "translations"
TRANSLATIONS = _INSIDE if _INSIDE.is_dir() else Path(__file__).parent.parent / "translations"
_A_SUMMER = datetime(2021, 7, 1)  # noqa: DTZ001 wall time, when every zone of Canada that had summer time still changed
NBSP = "\N{NO-BREAK SPACE}"
_WRITTEN_NUMBER = re.compile(r"[0-9\s().+\u2010-\u2015-]*")
_BETWEEN = r"[\s().\u2010-\u2015-]*"
_NORTH_AMERICAN = re.compile(
    rf"\s*(?:\+1|(1))?{_BETWEEN}([2-9][0-9]{{2}}){_BETWEEN}([2-9][0-9]{{2}}){_BETWEEN}([0-9]{{4}})(?![0-9])"
)
_FIRST = re.compile(r"\b1\b")
_DATES = {
    "fr": ("EEEE d MMMM y", "EEEE d MMMM", "d MMMM y"),
    "en": ("EEEE, MMMM d, y", "EEEE, MMMM d", "MMMM d, y"),
}
"""With and without the year, then without the weekday; other languages as Babel writes them."""

_language: ContextVar[str] = ContextVar("logivet_rdv_language", default="fr")


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, French first."""
    found = sorted(folder.parent.name for folder in TRANSLATIONS.glob("*/LC_MESSAGES"))
    return tuple(sorted(found, key=lambda name: name != "fr"))


def read_catalogues_from(folder: Path) -> None:
    """Speak by the compiled catalogues of another folder, in a process that has not spoken yet."""
    global TRANSLATIONS
    TRANSLATIONS = folder


def language(wanted: str | None, otherwise: str = "fr") -> str:
    """Return the catalogue for a tag such as ``fr``, ``fr_CA`` or ``en-US``, else `otherwise`."""
    short = (wanted or "").replace("-", "_").split("_")[0].lower()
    return short if short in languages() else otherwise


def current_language() -> str:
    """Return the language being spoken."""
    return _language.get()


@cache
def catalogue(lang: str) -> _gettext.NullTranslations:
    """Return the compiled catalogue of a language; a missing one speaks the English msgids."""
    return Translations.load(TRANSLATIONS, [lang], DOMAIN)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak a language within the block, and have the host's Babel, if any, do the same.

    The host's part serves templates of ours that the host overrides with its own words.
    """
    token = _language.set(lang)
    with ExitStack() as stack:
        if has_app_context() and "babel" in current_app.extensions:
            stack.enter_context(force_locale(region(lang)))
        try:
            yield
        finally:
            _language.reset(token)


def region(lang: str) -> str:
    """Return the Canadian locale of a language: ``fr`` → ``fr_CA``; plain ``fr`` writes 13:30."""
    return {"fr": "fr_CA", "en": "en_CA"}.get(lang, lang)


class Words:
    """The words and formats of one language, bound once for a whole page or mail."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.french = lang == "fr"
        self.locale = Locale.parse(region(lang))
        found = catalogue(lang)
        self._one, self._many, self._in_context = found.gettext, found.ngettext, found.pgettext

    @property
    def tag(self) -> str:
        """Return the language tag for HTML, ``fr-CA``."""
        return region(self.lang).replace("_", "-")

    def tr(self, message: str, /, **values: Any) -> str:
        """Return a message translated, its ``{placeholders}`` filled."""
        text = self._one(message)
        return text.format(**values) if values else text

    def trn(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """Return the singular or plural for `n`, which fills ``{n}``."""
        return self._many(one, many, n).format(n=n, **values)

    def trp(self, context: str, message: str, /, **values: Any) -> str:
        """Return a message translated in a context, for words that mean several things."""
        text = self._in_context(context, message)
        return text.format(**values) if values else text

    def weekday_date(self, day: date) -> str:
        """Return ``mercredi 18 mars 2026`` or ``Wednesday, March 18, 2026``."""
        return self._written(0, day)

    def weekday_day(self, day: date) -> str:
        """Return ``mercredi 18 mars`` or ``Wednesday, March 18``."""
        return self._written(1, day)

    def plain_date(self, day: date) -> str:
        """Return ``25 mars 2026`` or ``March 25, 2026``."""
        return self._written(2, day)

    def _written(self, form: int, day: date) -> str:
        return _written(self, form, date(day.year, day.month, day.day))

    def month(self, day: date) -> str:
        """Return ``mars 2026`` or ``March 2026``."""
        return _month(self, day.year, day.month)

    def month_name(self, day: date) -> str:
        """Return ``mars`` or ``March``."""
        return str(get_month_names("wide", locale=self.locale)[day.month])

    def weekday(self, weekday: int) -> str:
        """Return the name of a weekday, 0 = Sunday."""
        return str(self.locale.days["stand-alone"]["wide"][(weekday + 6) % 7])

    @cached_property
    def week(self) -> tuple[tuple[str, str], ...]:
        """Return the names of the days from Sunday, each with its short one, ``DIM`` or ``SUN``."""
        short = self.locale.days["stand-alone"]["abbreviated"]
        return tuple(
            (self.weekday(n), str(short[(n + 6) % 7]).rstrip(".").upper()) for n in range(7)
        )

    def clock(self, moment: datetime) -> str:
        """Return ``13:30``, as on slot buttons."""
        return f"{moment:%H:%M}"

    def time(self, moment: datetime) -> str:
        """Return ``13 h 30``, ``14 h`` or ``1:30 p.m.``, with no-break spaces."""
        if self.french:
            minutes = f"{NBSP}{moment.minute:02}" if moment.minute else ""
            return f"{moment.hour}{NBSP}h{minutes}"
        if self.lang != "en":
            return format_time(moment, "short", locale=self.locale).replace(" ", NBSP)
        half = "p.m." if moment.hour >= 12 else "a.m."
        return f"{moment.hour % 12 or 12}:{moment.minute:02}{NBSP}{half}"

    def date_and_time(self, moment: datetime) -> str:
        """Return ``18 mars 2026 à 13 h 30`` or ``March 18, 2026 at 1:30 p.m.``."""
        return self.tr("{date} at {time}", date=self.plain_date(moment), time=self.time(moment))

    def duration(self, seconds: float) -> str:
        """Return ``3 minutes``, ``5 heures`` or ``2 jours``: whole ones, of a unit that fits."""
        units = (("day", 86_400), ("hour", 3600), ("minute", 60))
        unit, length = next((u for u in units if seconds >= 2 * u[1]), units[-1])
        count = max(int(seconds // length), 1)
        return format_unit(count, f"duration-{unit}", "long", locale=self.locale).replace(" ", NBSP)

    def minutes(self, count: int) -> str:
        """Return ``30 minutes``, which no line divides; W1 has the manual's own (S73)."""
        return self.trn("{n} minute", "{n} minutes", count).replace(" ", NBSP)

    def language_name(self, lang: str) -> str:
        """Return the name of a language: ``Français``, ``Anglais``, as the manual does (S63)."""
        if lang in {"fr", "en"}:
            return self.tr("French") if lang == "fr" else self.tr("English")
        name = Locale.parse(region(lang)).get_language_name(self.locale) or lang
        return name[:1].upper() + name[1:]

    def zone_name(self, name: str) -> str:
        """Return ``heure de l'Est`` or ``Eastern Time`` for an IANA zone.

        A zone without summer time is named so (``heure normale du Centre``): its generic name is
        that of a neighbour whose clocks differ, or is missing.
        """
        found = zone(name)
        variant: Literal["generic", "standard"] = "generic" if found.dst(_A_SUMMER) else "standard"
        spoken = get_timezone_name(found, "long", zone_variant=variant, locale=self.locale)
        return spoken.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")

    def twice(self, moment: datetime) -> str:
        """Return ``HNE`` or ``EST`` where the wall clock shows this time twice, else nothing."""
        first, second = (moment.replace(fold=fold).utcoffset() for fold in (0, 1))
        if first == second:
            return ""
        return get_timezone_name(moment, width="short", locale=self.locale)

    def exact_time(self, moment: datetime) -> str:
        """Return ``13 h 30``, or ``1 h 30 HNE`` where the wall clock shows this time twice."""
        return f"{self.time(moment)} {self.twice(moment)}".rstrip()

    def phone(self, number: str) -> str:
        """Return a number of North America as it is written here, however it was typed.

        ``514 555-0134`` or ``514-555-0134``, then what followed it, such as « poste 3 ». Any other
        text is returned as it is. No line divides a number, nor a word from a number after it.
        """
        found = _NORTH_AMERICAN.match(number)
        if found is None:
            return _undivided(number)
        one, *parts, line = found.groups()
        gap = NBSP if self.french else "-"
        return f"{gap.join([one] * bool(one) + parts)}-{line}{_undivided(number[found.end() :])}"


@lru_cache(maxsize=4096)
def _written(words: Words, form: int, day: date) -> str:
    """Return a date in one of the forms; French says ``1er``, for the first of a month only.

    A calendar writes the same some sixty days again and again.
    """
    forms = _DATES.get(words.lang, ("full", "full", "long"))
    text = format_date(day, forms[form], words.locale)
    return _FIRST.sub("1er", text, count=1) if words.french and day.day == 1 else text


@lru_cache(maxsize=1024)
def _month(words: Words, year: int, month: int) -> str:
    return format_date(date(year, month, 1), "MMMM y", words.locale)


@cache
def words(lang: str) -> Words:
    """Return the words of a language."""
    return Words(lang)


def gettext(message: str, /, **values: Any) -> str:
    """Return a message in the language being spoken."""
    return words(current_language()).tr(message, **values)


def lazy_gettext(message: str) -> LazyString:
    """Return a message that is translated when it is shown, for labels made at import."""
    return LazyString(gettext, message)


def hours(minute: int) -> str:
    """Return minutes of a day as the manual writes weekly hours: ``09h00`` (S49)."""
    return f"{minute // 60:02}h{minute % 60:02}"


def dial(phone: str | None) -> str:
    """Return what a telephone dials for a number as people write it: no « poste 3 »."""
    number = _WRITTEN_NUMBER.match(phone or "")
    return re.sub(r"[^0-9+]", "", number.group()) if number else ""


def _undivided(text: str) -> str:
    return re.sub(r"(?<=[\w).])\s+(?=\(?\d)", NBSP, text)


def local(instant: int, zone_name: str) -> datetime:
    """Return an instant (UTC seconds) as wall time in a zone."""
    return datetime.fromtimestamp(instant, UTC).astimezone(zone(zone_name))
