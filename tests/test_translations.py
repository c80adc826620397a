"""The catalogues hold what the code says, translated, with the same placeholders."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "tr": None,
    "trn": (1, 2),
    "trp": ((1, "c"), 2),
}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
PLACEHOLDER = re.compile(r"\{\w*\}")


@pytest.fixture(scope="module")
def said():
    found = extract_from_dir(
        ROOT / "flask_logivet_rdv", METHODS, keywords=KEYWORDS, comment_tags=()
    )
    return {(context, message) for _, _, message, _, context in found}


def catalogue(language: str) -> Catalog:
    with (ROOT / f"translations/{language}/LC_MESSAGES/logivet_rdv.po").open("rb") as file:
        return read_po(file, locale=language)


def entries(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_sentence_of_the_code_is_in_the_catalogue_and_no_other(said, language):
    kept = {(m.context, m.id if isinstance(m.id, str) else tuple(m.id)) for m in entries(language)}
    assert kept == said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everything_is_translated_and_nothing_is_uncertain(language):
    unfinished = [m.id for m in entries(language) if not all(texts(m.string)) or m.fuzzy]
    assert unfinished == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_placeholders_are_those_of_the_sentence(language):
    for message in entries(language):
        wanted = set(PLACEHOLDER.findall(texts(message.id)[-1]))
        for text in texts(message.string):
            assert set(PLACEHOLDER.findall(text)) <= wanted, text
        assert set(PLACEHOLDER.findall(texts(message.string)[-1])) == wanted


MANUALS_OWN = ("Pour une annulation", "Note importante", "IMPORTANT")
"""How the manual's strings begin that it prints with an ordinary space: kept to the letter."""


def test_french_typography_is_quebecs():
    for message in entries("fr"):
        for text in texts(message.string):
            assert not re.search(r"\s[!?;]", text), text
            assert "« " not in text, text
            assert " »" not in text, text
            assert " :" not in text or text.startswith(MANUALS_OWN), text
