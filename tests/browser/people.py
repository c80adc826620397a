"""Who is at a browser in the scenes of the account pages, and what their clinic has."""

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Event, Outbox, Resource, SyncState
from flask_logivet_rdv.services import accounts, keys
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from host_example.models import Clinic, User, db
from tests.acceptance.slots import next_slots
from tests.blueprints.account.logivet import LogiVet
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic
from tests.support.portal import login

PREFIX = "/compte/rendez-vous-en-ligne"
LONG = "Otorhinolaryngologie-et-électroencéphalographie vétérinaires spécialisées"
HOUSE, TECHNICIANS = "Dr Gregory House", "Technicien(nes)"
READERS, UNHEARD = ("reader", "unheard reader"), ("unheard", "unheard reader")
CONFIGURED = ("configured", "lacking", "unsubscribed", "reader", "edited", "undecided", *UNHEARD)

Person = tuple[Any, Mapping[str, Any]]
"""Somebody's id, and what addresses and forms of their pages hold, by name."""


def people(app: Flask, lang: str) -> dict[str, Person]:
    """Make a person of each kind of clinic, who reads a language, and LogiVet's support."""
    clinics = {who: make_clinic(app, configured=True, locale=lang) for who in CONFIGURED}
    clinics["bare"] = make_clinic(app, configured=False, locale=lang)
    with app.app_context():
        unsubscribe = partial(accounts.set_subscription, active=False)
        transact(jobs.desk(), clinics["unsubscribed"].account_id, unsubscribe)
        for who in READERS:
            db.session.get(User, clinics[who].user_id).may_edit = False
        _enable_what_lacks_something(clinics["lacking"])
        db.session.commit()
        _end_a_key(clinics["configured"])
        found = {who: (clinic.user_id, _ids(clinic)) for who, clinic in clinics.items()}
        found["unsynced"] = (_somebody(lang, clinic_id=_subscribed(lang)), {})
        found["nobody's"] = (_somebody(lang), {})
        found["support"] = (_somebody(lang, is_support=True), _ids(clinics["configured"]))
        _clinic(f"new-{lang}", lang)
    for who in UNHEARD:
        _lose_mails(clinics[who])
    _edit(clinics["edited"], lang)
    _disagree(clinics["undecided"])
    return found


def token(client: FlaskClient) -> str:
    """Return the token for a person's forms, from the portal's own form to log out."""
    page = BeautifulSoup(client.get(f"{PREFIX}/categories").text, "html.parser")
    return str(page.select_one("[name=csrf_token]")["value"])


def _ids(clinic: TestClinic) -> dict[str, Any]:
    """Return public ids by French name, the account's, and a day on which 9 h can be booked."""
    day = datetime.fromtimestamp(next_slots(1)[0], UTC).date()
    names = clinic.categories | clinic.species | clinic.resources
    return names | {"account": clinic.account_id, "day": day}


def _enable_what_lacks_something(clinic: TestClinic) -> None:
    for name in (HOUSE, TECHNICIANS):
        resource = db.session.get(Resource, (clinic.account_id, clinic.resources[name]))
        resource.enabled, resource.name_en = True, LONG


def _end_a_key(clinic: TestClinic) -> None:
    made = transact(jobs.desk(), clinic.account_id, keys.create_key)
    revoke = partial(keys.revoke_key, key_id=made.split("_")[1])
    transact(jobs.desk(), clinic.account_id, revoke)


def _edit(clinic: TestClinic, lang: str) -> None:
    """Have a colleague of the clinic's staff save every page."""
    with clinic.app.app_context():
        user_id = _somebody(lang, name="Samuel Gagnon", clinic_id=clinic.clinic_id)
    client, exam = login(clinic.app, user_id), clinic.categories["Examen"]
    dolittle, dog = f"/ressources/{clinic.resources[DOLITTLE]}", clinic.species["Canin"]
    dogs = {f"online-{dog}": "1", f"categories-{dog}": str(exam)}
    for path, fields in (
        ("/", {"domain": "www.autre.ca"}),
        ("/categories", {f"online-{exam}": "1", f"duration-{exam}": "45"}),
        (f"{dolittle}/categories", dogs),
        ("/especes", dogs),
        (f"{dolittle}/disponibilites", {"start-1-0": "09h00", "end-1-0": "10h00"}),
    ):
        form = fields | {"op": "save", "csrf_token": token(client)}
        assert client.post(PREFIX + path, data=form).status_code == 303


def _disagree(clinic: TestClinic) -> None:
    """Let LogiVet put entries on a booking and another's entry elsewhere, and be silent since."""
    first, second = next_slots(2)
    logivet, moved = LogiVet(clinic), clinic.book(second)
    clinic.book(first)
    logivet.occupies("A-1", first, 15, "note")
    logivet.occupies("A-2", first - 86_400, 3 * 1_440, "unavailability")
    logivet.occupies("A-3", second + 86_400, booking_id=moved)
    with clinic.app.app_context():
        synced = db.session.get(SyncState, clinic.account_id)
        synced.uploaded_at -= timedelta(hours=2)
        of_clinic = Event.account_id == clinic.account_id
        db.session.execute(sa.update(Event).where(of_clinic).values(at=Event.at - 7_200))
        db.session.commit()


def _lose_mails(clinic: TestClinic) -> None:
    """Have one mail be given up, and another be tried in vain so far."""
    given_up = {"state": "dead", "attempts": 12, "last_error": "SMTPRecipientsRefused"}
    soon = int(time.time()) + 600
    tried = {"attempts": 3, "last_error": "TimeoutError", "not_before": soon}
    for start, values in zip(next_slots(2), (given_up, tried), strict=True):
        of = Outbox.booking_id == clinic.book(start)
        with clinic.app.app_context():
            db.session.execute(sa.update(Outbox).where(of).values(**values))
            db.session.commit()


def _subscribed(lang: str) -> Any:
    """Return the id of a subscribed clinic that LogiVet has sent nothing for."""
    clinic = _clinic(f"unsynced-{lang}", lang)
    facts = state().facts(clinic.id)
    account_id = accounts.open_account(db.session(), clinic.id, facts, state().clock())
    transact(jobs.desk(), account_id, partial(accounts.set_subscription, active=True))
    return clinic.id


def _clinic(slug: str, lang: str) -> Clinic:
    clinic = Clinic(
        slug=slug,
        name_fr="Clinique P&C",
        name_en="P&C Clinic",
        address="1250, rue Fleury Est, Montréal",
        phone="514 555-0134",
        email="info@exemple.ca",
        time_zone="America/Toronto",
        locale=lang,
        accent="#35513f",
    )
    db.session.add(clinic)
    db.session.commit()
    return clinic


def _somebody(lang: str, name: str = "Zoé L'Écuyer", **facts: Any) -> Any:
    user = User(
        email=f"{secrets.token_hex(6)}@exemple.ca",
        name=name,
        locale=lang,
        password_hash="never",
        **facts,
    )
    db.session.add(user)
    db.session.commit()
    return user.id
