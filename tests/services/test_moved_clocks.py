"""T2: new zone data move the clock of visits to come; it is told once, and nothing is changed."""

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.messages import notices
from flask_logivet_rdv.models import Booking, ClinicAccount, Event
from flask_logivet_rdv.services.by_clinic import cancel_by_clinic
from flask_logivet_rdv.services.events import read_events
from flask_logivet_rdv.services.moved_clocks import moved, tell_moved
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from tests.support.clinics import at

START = at("2026-03-18", "10:00")
TOLD = "2026-03-18T11:00"


@pytest.fixture
def visit(clinic, session):
    """A visit at 10:00 whose client was told 11:00, by the zone data of that time."""
    booking_id = clinic.book(START)
    told(session, booking_id, TOLD)
    return booking_id


def told(session, booking_id, wall):
    of_id = sa.update(Booking).where(Booking.id == booking_id)
    session.execute(of_id.values(local_start=wall))
    session.commit()


def tell(clinic):
    return transact(jobs.desk(), clinic.account_id, tell_moved)


def found(clinic, session, clock):
    return moved(session, int(clock.now.timestamp()), clinic.account_id)


def messages(clinic, session, lang="fr"):
    session.rollback()
    account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
    facts = state().facts(clinic.clinic_id)
    page = read_events(session, account, 0, 100)
    return [
        notices.message(event, facts, lang).body.replace("\N{NO-BREAK SPACE}", " ")
        for event in page.events
        if event.type == "notice"
    ]


def test_it_is_found_with_both_times(clinic, session, clock, visit):
    clinic.book(START + 1800)
    [one] = found(clinic, session, clock)
    assert (one.booking_id, one.told, one.now) == (visit, TOLD, "2026-03-18T10:00")


def test_the_clinic_is_told_once(clinic, session, visit):
    assert tell(clinic) == 1
    assert tell(clinic) == 0
    assert messages(clinic, session) == [
        "Les règles d'un fuseau horaire ont changé : ces rendez-vous ne sont plus à l'heure qui a"
        " été annoncée aux clients. Rien n'a été modifié : appelez les clients, ou déplacez les"
        " rendez-vous : le mercredi 18 mars 2026 à 10 h (Tom, Solutions Vet), annoncé pour le"
        " mercredi 18 mars 2026 à 11 h."
    ]


def test_one_that_moves_later_is_told_alone(clinic, session, visit):
    tell(clinic)
    told(session, clinic.book(START + 1800), "2026-03-18T11:30")
    assert tell(clinic) == 1
    assert "10 h 30" in messages(clinic, session)[1]
    assert "10 h (" not in messages(clinic, session)[1]


def test_nothing_is_changed(clinic, session, clock, visit):
    tell(clinic)
    session.rollback()
    kept = session.get(Booking, (clinic.account_id, visit), populate_existing=True)
    assert (kept.starts_at, kept.local_start, kept.version) == (START, TOLD, 1)
    assert len(found(clinic, session, clock)) == 1


def test_what_was_settled_meanwhile_is_not_listed(clinic, session, visit):
    tell(clinic)
    transact(
        jobs.desk(),
        clinic.account_id,
        lambda tx: cancel_by_clinic(tx, visit, "", notify_client=False),
    )
    assert messages(clinic, session, "en") == ["There is nothing left to do."]


def test_what_is_past_or_cancelled_is_nobodys_concern(clinic, session, clock, visit):
    clock.advance(days=3)
    assert found(clinic, session, clock) == []
    assert tell(clinic) == 0


def test_the_notice_holds_nothing_personal(clinic, session, visit):
    tell(clinic)
    facts = sa.select(Event.facts).where(Event.account_id == clinic.account_id)
    [told_] = session.scalars(facts.where(Event.type == "notice"))
    assert told_ == {
        "about": "zone",
        "bookings": [str(visit)],
        "times": [[TOLD, "2026-03-18T10:00"]],
        "told": [[str(visit), "2026-03-18T10:00"]],
        "count": 1,
    }


def test_the_command_lists_it(portal, clinic, session, visit):
    result = portal.test_cli_runner().invoke(args=["rdv", "tidy"])
    assert (
        f"The clock has moved: account {clinic.account_id}, booking {visit}, told {TOLD},"
        " now 2026-03-18T10:00." in result.output.splitlines()
    )
    assert len(messages(clinic, session)) == 1
