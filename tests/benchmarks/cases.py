"""What is asked, and how well it must be answered."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from flask_logivet_rdv.blueprints.widget.reading import written
from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services import settings
from flask_logivet_rdv.services.changes import apply_changes
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import CatalogueData, Change, upload_token
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.tokens import new_form_token
from host_example.models import db
from tests.benchmarks import world
from tests.benchmarks.application import BARE
from tests.benchmarks.load import Ask
from tests.benchmarks.world import WIDGET, free_starts
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic

ALWAYS = [Opening(day, 0, 1440) for day in range(7)]
ROWS = 300
DETAILS = f"{WIDGET}/details"
A_ROUND = 400
"""Bookings of one round."""


@dataclass(frozen=True)
class Goal:
    """What a case must reach: parts of the bare route's rate, times its processor, milliseconds."""

    rps: float = 0
    cpu: float = float("inf")
    p50_ms: float = float("inf")


@dataclass(frozen=True)
class Case:
    """One thing to measure, each round: what `ask` returns for the number of a round."""

    name: str
    ask: Callable[[int], Ask]
    goal: Goal = Goal()


def always(one: Ask) -> Callable[[int], Ask]:
    """Return what asks the same each round."""
    return lambda _: one


def bare(url: str) -> Ask:
    """Return the least that Flask can be asked."""
    return Ask(f"{url}{BARE}/json")


def calendar(url: str, clinic: TestClinic, below: str = "") -> Ask:
    """Return W1 with the three choices made: a month and the times of a day.

    `below` is the prefix of one of the portals of `application`.
    """
    return Ask(f"{url}{below}{world.calendar(clinic)}")


def bookings(url: str, app: Flask, folder: Path, clinics: int) -> Callable[[int], Ask]:
    """Return what books other free times each round, clinic after clinic, with the whole form."""
    each = [_forms(app) for _ in range(clinics)]
    forms = [form for of_each in zip(*each, strict=True) for form in of_each]

    def ask(number: int) -> Ask:
        path = folder / f"forms-{clinics}-{number}"
        ours = forms[number * A_ROUND : (number + 1) * A_ROUND]
        assert len(ours) == A_ROUND, "no free time is left for so many rounds"
        path.write_text("\n".join(ours))
        return Ask(f"{url}{DETAILS}?lang=fr", ("Sec-Fetch-Site: same-origin",), path)

    return ask


def _forms(app: Flask) -> list[str]:
    """Return a form for each free time of a new clinic that is always open."""
    clinic = make_clinic(app, configured=True)
    with app.app_context():
        save = partial(settings.save_openings, resource_id=clinic.resources[DOLITTLE])
        transact(desk(), clinic.account_id, lambda tx: save(tx, week=ALWAYS, actor=None))
        return [form(clinic, n, start) for n, start in enumerate(free_starts(clinic))]


def form(clinic: TestClinic, n: int, start: int) -> str:
    """Return the body of owner `n`, who books at `start` (UTC seconds)."""
    made_at = int(state().clock().timestamp()) - 60
    return urlencode(
        {
            "widgetId": clinic.account_id,
            "token": new_form_token(clinic.account_id, made_at).sign(),
            "species": clinic.species["Canin"],
            "category": clinic.categories["Examen"],
            "resource": clinic.resources[DOLITTLE],
            "start": written(start),
            "name": "Zoé D'Amours-Côté",
            "email": f"proprietaire-{n}-{secrets.token_hex(4)}@gmail.com",
            "pet_name": "Éclair",
            "phone": f"514 28{n // 10000 % 10}-{n % 10000:04}",
            "reason": "Vaccin annuel, et il boite un peu depuis samedi.",
            "consent": "y",
        }
    )


def account_pages(url: str, app: Flask) -> dict[str, Ask]:
    """Return the lists of a clinic that has 300 categories, species and resources."""
    clinic = make_clinic(app, configured=True)
    kinds = ("category", "species", "resource")
    changes = [
        Change(kind, f"{kind}-{n}", 1, CatalogueData(f"Numéro {n}", f"Number {n}", position=n))
        for kind in kinds
        for n in range(ROWS)
    ]
    with app.app_context():
        account = db.session.get(ClinicAccount, clinic.account_id)
        token = upload_token(account.epoch, account.upload_seq)
        transact(desk(), clinic.account_id, lambda tx: apply_changes(tx, token, changes))
    cookie = _cookie(clinic)
    paths: Sequence[str] = ("categories", "especes", "ressources")
    prefix = f"{url}/compte/rendez-vous-en-ligne"
    return {path: Ask(f"{prefix}/{path}", (cookie,), connections=1) for path in paths}


def _cookie(clinic: TestClinic) -> str:
    name = clinic.app.config["SESSION_COOKIE_NAME"]
    return f"Cookie: {name}={clinic.login().get_cookie(name).value}"
