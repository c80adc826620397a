"""What is kept of a clinic's offers: read once, and never other than what would be read."""

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Category, ClinicAccount, Resource
from flask_logivet_rdv.services.accounts import new_epoch
from flask_logivet_rdv.services.associations import SpeciesEdit, save_offers
from flask_logivet_rdv.services.booking import Refused, Unbookable, book
from flask_logivet_rdv.services.by_clinic import cancel_by_clinic
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.catalogue import count_bookable
from flask_logivet_rdv.services.offering import KeptOffers, bookable_offers
from flask_logivet_rdv.services.settings import save_openings, set_enabled
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.shelf import Shelf
from tests.support.clinics import DOLITTLE, at

TEN = at("2026-03-18", "10:00")


@pytest.fixture
def offered(clinic, session):
    """Ask for the clinic's offers as committed, as one process would."""
    kept = KeptOffers()

    def offered(asks=lambda: session):
        session.rollback()
        account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
        return kept.of(account, asks)

    return offered


@pytest.fixture
def write(clinic, session):
    def write(work, **how):
        return transact(jobs.desk(), clinic.account_id, work, **how)

    return write


def never():
    raise AssertionError("nothing was to be read")


@pytest.mark.parametrize("missing", [None, "hours", "enabled", "offers"])
def test_the_resources_that_lack_nothing_are_those_of_the_offers(clinic, session, write, missing):
    who = clinic.resources[DOLITTLE]
    takes_away = {
        None: lambda tx: None,
        "hours": lambda tx: save_openings(tx, who, [], None),
        "enabled": lambda tx: set_enabled(tx, who, False, None),
        "offers": lambda tx: save_offers(
            tx, who, [SpeciesEdit(one, False, frozenset()) for one in clinic.species.values()], None
        ),
    }
    write(takes_away[missing])
    offered = {offer.triple.resource for offer in bookable_offers(session, clinic.account_id)}
    assert count_bookable(session, clinic.account_id) == len(offered) == (missing is None)


def test_offers_are_read_once(offered, clinic, session):
    assert offered() == bookable_offers(session, clinic.account_id)
    assert offered(never)


@pytest.mark.parametrize(
    "work",
    [
        lambda clinic, tx: setattr(
            tx.session.get(Category, (tx.account_id, clinic.categories["Examen"])), "online", False
        ),
        lambda clinic, tx: setattr(
            tx.session.get(Resource, (tx.account_id, clinic.resources[DOLITTLE])), "name_fr", "Bob"
        ),
        lambda clinic, tx: save_openings(tx, clinic.resources[DOLITTLE], [], None),
    ],
    ids=["category", "name", "hours"],
)
def test_a_change_of_settings_has_them_read_again(offered, clinic, session, write, work):
    before = offered()
    write(lambda tx: work(clinic, tx))
    after = offered()
    assert after == bookable_offers(session, clinic.account_id)
    assert after != before


def test_a_restored_database_has_them_read_again(offered, write, session, clinic):
    offered()

    def restored(tx):
        new_epoch(tx)
        tx.account.settings_revision -= 1

    write(restored)
    with pytest.raises(AssertionError, match="nothing was to be read"):
        offered(never)


def test_the_agenda_leaves_them_valid(offered, clinic, write):
    offered()
    booking = clinic.book(TEN)
    write(lambda tx: cancel_by_client(tx, booking, ""), agenda=True)
    again = clinic.book(TEN)
    write(lambda tx: cancel_by_clinic(tx, again, "", notify_client=False), agenda=True)
    assert offered(never)


def test_a_booking_relies_only_on_what_was_read_under_the_lock(clinic, session, write):
    """Whatever the pages show: theirs may be of a lagging copy, or of a transaction that ended."""
    wanted = (clinic.account_id, clinic.categories["Examen"])

    def and_off(tx):
        done = book(tx, clinic.form(TEN))
        tx.session.get(Category, wanted).online = False
        return done

    write(and_off)
    refused = write(lambda tx: book(tx, clinic.form(TEN + 1800)), agenda=True)
    assert refused == Refused(Unbookable.GONE)


def test_a_write_of_the_agenda_cannot_change_the_settings(clinic, write):
    hours = clinic.resources[DOLITTLE]
    with pytest.raises(RuntimeError, match=r"changes the settings: resource:.*:openings"):
        write(lambda tx: save_openings(tx, hours, [], None), agenda=True)


def test_a_shelf_for_none_keeps_none(clinic, session):
    account = session.get(ClinicAccount, clinic.account_id)
    kept = KeptOffers(Shelf(0))
    kept.of(account, lambda: session)
    with pytest.raises(AssertionError, match="nothing was to be read"):
        kept.of(account, never)
