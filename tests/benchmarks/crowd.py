"""Many clinics alike, made fast: one is configured, the others are copies of its rows."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from flask_logivet_rdv.models import Audit, Base, ClinicAccount, SyncKey
from flask_logivet_rdv.services.events import event_cursor
from flask_logivet_rdv.services.keys import SCOPES
from flask_logivet_rdv.state import state
from host_example.models import Clinic, db
from tests.support.clinics import TestClinic, at, make_clinic

AFTERNOONS = {0: ("13:00", "13:30", "14:00", "14:30", "15:00", "15:30")}
AFTERNOONS |= {1: AFTERNOONS[0], 3: AFTERNOONS[0]}
"""Starts of an exam with Dr Dolittle, by weekday (0 is Monday)."""


def starts(count: int) -> list[int]:
    """Return that many bookable starts of an exam with Dr Dolittle, the next first."""
    today = datetime.now(UTC).date()
    days = (today + timedelta(days=n) for n in range(2, 58))
    found = [at(str(day), clock) for day in days for clock in AFTERNOONS.get(day.weekday(), ())]
    assert count <= len(found), f"a clinic has {len(found)} starts, not {count}"
    return found[:count]


@dataclass(frozen=True)
class Crowd:
    """Clinics alike, each with its own sync key and the one booking `booking_id`, its first event.

    `cursor` stands after it in every feed.
    """

    clinics: list[TestClinic]
    booking_id: UUID
    cursor: str


def make_crowd(app: Flask, count: int) -> Crowd:
    """Return that many clinics, configured as the manual's, who have one booking each."""
    model = make_clinic(app, configured=True)
    booking_id = model.book(starts(1)[0])
    copies = copies_of(model, count - 1)
    with app.app_context():
        account = db.session.get(ClinicAccount, model.account_id)
        cursor = event_cursor(account.epoch, account.event_seq)
    return Crowd([model, *copies], booking_id, cursor)


def copies_of(model: TestClinic, count: int) -> list[TestClinic]:
    """Return that many more clinics, whose rows are those of the model."""
    with model.app.app_context():
        clinics = [_named_apart(model) for _ in range(count)]
        db.session.add_all(clinics)
        db.session.flush()
        copies = [_copy(model, clinic.id) for clinic in clinics]
        db.session.commit()
        if copies:
            _copy_rows(model, copies)
            db.session.commit()
    return copies


def _named_apart(model: TestClinic) -> Clinic:
    first = db.session.get(Clinic, model.clinic_id)
    kept = {c.name: getattr(first, c.name) for c in Clinic.__table__.columns if c.name != "id"}
    return Clinic(**kept | {"slug": f"c-{secrets.token_hex(6)}"})


def _copy(model: TestClinic, clinic_id: object) -> TestClinic:
    key = f"rdv_{secrets.token_hex(8)}_{secrets.token_urlsafe(32)}"
    return TestClinic(
        model.app, uuid4(), clinic_id, None, key,
        model.categories, model.species, model.resources, model.logivet,
    )  # fmt: skip


def _copy_rows(model: TestClinic, copies: list[TestClinic]) -> None:
    """Give the copies the model's rows: what has an account's id has its own ids inside of it."""
    account = _rows(ClinicAccount.__table__, ClinicAccount.id == model.account_id)[0]
    own = [account | {"id": one.account_id, "clinic_id": one.clinic_id} for one in copies]
    db.session.execute(sa.insert(ClinicAccount.__table__), own)
    apart = {SyncKey.__table__, Audit.__table__}
    for table in Base.metadata.sorted_tables:
        if "account_id" not in table.c or table in apart:
            continue
        rows = _rows(table, table.c.account_id == model.account_id)
        if rows:
            again = [_row_of(one, row) for one in copies for row in rows]
            db.session.execute(sa.insert(table), again)
    db.session.execute(sa.insert(SyncKey), [_key_row(one) for one in copies])


def _row_of(clinic: TestClinic, row: dict[str, object]) -> dict[str, object]:
    token = "confirmation_token_sha256"
    apart = {token: secrets.token_hex(32)} if token in row else {}
    return row | {"account_id": clinic.account_id} | apart


def _rows(table: sa.FromClause, which: sa.ColumnElement[bool]) -> list[dict[str, object]]:
    return [dict(row) for row in db.session.execute(sa.select(table).where(which)).mappings()]


def _key_row(clinic: TestClinic) -> dict[str, object]:
    _, key_id, secret = clinic.key.split("_", 2)
    return {
        "key_id": key_id,
        "account_id": clinic.account_id,
        "secret_sha256": sha256(secret.encode()).hexdigest(),
        "scopes": list(SCOPES),
        "created_at": state().clock(),
    }
