"""What is wrong with catalogues: a table of rules, each a function from a translation to words."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from . import files
from .extracting import extract, key
from .files import forms

PLACEHOLDER = re.compile(r"\{\w*\}")
MARKUP = re.compile(r"</?\w[^>]*>|&\w+;")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SCHEME = re.compile(r"\b(?:https?|mailto|tel):(?://)?")
UNITS = "h|heures?|minutes?|min|jours?|mois|ans?|semaines?|caractères|Ko|Mo|%|\\$"


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that a catalogue breaks: which, in which language, with which sentence, and how."""

    language: str
    rule: str
    sentence: str
    found: str

    def __str__(self) -> str:
        return f"{self.language}  {self.rule}  « {self.sentence} »: {self.found}"


@dataclass(frozen=True, slots=True)
class Lists:
    """What is kept beside the catalogue of a language.

    `manual` are the manual's own strings, whose typography is the manual's; `foreign` the other
    language's words; `glossary` what to write instead of a word or a turn.
    """

    manual: frozenset[str]
    foreign: frozenset[str]
    glossary: Mapping[str, str]


def check(folder: Path, package: Path) -> Iterator[Problem]:
    """Yield all that is wrong with the catalogues of a folder, for the sources of a package."""
    said = extract(package)
    for language in files.languages(folder):
        catalog = files.read(files.catalogue(folder, language), language)
        yield from _stale(language, catalog, said)
        lists = read_lists(folder, language)
        for message in catalog:
            if message.id:
                yield from check_message(language, message, lists)
        yield from _not_to_the_letter(language, catalog, lists)


def check_message(language: str, message: Message, lists: Lists) -> Iterator[Problem]:
    """Yield what is wrong with one translation, each form of a plural apart."""
    sentence = forms(message.id)[0]
    for rule, broken in ANY_LANGUAGE.items():
        yield from (Problem(language, rule, sentence, found) for found in broken(message, lists))
    for text in forms(message.string):
        if text not in lists.manual:
            for rule, wrong in BY_LANGUAGE.get(language, {}).items():
                yield from (Problem(language, rule, sentence, f) for f in wrong(text, lists))


def read_lists(folder: Path, language: str) -> Lists:
    """Return the lists beside a language's catalogue; one that is missing is empty."""
    beside = folder / language
    manual = _lines(beside / "manual.txt")
    return Lists(frozenset(manual), frozenset(_lines(beside / "foreign.txt")), _glossary(beside))


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def _glossary(beside: Path) -> dict[str, str]:
    path = beside / "glossary.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["avoid"].lower(): row["prefer"] for row in csv.DictReader(file)}


def _stale(language: str, catalog: Catalog, said: Catalog) -> Iterator[Problem]:
    kept = {key(m): m for m in catalog if m.id}
    wanted = {key(m): m for m in said if m.id}
    for one in kept.keys() | wanted.keys():
        sentence = one[0] if isinstance(one[0], str) else one[0][0]
        if one not in kept:
            yield Problem(language, "stale", sentence, "the code says it, the catalogue does not")
        elif one not in wanted:
            yield Problem(language, "stale", sentence, "the code no longer says it")
        elif " ".join(kept[one].auto_comments) != " ".join(wanted[one].auto_comments):
            yield Problem(language, "stale", sentence, "its comment is no longer right")


def _not_to_the_letter(language: str, catalog: Catalog, lists: Lists) -> Iterator[Problem]:
    said = {text for message in catalog if message.id for text in forms(message.string)}
    for text in sorted(lists.manual - said):
        yield Problem(language, "manual", text, "no translation is this, to the letter")


def _unfinished(message: Message, _lists: Lists) -> Iterator[str]:
    if not all(forms(message.string)):
        yield "not translated"
    if message.fuzzy:
        yield "uncertain (fuzzy)"


def _placeholders(message: Message, _lists: Lists) -> Iterator[str]:
    """Let a form for one leave the number out; no form names what the code does not give."""
    wanted = set(PLACEHOLDER.findall(forms(message.id)[-1]))
    translated = forms(message.string)
    for text in filter(None, translated):
        has = set(PLACEHOLDER.findall(text))
        missing = wanted - has if text == translated[-1] else set()
        if has - wanted or missing:
            yield f"« {text} » has {sorted(has)}, the code gives {sorted(wanted)}"


def _markup(message: Message, _lists: Lists) -> Iterator[str]:
    wanted = Counter(MARKUP.findall(forms(message.id)[-1]))
    for text in filter(None, forms(message.string)):
        if Counter(MARKUP.findall(text)) != wanted:
            yield f"the markup of « {text} » is another"


def _spaces(text: str, _lists: Lists) -> Iterator[str]:
    """Québec: a no-break space before a colon, inside guillemets, between number and unit."""
    wrong = {
        r" :": "a no-break space goes before « : »",
        r"[^\s\d:{/]:(?=\s|$)": "a no-break space goes before « : »",
        r"« |«(?=[^\s\u00a0])": "a no-break space goes after «",
        r" »|[^\s\u00a0]»": "a no-break space goes before »",
        rf"(?:\d|\}}) (?:{UNITS})(?!\w)": "a no-break space goes between a number and its unit",
    }
    said = SCHEME.sub("", text)
    for pattern, words in wrong.items():
        if re.search(pattern, said):
            yield f"{words}: « {text} »"


def _marks(text: str, _lists: Lists) -> Iterator[str]:
    if re.search(r"\s[?!;]", text):
        yield f"no space goes before ?, ! or ;: « {text} »"


def _foreign(text: str, lists: Lists) -> Iterator[str]:
    words = {word.lower() for word in WORD.findall(PLACEHOLDER.sub(" ", text))}
    for word in sorted(words & lists.foreign):
        yield f"« {word} » is of the other language: « {text} »"


def _glossed(text: str, lists: Lists) -> Iterator[str]:
    said = PLACEHOLDER.sub(" ", text)
    for avoid, prefer in lists.glossary.items():
        if re.search(rf"(?<!\w){re.escape(avoid)}(?!\w)", said, re.IGNORECASE):
            yield f"« {avoid} »: write « {prefer} »"


ANY_LANGUAGE: Mapping[str, Callable[[Message, Lists], Iterator[str]]] = {
    "unfinished": _unfinished,
    "placeholders": _placeholders,
    "markup": _markup,
}
BY_LANGUAGE: Mapping[str, Mapping[str, Callable[[str, Lists], Iterator[str]]]] = {
    "fr": {"spaces": _spaces, "marks": _marks, "foreign": _foreign, "glossary": _glossed},
    "en": {"foreign": _foreign},
}
