"""Account pages as a browser without JavaScript sees and sends them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from host_example.models import db
from tests.blueprints.account.logivet import LogiVet
from tests.blueprints.widget.owner import Owner
from tests.support.clinics import TestClinic

PREFIX = "/compte/rendez-vous-en-ligne"


@dataclass
class Page:
    """An answer, and what stands in it."""

    answer: TestResponse

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.text, "html.parser")

    @property
    def body(self) -> Tag:
        found = self.soup.select_one(".rdv-a")
        assert found, self.answer.text
        return found

    @property
    def text(self) -> str:
        return words(self.soup)

    @property
    def problems(self) -> list[str]:
        return [words(item) for item in self.soup.select("[role=alert] li")]

    @property
    def notes(self) -> list[str]:
        return [words(item) for item in self.soup.select("[role=status]") if words(item)]

    def names(self, selector: str) -> list[str]:
        return [words(found) for found in self.body.select(selector)]

    def column(self, n: int = 0) -> list[str]:
        rows = self.body.select("tbody tr")
        return [words(row.find_all(["th", "td"])[n]) for row in rows]

    def value(self, name: str) -> str:
        return str(self.body.select_one(f"[name='{name}']")["value"])

    def fields(self) -> MultiDict[str, str]:
        """Return what the page's own form would send, without any button."""
        form = self.body.select("form")[-1]
        sent: MultiDict[str, str] = MultiDict()
        for field in form.select("input[name]"):
            if field.get("type") != "checkbox" or field.has_attr("checked"):
                sent.add(field["name"], field.get("value", ""))
        return sent


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


@dataclass
class Staff:
    """Someone of a clinic at a browser."""

    client: FlaskClient

    def get(self, path: str, **query: Any) -> Page:
        return Page(self.client.get(PREFIX + path, query_string=query))

    def send(self, path: str, fields: dict[str, Any] | None = None, **query: Any) -> Page:
        """Send only these fields and the token."""
        form = dict(fields or {}) | {"csrf_token": self.token()}
        return Page(self.client.post(PREFIX + path, data=form, query_string=query))

    def token(self) -> str:
        return Page(self.client.get(f"{PREFIX}/categories")).value("csrf_token")


@pytest.fixture
def staff(clinic: TestClinic) -> Staff:
    return Staff(clinic.login())


@pytest.fixture
def bare_staff(bare_clinic: TestClinic) -> Staff:
    return Staff(bare_clinic.login())


@pytest.fixture
def logivet(clinic: TestClinic) -> LogiVet:
    return LogiVet(clinic)


@pytest.fixture
def owner(portal: Flask, clinic: TestClinic) -> Owner:
    """A pet owner who reads French."""
    return Owner(clinic, portal.test_client(), lang="fr")


@pytest.fixture
def row(session: Session) -> Callable[..., Any]:
    """Read a row of a clinic as it is now."""

    def read(model: type, clinic: TestClinic, *key: Any) -> Any:
        session.rollback()
        return session.get(model, (clinic.account_id, *key))

    return read


@pytest.fixture
def ran(portal: Flask) -> Iterator[list[str]]:
    """Collect the statements that the database runs."""
    found: list[str] = []

    def note(*given: Any) -> None:
        found.append(given[2])

    with portal.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)
