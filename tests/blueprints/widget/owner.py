"""A pet owner in front of the widget: opens its pages and sends its forms, with no cookie."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Resource, ResourceOffer, ResourceSpecies, WeeklyOpening
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import DOLITTLE, TestClinic

WIDGET = "/services/online-appointment"
DETAILS = f"{WIDGET}/details"
WEDNESDAY_10H = "2026-03-18T14:00:00Z"
WEDNESDAY_10H30 = "2026-03-18T14:30:00Z"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Page:
    """An answer, read as people see it."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer, self.status = answer, answer.status_code
        self.soup = BeautifulSoup(answer.text, "html.parser")

    @property
    def text(self) -> str:
        """What is written, its spaces collapsed."""
        return " ".join((self.soup.body or self.soup).get_text(" ").split())

    def all(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def one(self, selector: str) -> Tag:
        found = self.all(selector)
        assert len(found) == 1, f"{selector}: {len(found)} found"
        return found[0]

    def values(self, selector: str) -> list[str]:
        return [str(tag.get("value")) for tag in self.all(selector)]

    def form(self) -> dict[str, str]:
        """The fields of the details form as a browser would send them, no time chosen."""
        sent = {
            str(tag["name"]): str(tag.get("value", ""))
            for tag in self.all("main form input")
            if tag.get("type") not in {"radio", "checkbox"}
        }
        sent |= {str(tag["name"]): tag.get_text().strip() for tag in self.all("textarea")}
        ticked = self.all("input[type=checkbox][checked]")
        return sent | {str(tag["name"]): str(tag["value"]) for tag in ticked}


@dataclass
class Owner:
    """Somebody who wants an exam for a dog with Dr Dolittle."""

    clinic: TestClinic
    client: FlaskClient
    lang: str = "en"
    email: str = field(default_factory=lambda: f"marie-{secrets.token_hex(6)}@exemple.ca")

    @property
    def typed(self) -> dict[str, str]:
        """What this owner types; the address is theirs alone, for it is counted."""
        return {
            "name": "Marie Tremblay",
            "email": self.email,
            "pet_name": "Tom",
            "phone": "514 555-0134",
            "reason": "Vaccin annuel",
        }

    @property
    def filled(self) -> dict[str, str]:
        """A form with nothing missing, consent ticked."""
        return self.typed | {"consent": "y"}

    @property
    def widget(self) -> dict[str, str]:
        return {"widgetId": str(self.clinic.account_id), "lang": self.lang}

    @property
    def choices(self) -> dict[str, str]:
        return {
            "species": str(self.clinic.species["Canin"]),
            "category": str(self.clinic.categories["Examen"]),
            "resource": str(self.clinic.resources[DOLITTLE]),
        }

    def look(self, headers: Any = None, **query: Any) -> Page:
        """Open W1 with these parameters only."""
        return Page(self.client.get(WIDGET, query_string=self.widget | query, headers=headers))

    def calendar(self, **query: Any) -> Page:
        """Open W1 with the three choices made."""
        return self.look(**self.choices | query)

    def details(self, start: str | None = WEDNESDAY_10H, **query: Any) -> Page:
        """Go on to W2."""
        asked = self.widget | self.choices | query | ({"start": start} if start else {})
        return Page(self.client.get(DETAILS, query_string=asked))

    def send(self, fields: Any, headers: Any = SAME_ORIGIN, path: str = DETAILS) -> Page:
        """Post a form."""
        return Page(self.client.post(path, query_string=self.widget, data=fields, headers=headers))

    def book(self, start: str = WEDNESDAY_10H, **changed: Any) -> Page:
        """Fill the form of a start and send it."""
        return self.send(self.details(start).form() | self.filled | changed)


def open_like_dolittle(clinic: TestClinic, other: object) -> None:
    """Have another resource offer what Dr Dolittle offers, at the same hours."""

    def copy(tx) -> None:
        tx.session.get(Resource, (clinic.account_id, other)).enabled = True
        for model in (ResourceSpecies, ResourceOffer, WeeklyOpening):
            columns = [c.key for c in model.__table__.columns if c.key != "resource_id"]
            rows = tx.session.query(model).filter_by(
                account_id=clinic.account_id, resource_id=clinic.resources[DOLITTLE]
            )
            for row in rows.all():
                tx.session.merge(
                    model(resource_id=other, **{key: getattr(row, key) for key in columns})
                )
                tx.session.flush()

    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, copy)
