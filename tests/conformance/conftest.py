"""The served portal, an empty clinic of it, and the command that plays LogiVet's part."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_logivet_rdv.conformance import CHAPTERS
from tests.support.clinics import TestClinic, make_clinic
from tests.support.served import Served, served


@dataclass(frozen=True)
class Played:
    """What a run printed, how it ended, and its transcript, None when it did not begin."""

    output: str
    exit_code: int
    transcript: Any

    def checks(self, outcome: str) -> Mapping[str, Any]:
        """Return the checks that ended so, by name."""
        entries = self.transcript["entries"]
        return {e["check"]: e for e in entries if e.get("outcome") == outcome}


def play(app: Flask, file: Path, url: str, key: str, *options: str) -> Played:
    """Run the command in a portal's application, against the portal at `url`."""
    given = ["rdv", "conformance", "--url", url, "--key", key, "--json", str(file), *options]
    result = app.test_cli_runner().invoke(args=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    text = file.read_text() if file.exists() else ""
    return Played(result.output, result.exit_code, json.loads(text) if text else None)


def empty_clinic(portal: Served) -> TestClinic:
    """Return a clinic that is subscribed and has a key, and nothing else."""
    return make_clinic(portal.app, configured=False, uploaded=False)


def names() -> list[str]:
    """Return the names of all checks."""
    return [name for chapter in CHAPTERS for step in chapter.steps for name in step.checks]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The running portal on SQLite; its clock is the real one."""
    with served("sqlite", tmp_path_factory.mktemp("conformance")) as portal:
        yield portal


@pytest.fixture
def empty(example: Served) -> TestClinic:
    return empty_clinic(example)
