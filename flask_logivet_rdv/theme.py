"""The clinic's accent colour, turned into colours that always have enough contrast (WCAG 2)."""

import re
from dataclasses import dataclass

_Rgb = tuple[int, int, int]

_WHITE: _Rgb = (255, 255, 255)
_BLACK: _Rgb = (0, 0, 0)
_TEXT = 4.5
_CONTROL = 3.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``.

    ``accent`` is the clinic's own. ``strong`` (links, buttons, chosen day) has at least 4.5:1
    on white, on ``soft`` and under ``on_strong``. ``soft`` is a tinted surface. ``line``
    (borders of controls) has at least 3:1 on white.
    """

    accent: str
    strong: str
    on_strong: str
    soft: str
    line: str


def theme(hex_color: str) -> Theme:
    """Return the theme of a colour written ``#rrggbb``; raise ValueError for anything else."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", hex_color):
        raise ValueError(f"A colour is written #rrggbb, not {hex_color!r}")
    red, green, blue = bytes.fromhex(hex_color[1:])
    accent = (red, green, blue)
    soft = _mix(accent, _WHITE, 88)
    return Theme(
        accent=_hex(accent),
        strong=_hex(_darken(accent, soft, _TEXT)),
        on_strong=_hex(_WHITE),
        soft=_hex(soft),
        line=_hex(_darken(accent, _WHITE, _CONTROL)),
    )


def _darken(color: _Rgb, background: _Rgb, ratio: float) -> _Rgb:
    """Return the lightest step from ``color`` to black that reaches ``ratio``."""
    steps = (_mix(color, _BLACK, percent) for percent in range(101))
    return next(step for step in steps if _contrast(step, background) >= ratio)


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
