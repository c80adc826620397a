"""A mailed cancellation link under test: its booking, its pages, and all that it may write."""

import html
import re

import sqlalchemy as sa
from bs4 import BeautifulSoup

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, BookingCell, CancelLink, ClinicAccount, Event, Outbox
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from tests.support.clinics import at

START = at("2026-03-25", "10:00")
OURS = {"Sec-Fetch-Site": "same-origin"}
WIDGET = "/services/online-appointment"


class Link:
    """A booking with a mailed link, and a browser that opens it."""

    def __init__(self, clinic, start=START, **changed):
        self.clinic = clinic
        self.booking_id = clinic.book(start, **changed)
        with clinic.app.app_context():
            self.token = mint_cancel_link(jobs.desk(), clinic.account_id, self.booking_id)
        self.path = f"{WIDGET}/annuler/{self.token}"
        self.client = clinic.app.test_client()

    def get(self, **query):
        return self.client.get(self.path, query_string=query)

    def signature(self):
        return page(self.get()).find("input", {"name": "signature"})["value"]

    def post(self, reason="Tom va mieux", headers=OURS, **fields):
        data = {"reason": reason, "signature": self.signature()} | fields
        return self.client.post(self.path, data=data, headers=headers)


def page(response):
    return BeautifulSoup(response.text, "html.parser")


def said(response):
    return re.sub(r"\s+", " ", html.unescape(page(response).main.get_text(" ")))


def counts(session, clinic):
    """Return everything of a clinic that a cancellation writes."""
    session.rollback()
    models = (Event, Outbox, BookingCell, CancelLink)
    rows = [
        session.scalar(sa.select(sa.func.count()).where(m.account_id == clinic.account_id))
        for m in models
    ]
    bookings = session.execute(
        sa.select(Booking.status, Booking.version).where(Booking.account_id == clinic.account_id)
    ).all()
    account = session.get(ClinicAccount, clinic.account_id)
    return rows, bookings, account.revision
