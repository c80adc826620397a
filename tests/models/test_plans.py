"""Every statement of every request finds its rows by an index, as PostgreSQL itself plans it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, has_request_context, request, request_started

from flask_logivet_rdv.models import Outbox
from host_example.models import db
from tests.benchmarks.crowd import Crowd, starts
from tests.blueprints.account.conftest import Staff
from tests.blueprints.account.support import add_portal_clinic, posts, support_person
from tests.blueprints.sync.calls import Desktop, delete, item, upsert
from tests.blueprints.widget.owner import WIDGET, Owner
from tests.models.crowded import fill
from tests.support.clinics import DOLITTLE, TestClinic
from tests.support.databases import database
from tests.support.links import Link
from tests.support.portal import make_portal, migrate

pytestmark = pytest.mark.xdist_group("plans")
READ_WHOLE = {
    "rdv_consent_text": "a row for each wording there ever was, a handful",
    "rdv_sync_state": "a short row a clinic, hundreds to a page: read sooner than an index",
}
"""Tables that may be read from their first row to their last, and why."""

OF_EVERY_CLINIC = ("rdv_account.support", "rdv_account.support_open")
"""Pages of LogiVet's support that list the clinics, and so read all of them."""

Plan = dict[str, Any]


class Heard:
    """What requests were made, and their statements, each as it was first sent."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.asked: set[tuple[str, str]] = set()
        self.sent: dict[str, tuple[str, Any]] = {}

    def request(self, _app: Flask, **_: Any) -> None:
        self.asked.add((request.method, request.endpoint or ""))

    def statement(self, _c: Any, _k: Any, statement: str, given: Any, _x: Any, many: bool) -> None:
        if has_request_context() and "rdv_" in statement:
            where = request.endpoint or ""
            if where not in OF_EVERY_CLINIC:
                self.sent.setdefault(statement, (where, given[0] if many else given))


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    """Ask for everything in a crowded portal; its database is there until the end."""
    folder = tmp_path_factory.mktemp("plans")
    with database("postgresql", folder) as url:
        app = make_portal(folder, url, LOGIVET_RDV_FORM_MIN_AGE=0)
        migrate(app)
        crowd, found = fill(app), Heard(app)
        with app.app_context():
            sa.event.listen(db.engine, "before_cursor_execute", found.statement)
        with request_started.connected_to(found.request, app):
            _be_an_owner(crowd.clinics[0])
            _be_logivet(app, crowd)
            _be_staff(crowd.clinics[0])
            _be_support(crowd.clinics[0])
        with app.app_context():
            sa.event.remove(db.engine, "before_cursor_execute", found.statement)
            yield found
            db.session.remove()
            db.engine.dispose()


def test_everything_was_asked_for(heard: Heard) -> None:
    """Else what follows would tell nothing."""
    ours = {
        (method, rule.endpoint)
        for rule in heard.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("rdv_") and not rule.endpoint.endswith((".static", ".openapi"))
    }
    assert ours - heard.asked == set()
    assert len(heard.sent) > 100


def test_every_statement_finds_its_rows_by_an_index(heard: Heard) -> None:
    with db.engine.connect() as connection:
        leading = _leading_columns(connection)
        told = [
            f"{where}: {fault}\n{statement}"
            for statement, (where, given) in heard.sent.items()
            for fault in _faults(_plan(connection, statement, given), leading)
        ]
    assert told == []


def test_a_booking_looks_through_no_others_of_its_clinic(heard: Heard) -> None:
    """Only at those of its form, its address, its number, its resource on its day."""
    [(statement, (_, given))] = [
        (statement, of)
        for statement, of in heard.sent.items()
        if of[0] == "rdv_widget.reserve"
        and "rdv_consent_text.sha256" in statement
        and statement.startswith("SELECT")
    ]
    with db.engine.connect() as connection:
        found = list(_scans(_plan(connection, statement, given), "rdv_booking"))
    own = re.compile(r"\b(booking_key|email_key|phone|resource_id|id)\b")
    assert len(found) >= 6
    assert [condition for condition in found if not own.search(condition)] == []


@pytest.mark.parametrize(
    ("reads", "fault"),
    [
        ("* FROM rdv_booking WHERE pet_name = 'Tom'", "reads all of rdv_booking"),
        ("account_id FROM rdv_busy ORDER BY 1 LIMIT 9", "reads all of "),
        ("* FROM rdv_event WHERE seq = 5", "reads all of rdv_event"),
    ],
)
def test_what_has_no_index_is_told(heard: Heard, reads: str, fault: str) -> None:
    with db.engine.connect() as connection:
        plan = _plan(connection, f"SELECT {reads}", None)
        assert [told[: len(fault)] for told in _faults(plan, _leading_columns(connection))] == [
            fault
        ]


def _plan(connection: sa.Connection, statement: str, given: Any) -> Plan:
    explained = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", given)
    plan: Plan = explained.scalar_one()[0]["Plan"]
    return plan


def _faults(plan: Plan, leading: dict[str, str]) -> Iterator[str]:
    """Yield how a plan reads rows that are not asked for: a table, or an index, from end to end."""
    table, index = plan.get("Relation Name", ""), plan.get("Index Name", "")
    if plan["Node Type"] == "Seq Scan" and table.startswith("rdv_") and table not in READ_WHOLE:
        yield f"reads all of {table}"
    if index and not re.search(rf"\b{leading[index]}\b", plan.get("Index Cond", "")):
        yield f"reads all of {index}"
    for part in plan.get("Plans", ()):
        yield from _faults(part, leading)


def _scans(plan: Plan, table: str) -> Iterator[str]:
    """Yield the index conditions by which a plan reads a table."""
    if plan.get("Relation Name") == table:
        yield plan.get("Index Cond", plan.get("Recheck Cond", ""))
    for part in plan.get("Plans", ()):
        yield from _scans(part, table)


def _leading_columns(connection: sa.Connection) -> dict[str, str]:
    """Return the first column of each index: in those of a clinic's table, the clinic."""
    first = "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true) FROM pg_index"
    return dict(row for row in connection.exec_driver_sql(first))


def _be_an_owner(clinic: TestClinic) -> None:
    """Look around, book, come back for more, and cancel."""
    first, second, third = (
        datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for start in starts(4)[1:]
    )
    owner = Owner(clinic, clinic.app.test_client())
    for query in ({}, owner.choices, owner.choices | {"day": first[:10], "resource": "all"}):
        assert owner.look(**query).status == 200
    form = owner.details(first).form() | owner.filled
    booked = owner.send(form)
    assert booked.status == 303
    assert owner.send(form).status == 303
    assert owner.send(owner.details(second).form() | owner.filled | {"email": "?"}).status == 422
    assert owner.book(second, phone="514 555-0135").status == 303
    late = owner.details(third).form() | owner.filled
    clinic.book(starts(4)[3])
    assert owner.send(late).status == 409
    page = owner.client.get(booked.answer.location)
    assert page.status_code == 200
    assert owner.client.get(f"{booked.answer.location}.ics").status_code == 200
    assert owner.send(owner.typed | owner.choices, path=WIDGET).status == 200
    for path in ("/embed.js", f"/theme/{clinic.account_id}.css"):
        with owner.client.get(WIDGET + path) as file:
            assert file.status_code == 200
    link = Link(clinic, starts(20)[19], phone="+15145550136")
    assert link.get().status_code == 200
    assert link.post().status_code == 303
    assert link.get().status_code == 200
    for nobodys in ("", "x" * 43):
        assert link.client.get(f"{WIDGET}/annuler/{nobodys}").status_code == 404


def _be_logivet(app: Flask, crowd: Crowd) -> None:
    """Say and read everything that LogiVet can."""
    clinic = crowd.clinics[0]
    desktop = Desktop(app.test_client(), clinic.key)
    start = datetime.fromtimestamp(starts(1)[0], UTC)
    span = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
    place = {"resource_id": clinic.logivet[f"resource:{DOLITTLE}"], "type": "note"} | span
    mirror = place | {"booking_id": str(crowd.booking_id), "resource_id": None}
    name = {"fr": "Examen", "en": "Exam"}
    rows = [
        upsert("busy", "on", 1, **place),
        upsert("busy", "mirror", 1, **mirror),
        *(upsert("busy", f"more{n}", 1, **place) for n in range(200)),
        upsert("category", "c5", 2, name=name),
        upsert("category", "new", 1, name=name),
    ]
    gone = [delete("busy", "on", 2), delete("species", "s6", 2), delete("resource", "r1", 2)]
    for changes in (rows, gone):
        assert desktop.upload(*changes).status_code == 200
    assert desktop.post({"token": "0:0", "changes": []}).status_code == 409
    assert desktop.snapshot(*map(item, rows), kinds=["category", "busy"]).status_code == 200
    assert desktop.events(crowd.cursor).status_code == 200
    for query in ({}, {"from": span["start"], "to": span["end"], "status": "confirmed"}):
        assert desktop.get("/bookings", query_string=query).status_code == 200
    path = f"/bookings/{crowd.booking_id}"
    moved = {"start": span["end"], "end": (start + timedelta(minutes=60)).isoformat()}
    to = moved | {"resource_id": "r3", "notify_client": True}
    assert desktop.send("POST", f"{path}/move", to).status_code == 200
    why = {"reason": "Fermé", "notify_client": True}
    assert desktop.send("POST", f"{path}/cancel", why).status_code == 200
    assert desktop.send("POST", "/keys/rotate", None).status_code == 200


def _be_staff(clinic: TestClinic) -> None:
    """Open every page of the account, and save each."""
    staff, dolittle = Staff(clinic.login()), clinic.resources[DOLITTLE]
    resource = f"/ressources/{dolittle}"
    pages = ("/", "/categories", "/especes", f"{resource}/categories", f"{resource}/disponibilites")
    for path in pages:
        page = staff.get(path)
        assert staff.send(path, page.fields() | {"op": "save"}).status == 303
    triple = {
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": dolittle,
    }
    day = str((datetime.now(UTC) + timedelta(days=9)).date())
    for path, query in (
        ("/ressources", {}),
        ("/historique", {}),
        ("/historique", {"subject": "species"}),
        ("/pourquoi", triple | {"day": day, "time": "10h00"}),
        ("/courriels", {}),
        ("/renseignements", {}),
    ):
        assert staff.get(path, **query).status == 200
    assert staff.send(f"{resource}/activation", {"active": "0"}).status == 303
    assert staff.send(f"/courriels/{_undelivered(clinic)}/renvoi").status == 303
    for op in ("show", "download", "erase"):
        asked = {"op": op, "email": "solutions@exemple.ca"}
        assert staff.send("/renseignements", asked).status in {200, 303}


def _undelivered(clinic: TestClinic) -> Any:
    """Have one mail of a clinic given up, and return its id."""
    with clinic.app.app_context():
        of = Outbox.account_id == clinic.account_id
        mail_id = db.session.scalars(sa.select(Outbox.id).where(of).limit(1)).one()
        db.session.execute(sa.update(Outbox).where(Outbox.id == mail_id).values(state="dead"))
        db.session.commit()
        return mail_id


def _be_support(clinic: TestClinic) -> None:
    """Open every page of the support, and do everything to one clinic."""
    support = support_person(clinic.app)
    with clinic.app.app_context():
        added = add_portal_clinic("Clinique du Lac")
    for path in ("/soutien", "/soutien/ouvrir", f"/soutien/{clinic.account_id}"):
        assert support.get(path, q="P&C").status == 200
    for path, fields in posts(clinic).items():
        opened = {"clinic": str(added)} if path.endswith("/ouvrir") else {}
        assert support.send(path, fields | opened).status in {200, 303}
