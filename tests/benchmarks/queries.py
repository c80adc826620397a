"""How many SQL queries, and milliseconds, one page of the widget takes, whatever the data.

    python -m tests.benchmarks.queries

On SQLite in a temporary folder; the calendar of one resource, among 1 and 3 that are offered,
with 50 and 5,000 busy ranges in its agenda.
"""

import statistics
import tempfile
import time
import uuid
from pathlib import Path

import sqlalchemy as sa

from flask_logivet_rdv.models import (
    Busy,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    WeeklyOpening,
)
from host_example.models import db
from tests.support.clinics import DOLITTLE, TestClinic, at, make_clinic
from tests.support.portal import Clock, make_portal, migrate

PAGES = 50


def main() -> None:
    """Print a row for each of the four cases."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_portal(Path(folder), clock=Clock(), LOGIVET_RDV_LIMIT_PAGES=None)
        migrate(app)
        for resources in (1, 3):
            for busy in (50, 5_000):
                clinic = make_clinic(app, configured=True)
                with app.app_context():
                    _fill(clinic, busy)
                    if resources == 3:
                        _offer_all(clinic)
                queries, median = _measure(clinic)
                print(  # noqa: T201 what it is for
                    f"{resources} resource(s), {busy:>5} busy: {queries} queries, {median:.1f} ms"
                )
        with app.app_context():
            db.engine.dispose()


def _fill(clinic: TestClinic, count: int) -> None:
    """Put ranges of five minutes in the agenda, from a year ago on, outside the hours."""
    first = at("2025-04-01", "20:00")
    db.session.execute(
        sa.insert(Busy),
        [
            {
                "account_id": clinic.account_id,
                "logivet_id": uuid.uuid4().hex,
                "version": 1,
                "kind": "note",
                "resource_id": clinic.resources[DOLITTLE],
                "starts_at": first + n * 7_200,
                "ends_at": first + n * 7_200 + 300,
            }
            for n in range(count)
        ],
    )
    db.session.commit()


def _offer_all(clinic: TestClinic) -> None:
    """Have every resource offer what Dr Dolittle does, at the same hours."""
    own = clinic.resources[DOLITTLE]
    others = [one for one in clinic.resources.values() if one != own]
    for model in (ResourceSpecies, ResourceOffer, WeeklyOpening):
        columns = [c.name for c in model.__table__.columns]
        rows = db.session.execute(
            sa.select(model.__table__).where(
                model.account_id == clinic.account_id, model.resource_id == own
            )
        ).all()
        for other in others:
            copies = [dict(zip(columns, row, strict=True)) | {"resource_id": other} for row in rows]
            db.session.execute(sa.insert(model), copies)
    of_clinic = Resource.account_id == clinic.account_id
    db.session.execute(sa.update(Resource).where(of_clinic).values(enabled=True))
    db.session.commit()


def _measure(clinic: TestClinic) -> tuple[int, float]:
    client = clinic.app.test_client()
    query = {
        "widgetId": clinic.account_id,
        "lang": "fr",
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": clinic.resources[DOLITTLE],
    }
    statements: list[str] = []
    with clinic.app.app_context():
        engine = db.engine

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    sa.event.listen(engine, "before_cursor_execute", count)
    times = []
    for _ in range(PAGES):
        statements.clear()
        began = time.perf_counter()
        answer = client.get("/services/online-appointment", query_string=query)
        times.append((time.perf_counter() - began) * 1000)
        assert "button" in answer.text
    sa.event.remove(engine, "before_cursor_execute", count)
    return len(statements), statistics.median(times)


if __name__ == "__main__":
    main()
