"""A third language is a folder: nothing is said in another, and no page is too wide."""

import dataclasses
import re

import pytest
from babel import Locale
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from flask_logivet_rdv.i18n import Words
from flask_logivet_rdv.preview import sample
from flask_logivet_rdv.scheduling.opening import canadian_zones
from flask_logivet_rdv.services.keys import SCOPES
from tests.browser.checks import PHONE, WIDTHS
from tests.browser.conftest import ARGUMENTS, CHROMIUM, NONE
from tests.preview.pseudo import LANG
from tests.support.languages import SPOKEN

PLAIN = re.compile(r"(?<![^\W_])[A-Za-z]{2,}(?![^\W_])")
"""A word without an accent: all that goes by the catalogue has some in each word."""
NO_WORDS = re.compile(
    r"\S*(?:://|@|www\.|\.ca\b|\.com\b|rdv_)\S*|\{\w+\}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
)
"""Addresses, keys, ids, and what is in braces for whoever writes a text of their own."""
PRODUCTS = "LogiVet Google Outlook Web widgetId"
TYPED = "pas un domaine, midi, ab"
"""What the scenes type into fields, and is said again."""


def plain_words(text):
    return set(PLAIN.findall(NO_WORDS.sub(" ", text)))


def said(path):
    """Return what a page says, to see or to hear, but for the code and texts in other languages."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for tag in page.select(f"style, script, textarea[readonly]:not(#sample-{LANG})"):
        tag.decompose()
    spoken = [str(tag[name]) for name in SPOKEN for tag in page.select(f"[{name}]")]
    return " ".join([page.get_text(" "), *spoken])


def sample_words():
    facts = dataclasses.astuple(sample.clinic_facts(LANG))
    people = (sample.STAFF, sample.COLLEAGUE, sample.SUPPORT, sample.CANCEL_REASON)
    return plain_words(str([sample.CATALOGUE, *sample.OWNER.values(), *facts, *people]))


def babels_words():
    """Return the words that dates, durations and time zones are made of."""
    locale, words = Locale.parse(LANG), Words(LANG)
    names = [*locale.months["format"]["wide"].values(), "de"]
    for width in ("wide", "abbreviated"):
        names += locale.days["stand-alone"][width].values()
    zones = [text for zone in canadian_zones() for text in (words.zone_name(zone), zone)]
    spans = [words.duration(n * unit) for n in (1, 2) for unit in (60, 3600, 86_400)]
    found = plain_words(" ".join([*names, *zones, *spans]))
    return found | {name.capitalize() for name in found} | {name.upper() for name in found}


def test_no_sentence_of_another_language_is_left(pages):
    known = sample_words() | babels_words() | plain_words(f"{PRODUCTS} {TYPED} {SCOPES}")
    found = {name: plain_words(said(path)) - known for name, path in pages.items()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.xdist_group("browser")
@pytest.mark.skipif(CHROMIUM is None, reason=NONE.kwargs["reason"])
def test_no_page_is_wider_than_a_telephone(pages):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": PHONE, "height": WIDTHS[PHONE]})
        too_wide = []
        for name, path in pages.items():
            page.goto(path.as_uri())
            if page.evaluate("document.documentElement.scrollWidth") > PHONE:
                too_wide.append(name)
        browser.close()
    assert too_wide == []
