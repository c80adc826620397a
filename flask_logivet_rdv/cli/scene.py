"""The scene of a conformance run: what owners and operators do, done by the package's own verbs."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Category, Outbox, Resource, Species
from flask_logivet_rdv.scheduling.opening import Opening, midnight, zone
from flask_logivet_rdv.services import accounts, associations, keys, settings
from flask_logivet_rdv.services.associations import SpeciesEdit
from flask_logivet_rdv.services.availability import bookable_slots
from flask_logivet_rdv.services.booking import Booked, book
from flask_logivet_rdv.services.booking_form import BookingForm, Consent
from flask_logivet_rdv.services.cancelling import Cancelled, cancel_by_client
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.offering import Offer, bookable_offers
from flask_logivet_rdv.services.outbox import State
from flask_logivet_rdv.services.settings import CategoryEdit
from flask_logivet_rdv.services.transaction import Tx, transact

MINUTES = 30
EARLIEST = timedelta(hours=48)
"""So that an owner can still cancel, whatever the portal's delays."""
EVERY_DAY = tuple(Opening(weekday, 8 * 60, 18 * 60) for weekday in range(7))


@dataclass(frozen=True, slots=True)
class PortalScene:
    """Acts on one clinic of this portal. Nobody is mailed of what it books."""

    account_id: uuid.UUID

    def offer(self, *, resource: str, species: str, category: str) -> None:
        """Have the rows of these keys of LogiVet's booked online; nothing if one is not there."""

        def work(tx: Tx) -> None:
            found = [
                _living(tx, model, key)
                for model, key in ((Resource, resource), (Species, species), (Category, category))
            ]
            if None not in found:
                _offer(tx, *found)

        transact(jobs.desk(), self.account_id, work)

    def starts(self, *, resource: str) -> Sequence[str]:
        """Return the starts that the widget offers at a resource, of whole days; see Scene."""
        desk = jobs.desk()
        session, now = desk.session, desk.clock()
        session.rollback()  # what the portal wrote since is to be seen
        account = accounts.account_row(session, self.account_id)
        offer = self._offered(resource)
        found = []
        if account is not None and offer is not None:
            slots = bookable_slots(session, account, offer.triple, now, desk.rules)
            first = _first_whole_day(now + EARLIEST, zone(account.time_zone))
            found = [_instant(slot.start) for slot in slots if slot.start >= first]
        session.rollback()
        return found

    def book(self, start: str, *, resource: str) -> str | None:
        """Book as an owner, and return the booking's id, None when it is refused."""
        offer = self._offered(resource)
        if offer is None:
            return None
        form = _form(offer, int(datetime.fromisoformat(start).timestamp()))

        def work(tx: Tx) -> str | None:
            done = book(tx, form)
            if not isinstance(done, Booked):
                return None
            _mail_nobody(tx, done.booking_id)
            return str(done.booking_id)

        return transact(jobs.desk(), self.account_id, work, agenda=True)

    def cancel_as_client(self, booking_id: str) -> bool:
        """Cancel as the owner does by the mailed link; tell whether it was done now."""

        def work(tx: Tx) -> bool:
            done = cancel_by_client(tx, uuid.UUID(booking_id), "Conformance")
            _mail_nobody(tx, uuid.UUID(booking_id))
            return isinstance(done, Cancelled) and done.now

        return transact(jobs.desk(), self.account_id, work, agenda=True)

    def create_key(self, *scopes: str) -> str:
        """Return a new key of the clinic."""
        return transact(jobs.desk(), self.account_id, lambda tx: keys.create_key(tx, scopes))

    def revoke_key(self, key: str) -> None:
        """Revoke a key of the clinic; one that is not its own is left alone."""
        _, key_id, _ = f"{key}__".split("_", 2)
        transact(jobs.desk(), self.account_id, lambda tx: keys.revoke_key(tx, key_id))

    def subscribe(self, active: bool) -> None:
        """Switch the clinic's subscription on or off."""
        work = lambda tx: accounts.set_subscription(tx, active)  # noqa: E731
        transact(jobs.desk(), self.account_id, work)

    def _offered(self, resource: str) -> Offer | None:
        session = jobs.desk().session
        rows = living(session, Resource, self.account_id)
        wanted = {row.id for row in rows if row.logivet_id == resource}
        offers = bookable_offers(session, self.account_id)
        return next((offer for offer in offers if offer.triple.resource in wanted), None)


def _living(tx: Tx, model: type[Any], key: str) -> Any:
    rows = living(tx.session, model, tx.account_id)
    return next((row.id for row in rows if row.logivet_id == key), None)


def _offer(tx: Tx, resource: uuid.UUID, species: uuid.UUID, category: uuid.UUID) -> None:
    linked = [SpeciesEdit(species, True, frozenset({category}))]
    settings.save_categories(tx, [CategoryEdit(category, True, MINUTES)], None)
    associations.save_species(tx, linked, None)
    associations.save_offers(tx, resource, linked, None)
    settings.save_openings(tx, resource, EVERY_DAY, None)
    tx.session.flush()  # what is enabled is read back from the database
    settings.set_enabled(tx, resource, True, None)


def _form(offer: Offer, start: int) -> BookingForm:
    return BookingForm(
        booking_key=secrets.token_urlsafe(24),
        confirmation_sha256=secrets.token_hex(32),
        species=offer.triple.species,
        category=offer.triple.category,
        resource=offer.triple.resource,
        start=start,
        name="Conformance",
        email="conformance@example.invalid",
        # the limits of an address and of a number are not what is tried
        email_key=secrets.token_hex(32),
        pet_name="Conformance",
        phone=f"+1514555{secrets.randbelow(10_000):04}",
        reason="",
        language="fr",
        consent=Consent("conformance", "fr", "Conformance"),
    )


def _mail_nobody(tx: Tx, booking_id: uuid.UUID) -> None:
    """Skip the mails of a booking, in the transaction that makes them."""
    tx.session.flush()
    tx.session.execute(
        sa.update(Outbox)
        .where(
            Outbox.account_id == tx.account_id,
            Outbox.booking_id == booking_id,
            Outbox.state == State.PENDING,
        )
        .values(state=State.SKIPPED)
    )


def _first_whole_day(after: datetime, here: tzinfo) -> int:
    """Return the midnight (UTC seconds) after an instant, in a zone."""
    return midnight(after.astimezone(here).date() + timedelta(days=1), here)


def _instant(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
