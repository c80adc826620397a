"""What a scene is played on: a clinic of its own, its owner, staff and LogiVet, as they act."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from html.parser import HTMLParser
from itertools import count
from typing import Any, TypeVar

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Booking, Category, Resource, Species
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services import accounts, associations, settings
from flask_logivet_rdv.services.associations import SpeciesEdit
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.changes import apply_changes, current_token
from flask_logivet_rdv.services.settings import CategoryEdit
from flask_logivet_rdv.services.transaction import Tx, transact
from flask_logivet_rdv.services.uploads import BusyData, CatalogueData, Change

from . import sample
from .portal import MONDAY_10H, Portal, db

T = TypeVar("T")
WIDGET = "/services/online-appointment"
DETAILS = f"{WIDGET}/details"
ACCOUNT = "/compte/rendez-vous-en-ligne"
OURS = {"Sec-Fetch-Site": "same-origin"}
TUESDAY_13H, WEDNESDAY_10H = "2026-03-17T17:00:00Z", "2026-03-18T14:00:00Z"
WEDNESDAY_10H30 = "2026-03-18T14:30:00Z"
MODELS: tuple[Any, ...] = (Category, Species, Resource)


@dataclass
class Stage:
    """One scene's clinic, subscribed, with the sample's catalogue; `ids` are by French name."""

    portal: Portal
    lang: str

    def __post_init__(self) -> None:
        self.client = self._browser()
        facts = sample.clinic_facts(self.lang)
        self.clinic_id = self.portal.host.add(facts)
        with self.portal.app.app_context():
            self.account_id = accounts.open_account(
                db.session(), self.clinic_id, facts, self.portal.clock()
            )
        self.save(partial(accounts.set_subscription, active=True))
        self.versions = count(1)

    def kept(self) -> Callable[[], "Stage"]:
        """Return what gives this stage again as it is now, whatever was played since."""
        database = self.portal.copy()

        def again() -> Stage:
            self.portal.restore(database)
            self.portal.clock.now = MONDAY_10H
            stage = copy(self)
            stage.client = stage._browser()
            return stage

        return again

    @cached_property
    def ids(self) -> dict[str, uuid.UUID]:
        """Return the public ids of the catalogue, which LogiVet sends when they are first asked."""
        for kind, names in sample.CATALOGUE.items():
            rows = [CatalogueData(*both, position=n) for n, both in enumerate(names.items())]
            self.upload(kind, {f"{kind}-{row.name_fr}": row for row in rows})
        return self.read(
            lambda session: {
                row.name_fr: row.id
                for model in MODELS
                for row in living(session, model, self.account_id)
            }
        )

    def configured(self) -> "Stage":
        """Save the sample's settings for Dr Dolittle, and return this stage."""
        durations = [CategoryEdit(self.ids[c], True, m) for c, m in sample.DURATIONS.items()]
        self.save(lambda tx: settings.save_categories(tx, durations, None))
        self.save(lambda tx: associations.save_species(tx, self.offered(), None))
        self.save(lambda tx: settings.save_domains(tx, [sample.DOMAIN], None))
        self.open(sample.DOLITTLE, sample.WEEK)
        return self

    def offered(self) -> list[SpeciesEdit]:
        """Return the sample's species with their categories."""
        return [
            SpeciesEdit(self.ids[name], True, frozenset(self.ids[c] for c in categories))
            for name, categories in sample.CATEGORIES_OF.items()
        ]

    def open(self, resource: str, week: list[Opening]) -> None:
        """Have a resource offer all that is offered, in weekly hours."""
        resource_id = self.ids[resource]
        self.save(lambda tx: associations.save_offers(tx, resource_id, self.offered(), None))
        self.save(lambda tx: settings.save_openings(tx, resource_id, week, None))
        self.save(lambda tx: settings.set_enabled(tx, resource_id, True, None))

    def _browser(self) -> FlaskClient:
        browser: FlaskClient = self.portal.app.test_client()
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = self.lang
        return browser

    def save(self, work: Callable[[Tx], T]) -> T:
        """Write for the clinic, by the package's own verbs."""
        with self.portal.app.app_context():
            return transact(jobs.desk(), self.account_id, work)

    def read(self, query: Callable[[Any], T]) -> T:
        """Read from the database."""
        with self.portal.app.app_context():
            return query(db.session())

    def mark(self, model: type[Any], only: Any = True, **values: Any) -> None:
        """Change rows of the clinic, or some `only`, as time or a fault would."""
        with self.portal.app.app_context():
            of_clinic = model.account_id == self.account_id
            db.session.execute(sa.update(model).where(of_clinic, only).values(**values))
            db.session.commit()

    def upload(self, kind: Any, rows: Mapping[str, CatalogueData | BusyData]) -> None:
        """Send rows as LogiVet does."""
        changes = [Change(kind, key, next(self.versions), data) for key, data in rows.items()]
        self.save(lambda tx: apply_changes(tx, current_token(tx), changes))

    def busy(self, start: int, minutes: int, booking_id: uuid.UUID | None = None) -> None:
        """Have an entry in Dr Dolittle's agenda from an instant on (UTC seconds)."""
        key, resource = f"busy-{next(self.versions)}", f"resource-{sample.DOLITTLE}"
        row = BusyData(resource, "appointment", start, start + 60 * minutes, booking_id)
        self.upload("busy", {key: row})

    def full(self, day: str, days: int) -> None:
        """Have the agenda full from a day on."""
        self.busy(instant(f"{day}T04:00:00Z"), days * 1440)

    @contextmanager
    def failing(self, fault: Exception) -> Iterator[None]:
        """Have something of our own at fault for a while."""
        self.portal.clock.fault = fault
        try:
            yield
        finally:
            self.portal.clock.fault = None

    def later(self, moment: int) -> None:
        """Let time go by until an instant (UTC seconds)."""
        self.portal.clock.now = datetime.fromtimestamp(moment, UTC)

    # the owner

    @property
    def choices(self) -> dict[str, str]:
        """Return the three choices as parameters: an exam for a dog with Dr Dolittle."""
        named = {"species": "Canin", "category": "Examen", "resource": sample.DOLITTLE}
        return {part: str(self.ids[name]) for part, name in named.items()}

    def get(self, path: str = WIDGET, headers: Any = None, **query: str) -> TestResponse:
        """Open a page of the widget."""
        asked = {"widgetId": str(self.account_id), "lang": self.lang} | query
        return self.client.get(path, query_string=asked, headers=headers)

    def post(self, fields: Mapping[str, str], path: str = DETAILS, **headers: str) -> TestResponse:
        """Send a form of the widget, and follow where it leads."""
        asked = {"widgetId": str(self.account_id), "lang": self.lang}
        answer = self.client.post(path, query_string=asked, data=fields, headers=headers or OURS)
        return self.client.get(answer.location) if answer.location else answer

    def form(self, start: str = WEDNESDAY_10H, **query: str) -> dict[str, str]:
        """Return the form of a start, filled."""
        page = self.get(DETAILS, **self.choices | query, start=start)
        return hidden(page) | sample.OWNER | {"consent": "y"}

    def book(self, start: str = WEDNESDAY_10H, **changed: str) -> TestResponse:
        """Book a start, with other things typed than the sample's if need be."""
        return self.post(self.form(start) | changed)

    def booked(self, start: str = WEDNESDAY_10H) -> uuid.UUID:
        """Book a start, and return the booking's id."""
        self.book(start)
        query = sa.select(Booking.id).where(
            Booking.account_id == self.account_id, Booking.starts_at == instant(start)
        )
        found: uuid.UUID = self.read(lambda session: session.scalars(query).one())
        return found

    def link(self, start: str = "2026-03-25T14:00:00Z") -> str:
        """Book, and return the path of the mailed link."""
        booking_id = self.booked(start)
        with self.portal.app.app_context():
            token = mint_cancel_link(jobs.desk(), self.account_id, booking_id)
        return f"{WIDGET}/annuler/{token}"

    # the staff

    def enters(self, who: str, *, may_edit: bool = True) -> None:
        """Have somebody of the sample at the keyboard; nobody's name is no clinic's."""
        of_clinic = who in {sample.STAFF, sample.COLLEAGUE}
        self.portal.host.person = Actor(
            user_id=1,
            name=who,
            clinic_id=self.clinic_id if of_clinic else None,
            may_edit=may_edit,
            is_support=who == sample.SUPPORT,
            locale=self.lang,
        )


def instant(text: str) -> int:
    """Return the UTC seconds of an instant as forms write it."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


def hidden(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of a page."""
    found: dict[str, str] = {}

    class Fields(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag == "input" and given.get("type") == "hidden":
                found[given["name"] or ""] = given.get("value") or ""

    Fields().feed(page.text)
    return found
