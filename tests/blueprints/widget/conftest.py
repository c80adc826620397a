import pytest
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Booking
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
