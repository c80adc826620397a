from itertools import product

import pytest

from flask_logivet_rdv.theme import theme


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


def test_every_colour_gives_a_theme_with_enough_contrast() -> None:
    for red, green, blue in product("0123456789abcdef", repeat=3):
        colors = theme(f"#{red * 2}{green * 2}{blue * 2}")
        assert contrast(colors.strong, "#ffffff") >= 4.5
        assert contrast(colors.strong, colors.soft) >= 4.5
        assert contrast(colors.on_strong, colors.strong) >= 4.5
        assert contrast("#1b1f24", colors.soft) >= 7
        assert contrast(colors.line, "#ffffff") >= 3


@pytest.mark.parametrize(
    ("color", "strong"),
    [("#ffd400", "#877000"), ("#FFFFFF", "#757575"), ("#000000", "#000000")],
)
def test_a_colour_is_darkened_only_as_much_as_needed(color: str, strong: str) -> None:
    assert theme(color).strong == strong


def test_the_accent_is_the_colour_itself() -> None:
    assert theme("#0A66C2").accent == "#0a66c2"


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
