"""A PostgreSQL full of clinics, so that its planner has every reason to choose its indexes."""

from typing import Any

import sqlalchemy as sa
from flask import Flask

from flask_logivet_rdv.models import Base
from host_example.models import db
from tests.benchmarks.crowd import Crowd, make_crowd

CLINICS = 400
ONE = "gen_random_uuid()"
HISTORY: dict[str, tuple[int, str, dict[str, str]]] = {
    "rdv_busy": (50, "rdv_booking", {
        "logivet_id": "'b' || n", "version": "1", "kind": "'note'", "booking_id": "NULL",
        "deleted_at": "NULL",
        "starts_at": "starts_at - n * 3600", "ends_at": "ends_at - n * 3600",
    }),
    "rdv_conflict": (15, "rdv_booking", {
        "booking_id": "s.id", "busy_id": "'b' || n", "opened_at": "booked_at",
    }),
    "rdv_cancel_link": (15, "rdv_booking", {
        "token_sha256": f"{ONE}::text", "booking_id": "s.id", "created_at": "booked_at",
    }),
    "rdv_audit": (30, "rdv_booking", {
        "revision": "1000 + n", "n": "1", "at": "booked_at", "subject": "'species'",
        "actor_kind": "'system'", "user_id": "NULL", "actor_name": "'LogiVet'",
        "before": "'{}'", "after": "'{}'",
    }),
    "rdv_reply": (15, "rdv_booking", {
        "idempotency_key": "'r' || n", "body_sha256": "form_sha256", "lease_until": "starts_at",
        "created_at": "starts_at", "answer": "'{}'",
    }),
    "rdv_snapshot": (15, "rdv_booking", {
        "id": ONE, "kinds": "'[]'", "busy_from": "NULL", "busy_to": "NULL", "state": "'done'",
        "lease_until": "NULL", "expires_at": "starts_at", "parts": "1", "counts": "'{}'",
        "reply": "'{}'",
    }),
    "rdv_snapshot_part": (2, "rdv_snapshot", {"snapshot_id": "s.id", "n": "n", "items": "'[]'"}),
    "rdv_booking_cell": (5, "rdv_booking_cell", {"cell": "cell - n * 12"}),
    "rdv_event": (15, "rdv_event", {"seq": "seq + n", "id": ONE}),
    "rdv_outbox": (15, "rdv_outbox", {
        "id": ONE, "dedupe_key": "'m' || n", "state": "'sent'", "not_before": "not_before - n",
    }),
    "rdv_booking": (15, "rdv_booking", {
        "id": ONE, "booking_key": f"{ONE}::text", "confirmation_token_sha256": f"{ONE}::text",
        "email_key": f"{ONE}::text", "phone": f"left({ONE}::text, 30)",
        "starts_at": "starts_at - n * 86400", "ends_at": "ends_at - n * 86400",
    }),
}  # fmt: skip
"""How many rows of a table each row of another makes, and what is not the same in them."""


def fill(app: Flask) -> Crowd:
    """Make the clinics, and give each a history; return them."""
    crowd = make_crowd(app, CLINICS)
    with app.app_context():
        for name, made in HISTORY.items():
            db.session.execute(sa.text(_copying(name, *made)))
        db.session.execute(sa.text("UPDATE rdv_clinic_account SET event_seq = 100"))
        db.session.commit()
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
    return crowd


def _copying(name: str, count: int, source: str, changed: dict[str, Any]) -> str:
    columns = [column.name for column in Base.metadata.tables[name].columns]
    values = ", ".join(changed.get(column, f"s.{column}") for column in columns)
    quoted = ", ".join(f'"{column}"' for column in columns)
    many = f"generate_series(1, {count}) n"
    return f"INSERT INTO {name} ({quoted}) SELECT {values} FROM {source} s, {many}"
