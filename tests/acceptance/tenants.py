"""Every address of the interface with a good request for it, and all that a clinic has."""

import json
import secrets
import uuid
from hashlib import sha256

import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models.base import Base
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.support.served import call

BODIES = {
    "put_part": {"items": []},
    "commit_snapshot": {"parts": 1},
    "cancel_booking": {"reason": "", "notify_client": False},
    "move_booking": {
        "resource_id": "r2",
        "start": "2100-01-04T15:00:00Z",
        "end": "2100-01-04T15:30:00Z",
        "notify_client": False,
    },
    "changes": {"token": "", "changes": []},
    "open_snapshot": {"kinds": ["busy"]},
}
"""A good body for each endpoint that takes one."""


def rules(app):
    """Return every address of the interface but the document: endpoint, method and rule."""
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("rdv_sync.")]
    return [
        (rule.endpoint.removeprefix("rdv_sync."), method, rule)
        for rule in found
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "rdv_sync.openapi"
    ]


def addresses(portal):
    """Return every endpoint that takes a body: its name, method and whole address, ids unknown."""
    return [
        (name, method, portal.url + _path(rule, {}))
        for name, method, rule in rules(portal.app)
        if name in BODIES
    ]


def send(portal, name, method, rule, *, key, ids=None, query="", **changed):
    """Send a good request to an address, its ids from `ids`, or unknown ones."""
    body = BODIES[name] | changed if name in BODIES else None
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    url = portal.url + _path(rule, ids or {}) + query
    return call(url, method, key=key, body=body, headers=headers)


def _path(rule, ids):
    made = {"snapshot_id": uuid.uuid4(), "booking_id": uuid.uuid4(), "n": 1} | ids
    path = rule.rule
    for argument in rule.arguments:
        kind = {"n": "int"}.get(argument, "uuid")
        path = path.replace(f"<{kind}:{argument}>", str(made[argument]))
    assert "<" not in path
    return path


def rows(clinic):
    """Return a hash of every row of a clinic, table by table, but for when keys were used."""
    with clinic.app.app_context():
        session = db.session()
        session.rollback()
        made = {}
        for table in Base.metadata.sorted_tables:
            column = table.c.get("account_id", table.c.id if "clinic_id" in table.c else None)
            if column is not None:
                columns = [c for c in table.c if not c.name.startswith("last_used")]
                found = session.execute(sa.select(*columns).where(column == clinic.account_id))
                told = sorted(json.dumps(list(row), default=str) for row in found)
                made[table.name] = sha256("\n".join(told).encode()).hexdigest()
        session.rollback()
        return made


def write(clinic, verb):
    with clinic.app.app_context():
        return transact(jobs.desk(), clinic.account_id, verb)
