"""The README says what the code does."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flask_logivet_rdv import mail_messages, mail_placeholders
from flask_logivet_rdv.cli.running import TIDIED
from flask_logivet_rdv.config import FACES, PREFIX, ConfigError, Settings, read_settings
from flask_logivet_rdv.models import Base, CancelLink
from flask_logivet_rdv.services import events, replies, snapshot_commit, snapshots, upkeep
from flask_logivet_rdv.services.blanking import BLANK

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


def placeholders() -> dict[str, tuple[str, set[str]]]:
    """Return the rows of the table of placeholders: what each gives, and in which messages."""
    section = README.partition("\n## Mails in a clinic's own words\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `\{(\w+)\}` \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    every = set(mail_messages("en"))
    return {
        name: (gives, every if where == "all" else set(re.findall(r"`(\w+)`", where)))
        for name, gives, where in rows
    }


def test_the_table_of_placeholders_gives_each_with_its_messages_and_no_other():
    told: dict[str, tuple[str, set[str]]] = {}
    for message in mail_messages("en"):
        for name, gives in mail_placeholders(message, "en").items():
            told.setdefault(name, (gives, set()))[1].add(message)
    assert placeholders() == told


def test_each_message_is_named():
    section = README.partition("\n## Mails in a clinic's own words\n")[2]
    introduction = section.partition("```")[0]
    assert all(f"`{message}`" in introduction for message in mail_messages("en"))


AGES = {
    "events": [events.KEPT_S],
    "replies": [replies.KEPT_S],
    "snapshots": [snapshots.EXPIRES_S, snapshot_commit.ANSWERS_FOR_S],
    "busy": [upkeep.BUSY_KEPT_S],
    "tombstones": [upkeep.TOMBSTONES_KEPT_S],
    "mails": [upkeep.MAILS_KEPT_S],
    "keys": [upkeep.KEYS_KEPT_S],
    "bookings": [],  # a setting's, which its own table gives
}
UNITS = {"hour": 3600, "day": 86_400}


def ages() -> dict[str, str]:
    """Return the rows of the table of what `flask rdv tidy` lets go of, by what it prints."""
    section = README.partition("- **Upkeep.**")[2].partition("\n- **")[0]
    return dict(re.findall(r"^  \| `([a-z ]+)` \| [^|]+ \| ([^|]+) \|$", section, re.MULTILINE))


def test_the_table_of_upkeep_names_each_kind_and_no_other():
    fields = upkeep.Tidied._fields
    assert sorted(ages()) == sorted(TIDIED.get(kind, kind) for kind in fields)
    assert set(AGES) == set(fields)


@pytest.mark.parametrize("kind", sorted(AGES))
def test_the_table_of_upkeep_gives_each_age(kind):
    told = re.findall(r"(\d+) (hour|day)s?", ages()[TIDIED.get(kind, kind)])
    assert [int(number) * UNITS[unit] for number, unit in told] == AGES[kind]


PRIVACY = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text(encoding="utf-8")


def columns() -> list[tuple[str, str, str]]:
    """Return what docs/privacy.md says of each column: table, column, whose it is."""
    rows = re.findall(r"^\| `(rdv_\w+)` \| (client|staff|no) \| (.+) \|$", PRIVACY, re.MULTILINE)
    return [(table, name, whose) for table, whose, names in rows for name in names.split()]


def test_the_privacy_page_says_of_each_column_once_whose_it_is():
    told = sorted((table, name.strip("`")) for table, name, _ in columns())
    tables = Base.metadata.sorted_tables
    assert told == sorted((table.name, column.name) for table in tables for column in table.columns)


def test_what_it_calls_a_clients_is_what_is_blanked_or_deleted_with_it():
    told = {(table, name.strip("`")) for table, name, whose in columns() if whose == "client"}
    links = {("rdv_cancel_link", column.name) for column in CancelLink.__table__.columns}
    assert told == {("rdv_booking", name) for name in BLANK} | links


@pytest.mark.parametrize("language", ["En français", "In English"])
def test_it_tells_how_long_in_each_language(language):
    section = PRIVACY.partition(f"\n## {language}\n")[2].partition("\n## ")[0]
    days = DEFAULTS["RETENTION_DAYS"]
    assert f"> {days} " in section
    assert f"| {days} " in section
    for command in ("export", "erase", "consent"):
        assert f"flask rdv {command}" in section


def test_the_readme_leads_to_it():
    assert "(docs/privacy.md)" in README
