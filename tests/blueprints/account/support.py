"""LogiVet's support at a browser, and the portal's clinics as scenes need them."""

import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import ClinicAccount, SyncKey
from host_example.models import Clinic, User, db
from tests.blueprints.account.conftest import Staff
from tests.support.clinics import TestClinic
from tests.support.portal import login


@dataclass
class Support(Staff):
    """A person of LogiVet's support."""

    user_id: Any = None

    def token(self) -> str:
        """Return the token of the portal's own form to log out."""
        return str(self.get("/soutien").soup.select_one("[name=csrf_token]")["value"])


def support_person(app: Flask, **facts: Any) -> Support:
    """Return a new person of the support, who is logged in."""
    with app.app_context():
        user = User(
            email=f"{secrets.token_hex(6)}@logivet.exemple.ca",
            name="Maude Soutien",
            password_hash="never",
            **{"is_support": True, "locale": "fr"} | facts,
        )
        db.session.add(user)
        db.session.commit()
        return Support(login(app, user.id), user.id)


def add_portal_clinic(name: str, **facts: Any) -> Any:
    """Add a clinic that has no online booking to the portal, and return its id."""
    clinic = Clinic(
        slug=secrets.token_hex(8),
        **{
            "name_fr": name,
            "name_en": name,
            "address": "1, rue Neuve",
            "phone": "",
            "email": "",
            "time_zone": "America/Toronto",
            "locale": "fr",
            "accent": "#35513f",
        }
        | facts,
    )
    db.session.add(clinic)
    db.session.commit()
    return clinic.id


def posts(clinic: TestClinic) -> dict[str, dict[str, str]]:
    """Return every address of the support that takes a form, with what would do something."""
    one, key_id = f"/soutien/{clinic.account_id}", clinic.key.split("_")[1]
    return {
        "/soutien/ouvrir": {"clinic": str(clinic.clinic_id)},
        f"{one}/abonnement": {"active": "0"},
        f"{one}/cles": {},
        f"{one}/cles/{key_id}/revocation": {},
    }


def changeable(session: Session, clinic: TestClinic) -> tuple[object, ...]:
    """Return all that the support can change of a clinic, as it is now."""
    session.rollback()
    account = session.get(ClinicAccount, clinic.account_id)
    held = sa.select(SyncKey.key_id, SyncKey.revoked_at).where(
        SyncKey.account_id == clinic.account_id
    )
    return account.active, account.revision, session.execute(held).all()


def rename(session: Session, clinic: TestClinic, name: str) -> str:
    """Give a clinic a name of its own, and return it."""
    unique = f"{name} {secrets.token_hex(4)}"
    session.get(Clinic, clinic.clinic_id).name_fr = unique
    session.commit()
    return unique
