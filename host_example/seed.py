"""Tables and data of the demo: made if absent, kept if there."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import flask_migrate
from flask import Flask

from flask_logivet_rdv import jobs, migrating
from flask_logivet_rdv.services.accounts import (
    account_of_clinic,
    open_account,
    set_subscription,
)
from flask_logivet_rdv.services.settings import save_domains
from flask_logivet_rdv.services.transaction import Desk, transact

from .configure import configure, configured
from .desktop import demo
from .desktop.client import Portal, Transport
from .desktop.store import Store
from .desktop.sync import Sync
from .keys import sync_key
from .models import Clinic, db
from .people import seed_people
from .portal_host import PortalHost

PLANS: tuple[demo.Demo, demo.Demo] = ("first", "second")


@dataclass(frozen=True, slots=True)
class Seeded:
    """A clinic of the demo, ready to use; `store` is the file of its LogiVet."""

    clinic: Clinic
    account_id: uuid.UUID
    sync_key: str
    store: Path


def migrate(app: Flask) -> None:
    """Bring the portal's tables, then the package's, to their newest version."""
    with app.app_context():
        flask_migrate.upgrade()
    migrating.upgrade(app)


def seed(app: Flask, folder: Path, sync_url: str, site_host: str | None) -> list[Seeded]:
    """Return the demo's clinics, made and uploaded if absent.

    The portal must answer at `sync_url`: LogiVet's catalogue and agenda go through the sync API.
    `site_host` is saved as the first clinic's site, which alone is configured.
    """
    with app.app_context():
        desk = jobs.desk()
        seeded = [_account(desk, clinic, folder) for clinic in seed_people()]
        for plan, one in zip(PLANS, seeded, strict=True):
            _upload(one, plan, sync_url)
        first = seeded[0].account_id
        if not configured(desk.session, first):
            configure(desk, first)
        if site_host:
            _allow(desk, first, site_host)
        for one in seeded:
            desk.session.refresh(one.clinic)
            desk.session.expunge(one.clinic)
        return seeded


def _account(desk: Desk, clinic: Clinic, folder: Path) -> Seeded:
    account = account_of_clinic(desk.session, clinic.id)
    account_id = account.id if account else _subscribed(desk, clinic)
    key = sync_key(desk, folder, clinic.slug, account_id)
    return Seeded(clinic, account_id, key, folder / f"desktop-{clinic.slug}.sqlite3")


def _subscribed(desk: Desk, clinic: Clinic) -> uuid.UUID:
    facts = PortalHost(db, Clinic).clinics([clinic.id])[clinic.id]
    account_id = open_account(desk.session, clinic.id, facts, datetime.now(UTC))
    transact(desk, account_id, lambda tx: set_subscription(tx, active=True))
    return account_id


def _upload(one: Seeded, plan: demo.Demo, sync_url: str) -> None:
    store = Store(one.store)
    demo.seed(store, plan, ZoneInfo(one.clinic.time_zone))
    sync = Sync(store, Portal(Transport(sync_url, one.sync_key)))
    while sync.upload() is not None:
        pass


def _allow(desk: Desk, account_id: uuid.UUID, host: str) -> None:
    transact(desk, account_id, lambda tx: save_domains(tx, [*tx.account.domains, host], None))
