"""The widget and the cancellation pages in every state (UX.md §2.1–2.4), as owners come to them.

Each scene has a clinic of its own, on the manual's Monday, March 16, 2026, at 10:00 in Montréal.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, Category, ResourceOffer, Species
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services import accounts, associations, settings
from flask_logivet_rdv.services.associations import SpeciesEdit
from flask_logivet_rdv.services.transaction import Tx, transact
from flask_logivet_rdv.state import EXTENSION
from host_example.models import db
from tests.blueprints.account.logivet import LogiVet
from tests.blueprints.widget.owner import WEDNESDAY_10H, WIDGET, Owner
from tests.browser.display import display
from tests.browser.people import LONG
from tests.support.clinics import DOLITTLE, TestClinic, at, make_clinic
from tests.support.links import OURS, START, Link
from tests.support.portal import MONDAY_MORNING, Clock, make_portal, migrate

ORIGIN = "https://widget.exemple.ca"
LANGS = ("fr", "en")
TUESDAY_13H = at("2026-03-17", "13:00")
A_DAY_MIN = 24 * 60
VIEWS = "flask_logivet_rdv.blueprints"
WRONG = {
    "name": "N" * 121,
    "email": "marie@",
    "phone": "12",
    "pet_name": "",
    "reason": "a\x07b",
    "consent": "y",
}


@dataclass
class Stage:
    """The portal, and the clinic and the owner of one scene, made when they are first needed."""

    app: Flask
    clock: Clock
    lang: str

    @cached_property
    def clinic(self) -> TestClinic:
        """Return a clinic with the manual's settings."""
        return make_clinic(self.app, configured=True)

    @cached_property
    def owner(self) -> Owner:
        """Return somebody who wants an exam for their dog."""
        return Owner(self.clinic, self.client, self.lang)

    @cached_property
    def client(self) -> FlaskClient:
        """Return a browser that asks for the scene's language."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = self.lang
        return client

    @cached_property
    def link(self) -> Link:
        """Return the mailed link of an appointment in nine days."""
        link = Link(self.clinic, language=self.lang, pet_name="Éclair")
        link.client = self.client
        return link

    def save(self, work: Callable[[Tx], Any]) -> None:
        """Change the clinic's settings."""
        with self.app.app_context():
            transact(jobs.desk(), self.clinic.account_id, work)

    def busy(self, day: str, days: int) -> None:
        """Have LogiVet's agenda full from a day on."""
        start = at(day, "00:00")
        LogiVet(self.clinic).occupies("B-1", start, days * A_DAY_MIN, "unavailability")

    def later(self, moment: int) -> None:
        """Let time go by until an instant (UTC seconds)."""
        self.clock.now = datetime.fromtimestamp(moment, UTC)

    @contextmanager
    def limited(self, **rates: str | int) -> Iterator[None]:
        """Have other limits for a while."""
        here = self.app.extensions[EXTENSION]
        changed = dataclasses.replace(here.settings, **rates)
        self.app.extensions[EXTENSION] = dataclasses.replace(here, settings=changed)
        yield
        self.app.extensions[EXTENSION] = here


Play = Callable[[Stage], TestResponse]


@dataclass(frozen=True)
class Scene:
    """A page in a state: the answer's status, and how an owner comes to it."""

    name: str
    status: int
    play: Play


def w1(headers: Mapping[str, str] | None = None, **query: str) -> Play:
    """Open W1 with nothing chosen but what the query says."""
    return lambda stage: stage.owner.look(headers, **query).answer


def calendar(**query: str) -> Play:
    """Open W1 with the three choices made."""
    return lambda stage: stage.owner.calendar(**query).answer


def one_option(stage: Stage) -> TestResponse:
    """Leave one species and one category: nothing needs to be chosen."""
    canine = stage.clinic.species["Canin"]
    exam = frozenset({stage.clinic.categories["Examen"]})
    only = [SpeciesEdit(canine, True, exam)]
    with stage.app.app_context():
        for model, kept in ((Species, canine), (Category, *exam)):
            others = (model.account_id == stage.clinic.account_id, model.id != kept)
            db.session.execute(sa.update(model).where(*others).values(online=False))
        db.session.commit()
    stage.save(lambda tx: associations.save_species(tx, only, None))
    return stage.owner.look().answer


def no_time_in_april(stage: Stage) -> TestResponse:
    stage.busy("2026-04-01", 30)
    return stage.owner.calendar(month="2026-04").answer


def no_time_at_all(stage: Stage) -> TestResponse:
    stage.busy("2026-03-16", 64)
    return stage.owner.calendar().answer


def long_names(stage: Stage) -> TestResponse:
    """Have names that are longer than a telephone is wide."""
    with stage.app.app_context():
        of = {"account_id": stage.clinic.account_id}
        for model in (Category, Species):
            session = db.session()
            session.query(model).filter_by(**of).update({"name_fr": LONG, "name_en": LONG})
        session.commit()
    return stage.owner.calendar(day="2026-03-18").answer


def unsubscribed(stage: Stage) -> TestResponse:
    stage.save(partial(accounts.set_subscription, active=False))
    return stage.owner.look().answer


def not_configured(stage: Stage) -> TestResponse:
    stage.clinic = make_clinic(stage.app, configured=False)
    return stage.owner.look().answer


def broken(path: str, target: str, query: Mapping[str, str] | None = None) -> Play:
    """Ask for a page while something of our own is at fault."""

    def play(stage: Stage) -> TestResponse:
        given = {"widgetId": str(stage.clinic.account_id), "lang": stage.lang} | dict(query or {})
        with (
            patch.dict(stage.app.config, PROPAGATE_EXCEPTIONS=False),
            patch(f"{VIEWS}.{target}", side_effect=ZeroDivisionError),
            patch.object(stage.app.logger, "error"),
        ):
            return stage.client.get(path, query_string=given)

    return play


def too_often(path: str) -> Play:
    """Ask for a page twice where once is allowed."""

    def play(stage: Stage) -> TestResponse:
        with stage.limited(limit_pages="1/hour"):
            stage.client.environ_base["REMOTE_ADDR"] = (
                f"2001:db8:{stage.clinic.account_id.hex[:4]}::"
            )
            query = {"lang": stage.lang}
            stage.client.get(path, query_string=query)
            return stage.client.get(path, query_string=query)

    return play


def away(target: str, failing: Callable[[], TestResponse]) -> TestResponse:
    """Return an answer of a portal whose database does not answer."""
    error = sa.exc.OperationalError("", {}, Exception("gone"))
    with patch(f"{VIEWS}.{target}", side_effect=error):
        return failing()


def draft(stage: Stage) -> TestResponse:
    """Come back to the calendar from a form that is half filled."""
    form = stage.owner.details().form() | stage.owner.typed
    return stage.owner.send(form, path=WIDGET).answer


def other_site(stage: Stage) -> TestResponse:
    headers = {"Sec-Fetch-Dest": "iframe", "Referer": "https://ailleurs.exemple.org/"}
    return stage.owner.look(headers).answer


def sent(**changed: str) -> Play:
    """Send the form, filled but for what is changed."""
    return lambda stage: stage.owner.book(**changed).answer


def nothing_filled(stage: Stage) -> TestResponse:
    return stage.owner.send(stage.owner.details().form()).answer


def taken(stage: Stage, **query: str) -> TestResponse:
    """Find the time taken, while a colleague of the resource offers it too."""
    form = stage.owner.details(**query).form() | stage.owner.filled
    _second_resource(stage)
    stage.clinic.book(at("2026-03-18", "10:00"))
    return stage.owner.send(form).answer


def taken_and_wrong(stage: Stage) -> TestResponse:
    """Find it taken, choose no other time and empty a field."""
    form = stage.owner.details().form() | stage.owner.filled
    stage.clinic.book(at("2026-03-18", "10:00"))
    again = stage.owner.send(form).form() | stage.owner.filled | {"name": ""}
    return stage.owner.send(again).answer


def taken_the_last(stage: Stage) -> TestResponse:
    """Find no other time either."""
    form = stage.owner.details().form() | stage.owner.filled
    stage.busy("2026-03-16", 64)
    return stage.owner.send(form).answer


def too_soon(stage: Stage) -> TestResponse:
    form = stage.owner.details().form() | stage.owner.filled
    stage.later(at("2026-03-17", "22:01"))
    return stage.owner.send(form).answer


def gone(stage: Stage) -> TestResponse:
    form = stage.owner.details().form() | stage.owner.filled
    resource = stage.clinic.resources[DOLITTLE]
    stage.save(lambda tx: settings.set_enabled(tx, resource, False, None))
    return stage.owner.send(form).answer


def off(stage: Stage) -> TestResponse:
    form = stage.owner.details().form() | stage.owner.filled
    stage.save(partial(accounts.set_subscription, active=False))
    return stage.owner.send(form).answer


def used(stage: Stage) -> TestResponse:
    """Send a form that has booked already, with another pet's name."""
    form = stage.owner.details().form() | stage.owner.filled
    stage.owner.send(form)
    return stage.owner.send(form | {"pet_name": "Minou"}).answer


def too_many(stage: Stage) -> TestResponse:
    with stage.limited(max_live_per_email=1):
        stage.owner.book("2026-03-18T14:30:00Z")
        return stage.owner.book().answer


def booked_too_often(stage: Stage) -> TestResponse:
    with stage.limited(limit_widget="1/hour"):
        stage.owner.book("2026-03-18T14:30:00Z")
        return stage.owner.book().answer


def booked_too_quickly(stage: Stage) -> TestResponse:
    with stage.limited(form_min_age=3):
        return stage.owner.book().answer


def not_verified(stage: Stage) -> TestResponse:
    form = stage.owner.details().form() | stage.owner.filled | {"token": "forged"}
    return stage.owner.send(form).answer


def database_away(target: str) -> Play:
    def play(stage: Stage) -> TestResponse:
        form = stage.owner.details().form() | stage.owner.filled
        return away(target, lambda: stage.owner.send(form).answer)

    return play


def booked(stage: Stage, start: str = WEDNESDAY_10H, **query: str) -> TestResponse:
    done = stage.owner.send(stage.owner.details(start, **query).form() | stage.owner.filled).answer
    return stage.client.get(done.location)


def booked_a_day_ahead(stage: Stage) -> TestResponse:
    done = stage.owner.book("2026-03-17T17:00:00Z").answer
    stage.later(TUESDAY_13H - 23 * 3600)
    return stage.client.get(done.location)


def booked_and_mail_late(stage: Stage) -> TestResponse:
    done = stage.owner.book().answer
    stage.clock.advance(minutes=1)
    return stage.client.get(done.location)


def booked_and_cancelled(stage: Stage) -> TestResponse:
    done = stage.owner.book().answer
    _mark(stage, status="cancelled", cancelled_by="client", cancelled_at=MONDAY_MORNING)
    return stage.client.get(done.location)


def cancelling(moment: int | None = None, **query: str) -> Play:
    """Open the mailed link, at an instant (UTC seconds) or now."""

    def play(stage: Stage) -> TestResponse:
        link = stage.link
        if moment:
            stage.later(moment)
        return link.get(**query)

    return play


def cancelled(reason: str = "Guéri", **options: Any) -> Play:
    """Send the form of the link."""

    def play(stage: Stage) -> TestResponse:
        answer = stage.link.post(reason, **options)
        return stage.client.get(answer.location) if answer.location else answer

    return play


def cancelled_before(stage: Stage) -> TestResponse:
    stage.link.post()
    return stage.link.get()


def cancelled_too_late(stage: Stage) -> TestResponse:
    data = {"reason": "Guéri", "signature": stage.link.signature()}
    stage.later(START - 3600)
    return stage.client.post(stage.link.path, data=data, headers=OURS)


def cancelled_by_clinic(stage: Stage) -> TestResponse:
    link = stage.link
    _mark(stage, status="cancelled", cancelled_by="clinic", cancelled_at=MONDAY_MORNING)
    return link.get()


def moved_by_clinic(stage: Stage) -> TestResponse:
    link = stage.link
    later = START + 7 * 86_400
    _mark(stage, starts_at=later, ends_at=later + 1_800)
    return link.get()


def cancelling_without_database(stage: Stage) -> TestResponse:
    data = {"reason": "Guéri", "signature": stage.link.signature()}
    path = stage.link.path

    def send() -> TestResponse:
        return stage.client.post(path, data=data, headers=OURS)

    return away("cancellation.views.booking_for_link", send)


def _mark(stage: Stage, **values: Any) -> None:
    """Change the clinic's bookings in the database."""
    with stage.app.app_context():
        of_clinic = Booking.account_id == stage.clinic.account_id
        db.session.execute(sa.update(Booking).where(of_clinic).values(**values))
        db.session.commit()


def _second_resource(stage: Stage) -> None:
    """Let Dr House offer what Dr Dolittle does, at his hours."""
    mine, house = stage.clinic.resources[DOLITTLE], stage.clinic.resources["Dr Gregory House"]
    with stage.app.app_context():
        session = db.session()
        offers = session.query(ResourceOffer).filter_by(
            account_id=stage.clinic.account_id, resource_id=mine
        )
        categories: dict[Any, set[Any]] = {}
        for offer in offers:
            categories.setdefault(offer.species_id, set()).add(offer.category_id)
        session.rollback()

    def copy(tx: Tx) -> None:
        edits = [SpeciesEdit(one, True, frozenset(some)) for one, some in categories.items()]
        associations.save_offers(tx, house, edits, None)
        settings.save_openings(tx, house, [Opening(3, 10 * 60, 12 * 60)], None)
        tx.session.flush()
        settings.set_enabled(tx, house, True, None)

    stage.save(copy)


UNKNOWN = f"{WIDGET}/annuler/{'A' * 43}"
SCENES = (
    Scene("W1-start", 200, w1()),
    Scene("W1-species", 200, lambda stage: w1(species=stage.owner.choices["species"])(stage)),
    Scene("W1", 200, calendar(day="2026-03-18")),
    Scene("W1-one-option", 200, one_option),
    Scene("W1-other-zone", 200, calendar(day="2026-03-19", tz="Canada/Newfoundland")),
    Scene("W1-month-without-times", 200, no_time_in_april),
    Scene("W1-nothing-within-two-months", 200, no_time_at_all),
    Scene("W1-gone", 200, w1(species="00000000-0000-4000-8000-000000000000")),
    Scene("W1-no-time-chosen", 422, lambda stage: stage.owner.details(None).answer),
    Scene("W1-draft", 200, draft),
    Scene("W1-long-names", 200, long_names),
    Scene("W1-unsubscribed", 200, unsubscribed),
    Scene("W1-not-configured", 200, not_configured),
    Scene("W1-unknown", 404, w1(widgetId="zz")),
    Scene("W1-other-site", 403, other_site),
    Scene("W1-slow", 429, too_often(WIDGET)),
    Scene("W1-error", 500, broken(WIDGET, "widget.views_choose.read_wish")),
    Scene("W2", 200, lambda stage: stage.owner.details().answer),
    Scene("W2-other-zone", 200, lambda stage: stage.owner.details(tz="Canada/Pacific").answer),
    Scene("W2-nothing-filled", 422, nothing_filled),
    Scene("W2-wrong", 422, sent(**WRONG)),
    Scene("W2-slip-in-the-email", 422, sent(email="marie@gmial.com", name="")),
    Scene("W2-too-quick", 422, booked_too_quickly),
    Scene("W2-not-verified", 422, not_verified),
    Scene("W2-taken", 409, taken),
    Scene("W2-taken-other-zone", 409, lambda stage: taken(stage, tz="Canada/Pacific")),
    Scene("W2-taken-no-time-chosen", 422, taken_and_wrong),
    Scene("W2-taken-no-other-time", 409, taken_the_last),
    Scene("W2-too-soon", 409, too_soon),
    Scene("W2-too-far", 409, lambda stage: stage.owner.details("2026-06-18T14:00:00Z").answer),
    Scene("W2-gone", 409, gone),
    Scene("W2-off", 409, off),
    Scene("W2-used", 409, used),
    Scene("W2-too-many", 429, too_many),
    Scene("W2-slow", 429, booked_too_often),
    Scene("W2-error", 503, database_away("widget.views_details.transact")),
    Scene("W2-error-no-clinic", 503, database_away("widget.entry.account_of")),
    Scene("W2-foreign", 403, lambda stage: stage.owner.send({}, headers={}).answer),
    Scene("W2-large", 413, lambda stage: stage.owner.send({"reason": "é" * 65_536}).answer),
    Scene("W3", 200, booked),
    Scene("W3-other-zone", 200, lambda stage: booked(stage, tz="Canada/Pacific")),
    Scene("W3-mail-late", 200, booked_and_mail_late),
    Scene("W3-under-24-hours", 200, booked_a_day_ahead),
    Scene("W3-cancelled", 200, booked_and_cancelled),
    Scene("W3-unknown", 404, lambda stage: stage.client.get(f"{WIDGET}/confirmation/zz")),
    Scene("C1", 200, cancelling()),
    Scene("C1-moved", 200, moved_by_clinic),
    Scene("C1-no-reason", 422, cancelled("")),
    Scene("C1-long-reason", 422, cancelled("é" * 501)),
    Scene("C1-foreign", 403, cancelled(headers={})),
    Scene("C1-error", 503, cancelling_without_database),
    Scene("C1-kept", 200, cancelling(keep="1")),
    Scene("C1-late", 200, cancelling(START - 3600)),
    Scene("C1-late-at-post", 409, cancelled_too_late),
    Scene("C1-past", 200, cancelling(START + 3600)),
    Scene("C1-already", 200, cancelled_before),
    Scene("C1-by-clinic", 200, cancelled_by_clinic),
    Scene("C1-unknown", 404, lambda stage: stage.client.get(UNKNOWN)),
    Scene("C1-slow", 429, too_often(UNKNOWN)),
    Scene("C1-broken", 500, broken(UNKNOWN, "cancellation.views.booking_for_link")),
    Scene("C2", 200, cancelled()),
)


@dataclass(frozen=True)
class Theatre:
    """The answer of every scene in every language, and who serves the files that they name."""

    answers: Mapping[tuple[str, str], TestResponse]
    client: FlaskClient

    def show(self, page: Page, scene: Scene, lang: str) -> None:
        """Open the page of a scene, at its own address."""
        display(page, ORIGIN, self.answers[scene.name, lang], self.client)


@contextmanager
def played(folder: Path) -> Iterator[Theatre]:
    """Play all scenes."""
    clock = Clock()
    app = make_portal(folder, clock=clock, LOGIVET_RDV_FORM_MIN_AGE=0)
    migrate(app)
    answers = {}
    for lang in LANGS:
        for scene in SCENES:
            clock.now = MONDAY_MORNING
            answer = scene.play(Stage(app, clock, lang))
            assert answer.status_code == scene.status, f"{scene.name}: {answer.status}"
            answers[scene.name, lang] = answer
    yield Theatre(answers, app.test_client())
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
