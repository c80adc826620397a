"""The demo's clinics and the people who log in; all of them are invented."""

from dataclasses import dataclass

from sqlalchemy import select

from .models import Clinic, User, db


@dataclass(frozen=True, slots=True)
class Login:
    """A person of the demo; `slug` is their clinic's, None for LogiVet's support."""

    email: str
    password: str
    name: str
    slug: str | None


CLINICS = (
    {
        "slug": "clinique-pc",
        "name_fr": "Clinique P&C",
        "name_en": "P&C Clinic",
        "address": "1250, rue Fleury Est, Montréal (Québec) H2C 1R2",
        "phone": "514 555-0134",
        "email": "info@clinique-pc.exemple.ca",
        "time_zone": "America/Toronto",
        "locale": "fr",
        "accent": "#35513f",
    },
    {
        "slug": "estb-1",
        "name_fr": "Clinique vétérinaire Estb 1",
        "name_en": "Estb 1 Veterinary Clinic",
        "address": "480, boulevard Laurier, Saint-Hyacinthe (Québec) J2S 3V1",
        "phone": "450 555-0162",
        "email": "info@estb-1.exemple.ca",
        "time_zone": "America/Toronto",
        "locale": "fr",
        "accent": "#7a4b12",
    },
)
LOGINS = (
    Login("accueil@clinique-pc.exemple.ca", "demo-clinique-pc", "Camille Roy", "clinique-pc"),
    Login("accueil@estb-1.exemple.ca", "demo-estb-1", "Samuel Gagnon", "estb-1"),
    Login("soutien@logivet.exemple.ca", "demo-soutien", "Soutien LogiVet", None),
)


def login_of(slug: str | None) -> Login:
    """Return the login of a clinic's staff; of LogiVet's support for None."""
    return next(login for login in LOGINS if login.slug == slug)


def seed_people() -> list[Clinic]:
    """Save the clinics and logins that are absent, commit, and return the clinics in order."""
    clinics = [_clinic(facts) for facts in CLINICS]
    known = set(db.session.scalars(select(User.email)))
    by_slug = {clinic.slug: clinic for clinic in clinics}
    for login in LOGINS:
        if login.email not in known:
            db.session.add(_user(login, by_slug.get(login.slug or "")))
    db.session.commit()
    return clinics


def _clinic(facts: dict[str, str]) -> Clinic:
    clinic = db.session.scalar(select(Clinic).where(Clinic.slug == facts["slug"]))
    if clinic is None:
        clinic = Clinic(**facts)
        db.session.add(clinic)
    return clinic


def _user(login: Login, clinic: Clinic | None) -> User:
    user = User(email=login.email, name=login.name, clinic=clinic, is_support=clinic is None)
    user.set_password(login.password)
    return user
