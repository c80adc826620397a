"""Clinics for tests: each test makes its own, so that tests never meet."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Category, ClinicAccount, Resource, Species
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.services import accounts, keys
from flask_logivet_rdv.services.booking import book
from flask_logivet_rdv.services.booking_form import BookingForm, Consent
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.changes import apply_changes
from flask_logivet_rdv.services.transaction import Tx, transact
from flask_logivet_rdv.services.uploads import CatalogueData, Change, upload_token
from flask_logivet_rdv.state import state
from host_example import configure
from host_example.models import Clinic, User, db
from tests.support.portal import login

CATEGORIES = {
    "Chirurgie": "Surgery",
    "Consultation comportementale": "Behavioral Consultation",
    "Dentisterie": "Dentistry",
    "Euthanasie": "Euthanasia",
    "Examen": "Exam",
}
SPECIES = {
    "Autre": "Other",
    "Aviaire": "Avian",
    "Canin": "Canine",
    "Félin": "Feline",
    "Reptile": "Reptile",
    "Rongeur": "Rodent",
}
RESOURCES = {
    "Dr Gregory House": "Dr Gregory House",
    "Dr John Dolittle": "Dr John Dolittle",
    "Technicien(nes)": "Technicians",
}
DOLITTLE = "Dr John Dolittle"


@dataclass
class TestClinic:
    """A clinic of the portal: its public ids by French name, its staff, its sync key."""

    __test__ = False

    app: Flask
    account_id: uuid.UUID
    clinic_id: Any
    user_id: Any
    key: str
    categories: dict[str, uuid.UUID] = field(default_factory=dict)
    species: dict[str, uuid.UUID] = field(default_factory=dict)
    resources: dict[str, uuid.UUID] = field(default_factory=dict)
    logivet: dict[str, str] = field(default_factory=dict)
    """LogiVet's own key of each name, as in ``category:Examen``."""

    def login(self) -> FlaskClient:
        """Return a browser of the clinic's staff."""
        return login(self.app, self.user_id)

    def form(self, start: int, **changed: Any) -> BookingForm:
        """Return a valid form for an exam of a dog by Dr Dolittle at `start` (UTC seconds)."""
        return BookingForm(
            **{
                "booking_key": secrets.token_urlsafe(24),
                "confirmation_sha256": secrets.token_hex(32),
                "species": self.species["Canin"],
                "category": self.categories["Examen"],
                "resource": self.resources[DOLITTLE],
                "start": start,
                "name": "Solutions Vet",
                "email": "solutions@exemple.ca",
                "email_key": secrets.token_hex(32),
                "pet_name": "Tom",
                "phone": "+15145550134",
                "reason": "Vaccin",
                "language": "fr",
                "consent": Consent("2026-01", "fr", "Je consens."),
            }
            | changed
        )

    def book(self, start: int, **changed: Any) -> uuid.UUID:
        """Book, which must succeed, and return the booking's id."""
        form = self.form(start, **changed)
        with self.app.app_context():
            work = lambda tx: book(tx, form)  # noqa: E731
            return transact(jobs.desk(), self.account_id, work, agenda=True).booking_id


def at(day: str, clock: str, zone_name: str = "America/Toronto") -> int:
    """Return the UTC seconds of a wall time, as in ``at("2026-03-18", "13:30")``."""
    wall = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone(zone_name))
    return int(wall.timestamp())


def make_clinic(
    app: Flask, *, configured: bool, locale: str = "fr", uploaded: bool = True
) -> TestClinic:
    """Return a new clinic, subscribed; its catalogue `uploaded`; `configured` as the manual's."""
    with app.app_context():
        clinic, user = _people(locale)
        account_id = accounts.open_account(
            db.session(), clinic.id, state().facts(clinic.id), state().clock()
        )
        made = TestClinic(app, account_id, clinic.id, user.id, key="")
        made.key = transact(jobs.desk(), account_id, _subscribe)
        if uploaded:
            made.logivet = _catalogue(account_id)
        if configured:
            configure.configure(jobs.desk(), account_id)
        session = db.session()
        for model, names in (
            (Category, made.categories),
            (Species, made.species),
            (Resource, made.resources),
        ):
            names.update({row.name_fr: row.id for row in living(session, model, account_id)})
        return made


def _people(locale: str) -> tuple[Clinic, User]:
    slug = f"c-{secrets.token_hex(6)}"
    clinic = Clinic(
        slug=slug,
        name_fr="Clinique P&C",
        name_en="P&C Clinic",
        address="1250, rue Fleury Est, Montréal",
        phone="514 555-0134",
        email=f"info@{slug}.exemple.ca",
        time_zone="America/Toronto",
        locale=locale,
        accent="#35513f",
    )
    user = User(
        email=f"accueil@{slug}.exemple.ca",
        name="Zoé L'Écuyer",
        clinic=clinic,
        locale=locale,
        password_hash="never",
    )
    db.session.add_all([clinic, user])
    db.session.commit()
    return clinic, user


def _subscribe(tx: Tx) -> str:
    accounts.set_subscription(tx, True)
    return keys.create_key(tx)


def _catalogue(account_id: uuid.UUID) -> dict[str, str]:
    changes, logivet = [], {}
    kinds = (("category", CATEGORIES), ("species", SPECIES), ("resource", RESOURCES))
    for kind, names in kinds:
        for n, (fr, en) in enumerate(names.items(), start=1):
            logivet[f"{kind}:{fr}"] = f"{kind[0]}{n}"
            data = CatalogueData(fr, en, position=n)
            changes.append(Change(kind, f"{kind[0]}{n}", 1, data))
    account = db.session.get(ClinicAccount, account_id)
    token = upload_token(account.epoch, account.upload_seq)
    transact(jobs.desk(), account_id, lambda tx: apply_changes(tx, token, changes))
    return logivet
