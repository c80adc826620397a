"""The HTML of every public page and state: what the Nu checker says of it, and its language."""

import re
from collections.abc import Mapping

import pytest
from bs4 import BeautifulSoup

from tests.browser.nu import NEEDS_JAVA, checked
from tests.browser.people import LONG
from tests.browser.public_scenes import LANGS, SCENES, Theatre

pytestmark = pytest.mark.xdist_group("public pages")

EVERY = pytest.mark.parametrize("lang", LANGS)
OF_EACH = pytest.mark.parametrize("name", [scene.name for scene in SCENES])
# Small words that no sentence does without, and that the other language does not have.
SMALL_WORDS = {
    "fr": {"le", "la", "les", "du", "des", "de", "une", "est", "et", "pour", "votre", "vous", "ce"}
    | {"cette", "avec", "dans", "à", "au", "en", "il", "sur", "ou", "plus", "pas"},
    "en": {"the", "this", "is", "are", "and", "your", "you", "of", "to", "with", "for", "an", "at"}
    | {"be", "not", "from", "there", "or", "has", "it", "our", "online", "been"},
}
SPOKEN = ("aria-label", "title", "alt", "placeholder", "abbr", "data-say")
# What clinics and owners wrote: it is in one language on all pages.
DATA = re.compile(rf"{LONG}|1250, rue Fleury Est, Montréal|\S+@\S+")


@pytest.fixture(scope="module")
def errors(theatre: Theatre, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What the checker calls an error, by the name of the page."""
    folder = tmp_path_factory.mktemp("pages")
    for (name, lang), answer in theatre.answers.items():
        (folder / f"{name}-{lang}.html").write_bytes(answer.data)
    return checked(folder)


@NEEDS_JAVA
@EVERY
@OF_EACH
def test_the_checker_finds_no_error(errors, name: str, lang: str) -> None:
    assert errors[f"{name}-{lang}.html"] == []


@EVERY
@OF_EACH
def test_a_page_speaks_one_language(theatre: Theatre, name: str, lang: str) -> None:
    page = theatre.answers[name, lang].text
    (other,) = {*LANGS} - {lang}
    assert small_words(page, lang)
    assert small_words(page, other) == set()


@EVERY
@OF_EACH
def test_a_page_says_which_language_it_speaks(theatre: Theatre, name: str, lang: str) -> None:
    page = BeautifulSoup(theatre.answers[name, lang].text, "html.parser")
    assert page.html["lang"] == f"{lang}-CA"


def small_words(page: str, lang: str) -> set[str]:
    """Return the small words of a language that a page says, to the eye or to the ear."""
    soup = BeautifulSoup(page, "html.parser")
    heard = [str(tag[name]) for name in SPOKEN for tag in soup.select(f"[{name}]")]
    said = DATA.sub(" ", " ".join([soup.get_text(" "), *heard]))
    return SMALL_WORDS[lang] & set(re.findall(r"[^\W\d_]+", said.lower()))
