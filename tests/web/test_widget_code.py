"""The code that a clinic gives to whoever runs its site (S61, D8, F11)."""

import re
import uuid
from html.parser import HTMLParser

import pytest

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.widget_code import widget_code

WIDGET_ID = uuid.UUID("1dd00257-5176-4619-a9a9-bf645ae39ced")
MANUALS = "https://logivetwidget-qa.cdmv.com"
TITLES = {"fr": "Prendre rendez-vous en ligne", "en": "Book an appointment online"}


def code(lang: str, public_url: str = MANUALS) -> str:
    return widget_code(Settings(public_url=public_url), WIDGET_ID, lang)


def test_it_begins_and_ends_as_the_manual_prints_it():
    address = f"{MANUALS}/services/online-appointment?widgetId={WIDGET_ID}&lang=fr"
    assert code("fr").startswith(f'<iframe src="{address}"')
    assert code("fr").endswith("></iframe>")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_it_has_a_title_a_height_and_no_border(lang: str):
    assert code(lang).removeprefix(code(lang).partition(" title")[0]) == (
        f' title="{TITLES[lang]}" style="width:100%;min-height:720px;border:0"></iframe>'
    )


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_whoever_reads_it_finds_the_whole_address(lang: str):
    """`&lang=` is no entity, for every reader of HTML (F12)."""
    found: list[str | None] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(dict(attrs)["src"])

    Reader().feed(code(lang))
    assert found == [f"{MANUALS}/services/online-appointment?widgetId={WIDGET_ID}&lang={lang}"]


def test_it_is_one_element_without_a_script():
    assert re.findall(r"<\w+", code("fr")) == ["<iframe"]
    assert "\n" not in code("fr")


def test_a_final_slash_of_the_setting_is_not_doubled():
    assert code("fr", f"{MANUALS}/") == code("fr")
