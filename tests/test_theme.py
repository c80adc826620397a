import re
from itertools import product

import pytest

from flask_logivet_rdv.theme import dark_theme, theme
from flask_logivet_rdv.web import pages


def luminance(color: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    total = 0.0
    for weight, place in ((0.2126, 1), (0.7152, 3), (0.0722, 5)):
        value = int(color[place : place + 2], 16) / 255
        total += weight * (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return total


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


COLOURS = [f"#{r * 2}{g * 2}{b * 2}" for r, g, b in product("0123456789abcdef", repeat=3)]
LIGHT, DARK = (theme, 4.5, "#1b1f24", "#525b66"), (dark_theme, 7, "#eef1f4", "#b3bcc6")


@pytest.mark.parametrize(("derive", "text", "ink", "muted"), [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_gives_a_theme_with_enough_contrast(
    derive, text: float, ink: str, muted: str
) -> None:
    for color in COLOURS:
        found = derive(color)
        assert contrast(found.strong, found.page) >= text, color
        assert contrast(found.strong, found.soft) >= text, color
        assert contrast(found.on_strong, found.strong) >= text, color
        assert contrast(ink, found.soft) >= 7, color
        assert contrast(muted, found.soft) >= 4.5, color
        assert contrast(found.line, found.page) >= 3, color


@pytest.mark.parametrize(
    ("color", "strong"),
    [("#ffd400", "#877000"), ("#FFFFFF", "#757575"), ("#000000", "#000000")],
)
def test_a_colour_is_darkened_only_as_much_as_needed(color: str, strong: str) -> None:
    assert theme(color).strong == strong


@pytest.mark.parametrize(
    ("color", "strong"), [("#ffd400", "#ffd400"), ("#0b6e8f", "#87b8c8"), ("#000000", "#b1b1b1")]
)
def test_on_a_dark_page_a_colour_is_lightened_only_as_much_as_needed(
    color: str, strong: str
) -> None:
    assert dark_theme(color).strong == strong


@pytest.mark.parametrize("derive", [theme, dark_theme])
def test_the_accent_is_the_colour_itself(derive) -> None:
    assert derive("#0A66C2").accent == "#0a66c2"


@pytest.mark.parametrize(
    "color",
    [
        "",
        "#fff",
        "0a66c2",
        "#0a66c2ff",
        "#0a66cg",
        "#0a66c2\n",
        " #0a66c2",
        "red",
        "#０a66c2",
        "#000000;}body{display:none",
    ],
)
def test_a_bad_colour_is_a_value_error(color: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        theme(color)


SHEET = (pages.STATIC / "widget.css").read_text(encoding="utf-8")
DEFAULTS = re.findall(r":root(?:\[data-theme=(\w+)\])? \{(.*?)\}", SHEET, re.DOTALL)
TEXTS = [
    *(("ink", ground) for ground in ("bg", "soft", "err-soft", "ok-soft")),
    *(("muted", ground) for ground in ("bg", "soft", "ok-soft")),
    *(("strong", ground) for ground in ("bg", "soft", "ok-soft")),
    ("on-strong", "strong"),
    *(("err", ground) for ground in ("bg", "err-soft")),
    ("bg", "err"),
]
BORDERS = [("line", "bg"), ("err", "bg"), ("ok", "bg")]


@pytest.mark.parametrize(("name", "rules"), DEFAULTS, ids=lambda given: given[:5] or "light")
def test_the_sheets_own_colours_have_enough_contrast(name: str, rules: str) -> None:
    tokens = dict(re.findall(r"--rdv-([\w-]+): (#\w+)", rules))
    tokens = {
        k: v if len(v) == 7 else "#" + "".join(c * 2 for c in v[1:]) for k, v in tokens.items()
    }
    for pairs, ratio in ((TEXTS, 4.5), (BORDERS, 3)):
        for front, ground in pairs:
            assert contrast(tokens[front], tokens[ground]) >= ratio, (front, ground)


def test_the_sheet_has_a_light_theme_a_dark_one_and_the_browsers_choice() -> None:
    assert [name for name, _ in DEFAULTS] == ["", "dark", "auto"]
    assert DEFAULTS[1][1].split() == DEFAULTS[2][1].split()
