"""The clinic's accent colour, turned into colours that always have enough contrast (WCAG 2)."""

import re
from dataclasses import dataclass

_Rgb = tuple[int, int, int]

_WHITE: _Rgb = (255, 255, 255)
_BLACK: _Rgb = (0, 0, 0)
_NIGHT: _Rgb = (20, 24, 29)
_TEXT = 4.5
_TEXT_AT_NIGHT = 7.0
_CONTROL = 3.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``, on the `page` that they are made for.

    ``accent`` is the clinic's own. ``strong`` (links, buttons, chosen day) has at least 4.5:1
    on the page, on ``soft`` and under ``on_strong``. ``soft`` is a tinted surface. ``line``
    (borders of controls) has at least 3:1 on the page.
    """

    accent: str
    page: str
    strong: str
    on_strong: str
    soft: str
    line: str


def is_colour(text: object) -> bool:
    """Tell whether a value is a colour written ``#rrggbb``."""
    return isinstance(text, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", text) is not None


def theme(hex_color: str) -> Theme:
    """Return the light theme of a colour written ``#rrggbb``; raise ValueError for another text."""
    accent = _rgb(hex_color)
    return _theme(accent, accent, _WHITE, _BLACK, tint=12, text=_TEXT)


def dark_theme(hex_color: str) -> Theme:
    """Return the dark theme of a colour; a colour that is as dark as the page is lit first.

    Its text has 7:1, or links would be dimmer than what is said around them.
    """
    accent = _rgb(hex_color)
    lit = _moved(accent, _WHITE, (_NIGHT,), _CONTROL)
    return _theme(accent, lit, _NIGHT, _WHITE, tint=18, text=_TEXT_AT_NIGHT)


def _theme(accent: _Rgb, color: _Rgb, page: _Rgb, away: _Rgb, *, tint: int, text: float) -> Theme:
    """Derive a theme: `soft` has `tint` percent of `color`; text goes `away` from the page."""
    soft = _mix(page, color, tint)
    return Theme(
        accent=_hex(accent),
        page=_hex(page),
        strong=_hex(_moved(color, away, (page, soft), text)),
        on_strong=_hex(page),
        soft=_hex(soft),
        line=_hex(_moved(color, away, (page,), _CONTROL)),
    )


def _moved(color: _Rgb, away: _Rgb, grounds: tuple[_Rgb, ...], ratio: float) -> _Rgb:
    """Return the first step from `color` to `away` that reaches `ratio` on every ground."""
    steps = (_mix(color, away, percent) for percent in range(101))
    return next(
        step for step in steps if all(_contrast(step, ground) >= ratio for ground in grounds)
    )


def _rgb(hex_color: str) -> _Rgb:
    if not is_colour(hex_color):
        raise ValueError(f"A colour is written #rrggbb, not {hex_color!r}")
    red, green, blue = bytes.fromhex(hex_color[1:])
    return red, green, blue


def _contrast(one: _Rgb, other: _Rgb) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: _Rgb) -> float:
    red, green, blue = map(_linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _mix(color: _Rgb, target: _Rgb, percent: int) -> _Rgb:
    red, green, blue = (
        round(a + (b - a) * percent / 100) for a, b in zip(color, target, strict=True)
    )
    return red, green, blue


def _hex(color: _Rgb) -> str:
    return f"#{bytes(color).hex()}"
