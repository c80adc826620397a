"""The README says what the code does."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flask_logivet_rdv.config import FACES, PREFIX, ConfigError, Settings, read_settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
DEFAULTS = {field.name.upper(): field.default for field in fields(Settings)}
IN_WORDS: dict[str, Any] = {
    "required¹": None,
    "none": None,
    "all four": FACES,
    "`MAIL_DEFAULT_SENDER`": None,
    "4 if threaded, else 0": None,
}
"""Defaults that the table gives in words."""


def table() -> dict[str, str]:
    """Return the rows of the configuration table: each key, without the prefix, and its default."""
    section = README.partition("\n## Configuration\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", section, re.MULTILINE))


REQUIRED = [key for key, default in table().items() if default == "required¹"]


def meant(default: str) -> Any:
    if default in IN_WORDS:
        return IN_WORDS[default]
    text = default.strip("`").strip('"')
    if text.isdecimal():
        return int(text)
    return {"True": True, "False": False}.get(text, text)


def test_the_table_names_each_setting_and_no_other():
    assert sorted(table()) == sorted(DEFAULTS)


@pytest.mark.parametrize("key", sorted(DEFAULTS))
def test_the_table_gives_the_default(key):
    assert meant(table()[key]) == DEFAULTS[key]


@pytest.mark.parametrize("key", sorted(DEFAULTS))
def test_what_the_table_calls_required_is_what_production_requires(key):
    given = {PREFIX + name: "https://www.exemple.ca" for name in REQUIRED if name != key}
    if key in REQUIRED:
        with pytest.raises(ConfigError, match=f"{PREFIX}{key} is required"):
            read_settings(given)
    else:
        assert read_settings(given)
