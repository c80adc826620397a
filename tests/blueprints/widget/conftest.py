from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Booking
from host_example.models import db
from tests.blueprints.widget.owner import Owner
from tests.support.clinics import TestClinic


@pytest.fixture
def owner(portal: Flask, clinic: TestClinic) -> Owner:
    return Owner(clinic, portal.test_client())


class Bookings:
    """What the database holds for the clinic."""

    def __init__(self, session: Session, clinic: TestClinic) -> None:
        self.session, self.clinic = session, clinic

    def all(self) -> list[Booking]:
        self.session.rollback()
        found = self.session.query(Booking).filter_by(account_id=self.clinic.account_id)
        return list(found.order_by(Booking.starts_at))


@pytest.fixture
def bookings(session: Session, clinic: TestClinic) -> Bookings:
    return Bookings(session, clinic)


@pytest.fixture
def count_queries(portal: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collect the statements that are sent within a block."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent: list[str] = []
        with portal.app_context():
            engine = db.engine

        def note(_conn, _cursor, statement, *_: object) -> None:
            sent.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return counting
