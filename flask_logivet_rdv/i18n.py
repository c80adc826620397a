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
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date, get_month_names, get_timezone_name
from babel.support import Translations
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

_language: ContextVar[str] = ContextVar("logivet_rdv_language", default="fr")


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, French first."""
    found = sorted(folder.parent.name for folder in TRANSLATIONS.glob("*/LC_MESSAGES"))
    return tuple(sorted(found, key=lambda name: name != "fr"))


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
        pattern = "EEEE d MMMM y" if self.french else "EEEE, MMMM d, y"
        return self._ordinal(format_date(day, pattern, self.locale), day)

    def weekday_day(self, day: date) -> str:
        """Return ``mercredi 18 mars`` or ``Wednesday, March 18``."""
        pattern = "EEEE d MMMM" if self.french else "EEEE, MMMM d"
        return self._ordinal(format_date(day, pattern, self.locale), day)

    def plain_date(self, day: date) -> str:
        """Return ``25 mars 2026`` or ``March 25, 2026``."""
        pattern = "d MMMM y" if self.french else "MMMM d, y"
        return self._ordinal(format_date(day, pattern, self.locale), day)

    def _ordinal(self, text: str, day: date) -> str:
        """Say ``1er`` as French does, for the first of a month only."""
        if self.french and day.day == 1:
            return (
                text.replace(" 1 ", " 1er ", 1) if " 1 " in text else text.replace("1 ", "1er ", 1)
            )
        return text

    def month(self, day: date) -> str:
        """Return ``mars 2026`` or ``March 2026``."""
        return format_date(day, "MMMM y", self.locale)

    def month_name(self, day: date) -> str:
        """Return ``mars`` or ``March``."""
        return str(get_month_names("wide", locale=self.locale)[day.month])

    def weekday(self, weekday: int) -> str:
        """Return the name of a weekday, 0 = Sunday."""
        return str(self.locale.days["stand-alone"]["wide"][(weekday + 6) % 7])

    def weekday_short(self, weekday: int) -> str:
        """Return ``DIM`` or ``SUN``, 0 = Sunday."""
        short = str(self.locale.days["stand-alone"]["abbreviated"][(weekday + 6) % 7])
        return short.rstrip(".").upper()

    def clock(self, moment: datetime) -> str:
        """Return ``13:30``, as on slot buttons."""
        return f"{moment:%H:%M}"

    def time(self, moment: datetime) -> str:
        """Return ``13 h 30``, ``14 h`` or ``1:30 p.m.``, with no-break spaces."""
        if self.french:
            minutes = f"{NBSP}{moment.minute:02}" if moment.minute else ""
            return f"{moment.hour}{NBSP}h{minutes}"
        half = "p.m." if moment.hour >= 12 else "a.m."
        return f"{moment.hour % 12 or 12}:{moment.minute:02}{NBSP}{half}"

    def zone_name(self, name: str) -> str:
        """Return ``heure de l'Est`` or ``Eastern Time`` for an IANA zone.

        A zone without summer time is named so (``heure normale du Centre``): its generic name is
        that of a neighbour whose clocks differ, or is missing.
        """
        found = zone(name)
        variant: Literal["generic", "standard"] = "generic" if found.dst(_A_SUMMER) else "standard"
        spoken = get_timezone_name(found, "long", zone_variant=variant, locale=self.locale)
        return spoken.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")

    def phone(self, number: str) -> str:
        """Return an E.164 number as it is written here: ``514 555-0134`` or ``514-555-0134``.

        Anything else is returned as it is.
        """
        if len(number) == 12 and number.startswith("+1") and number[1:].isdecimal():
            gap = NBSP if self.french else "-"
            return f"{number[2:5]}{gap}{number[5:8]}-{number[8:]}"
        return number


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


def local(instant: int, zone_name: str) -> datetime:
    """Return an instant (UTC seconds) as wall time in a zone."""
    return datetime.fromtimestamp(instant, UTC).astimezone(zone(zone_name))
