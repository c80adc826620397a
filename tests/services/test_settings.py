"""What the account pages' own tests do not reach: audits, hidden rows, foreign ids."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Audit, Category, ClinicAccount, Resource
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services.associations import SpeciesEdit, save_offers, save_species
from flask_logivet_rdv.services.availability import openings
from flask_logivet_rdv.services.catalogue import (
    category_links,
    offered_resources,
    resource_settings,
    resources_with_hours,
)
from flask_logivet_rdv.services.saving import UnknownRowError
from flask_logivet_rdv.services.settings import (
    CategoryEdit,
    Missing,
    save_categories,
    save_domains,
    save_openings,
    set_enabled,
)
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import DOLITTLE

MORNING = Opening(1, 540, 720)


@pytest.fixture
def save(clinic):
    def save(verb):
        with clinic.app.app_context():
            return transact(jobs.desk(), clinic.account_id, verb)

    return save


def audits(session, clinic):
    session.rollback()
    rows = sa.select(Audit).where(Audit.account_id == clinic.account_id)
    return session.scalars(rows.order_by(Audit.revision, Audit.n)).all()


def test_an_audit_says_who_what_before_and_after(save, clinic, session):
    actor = Actor(clinic.user_id, "Zoé L'Écuyer", clinic.clinic_id)
    exam = clinic.categories["Examen"]
    save(lambda tx: save_categories(tx, [CategoryEdit(exam, True, 45)], actor))
    last = audits(session, clinic)[-1]
    assert (last.subject, last.actor_kind, last.actor_name) == ("categories", "user", actor.name)
    assert (last.user_id, last.before, last.after) == (
        clinic.user_id,
        {str(exam): [True, 30]},
        {str(exam): [True, 45]},
    )


def unchanged(clinic):
    exam, dog = clinic.categories["Examen"], clinic.species["Canin"]

    def species(tx):
        held = category_links(tx.session, tx.account_id)[dog]
        return save_species(tx, [SpeciesEdit(dog, True, held)], None)

    def offers(tx):
        resource = clinic.resources[DOLITTLE]
        held = resource_settings(tx.session, tx.account_id, resource).categories[dog]
        return save_offers(tx, resource, [SpeciesEdit(dog, True, held)], None)

    def hours(tx):
        resource = clinic.resources[DOLITTLE]
        return save_openings(
            tx, resource, list(reversed(openings(tx.session, tx.account_id, resource))), None
        )

    return [
        lambda tx: save_categories(tx, [CategoryEdit(exam, True, 30)], None),
        species,
        offers,
        hours,
        lambda tx: save_domains(tx, tx.account.domains, None),
        lambda tx: set_enabled(tx, clinic.resources[DOLITTLE], True, None),
    ]


def test_saving_what_is_there_is_no_write_at_all(save, clinic, session):
    before = session.get(ClinicAccount, clinic.account_id).revision
    held = len(audits(session, clinic))
    for verb in unchanged(clinic):
        save(verb)
    assert len(audits(session, clinic)) == held
    assert session.get(ClinicAccount, clinic.account_id).revision == before


def test_links_with_a_deleted_category_are_kept_hidden(save, clinic, session):
    dog, exam = clinic.species["Canin"], clinic.categories["Examen"]
    session.execute(
        sa.update(Category)
        .where(Category.account_id == clinic.account_id, Category.id == exam)
        .values(deleted_at=datetime(2026, 3, 1, tzinfo=UTC))
    )
    session.commit()
    other = frozenset({clinic.categories["Chirurgie"]})
    save(lambda tx: save_species(tx, [SpeciesEdit(dog, True, other)], None))
    assert category_links(session, clinic.account_id)[dog] == {exam, *other}


@pytest.mark.parametrize(
    "week", [[MORNING, Opening(1, 719, 800)], [MORNING, MORNING], [MORNING, Opening(1, 600, 660)]]
)
def test_hours_that_overlap_are_refused_and_nothing_is_lost(save, clinic, session, week):
    resource = clinic.resources[DOLITTLE]
    before = openings(session, clinic.account_id, resource)
    with pytest.raises(ValueError, match="overlap"):
        save(lambda tx: save_openings(tx, resource, week, None))
    assert openings(session, clinic.account_id, resource) == before


@pytest.mark.parametrize("foreign", ["another clinic's", "nobody's"])
@pytest.mark.parametrize(
    "verb",
    [
        lambda tx, ids: save_categories(tx, [CategoryEdit(ids["category"], False, None)], None),
        lambda tx, ids: save_species(tx, [SpeciesEdit(ids["species"], True, frozenset())], None),
        lambda tx, ids: save_openings(tx, ids["resource"], [MORNING], None),
        lambda tx, ids: save_offers(tx, ids["resource"], [], None),
        lambda tx, ids: set_enabled(tx, ids["resource"], False, None),
    ],
)
def test_ids_that_are_not_the_clinics_are_unknown(save, bare_clinic, foreign, verb):
    theirs = {
        "category": bare_clinic.categories["Examen"],
        "species": bare_clinic.species["Canin"],
        "resource": bare_clinic.resources[DOLITTLE],
    }
    ids = theirs if foreign == "another clinic's" else dict.fromkeys(theirs, uuid.uuid4())
    with pytest.raises(UnknownRowError):
        save(lambda tx: verb(tx, ids))


def test_what_a_resource_lacks_is_told_and_it_stays_off(save, clinic, session):
    house = clinic.resources["Dr Gregory House"]
    lacks = save(lambda tx: set_enabled(tx, house, True, None))
    assert lacks == (Missing.CATEGORIES, Missing.OPENINGS)
    save(lambda tx: save_openings(tx, house, [MORNING], None))
    assert save(lambda tx: set_enabled(tx, house, True, None)) == (Missing.CATEGORIES,)
    assert session.get(Resource, (clinic.account_id, house)).enabled is False


def test_a_resource_may_always_be_switched_off(save, clinic, session):
    resource = clinic.resources[DOLITTLE]
    save(lambda tx: save_openings(tx, resource, [], None))
    assert save(lambda tx: set_enabled(tx, resource, False, None)) == ()
    assert session.get(Resource, (clinic.account_id, resource)).enabled is False


@pytest.mark.parametrize("part", ["species", "category", "link", "sight"])
def test_a_resource_offers_only_what_holds_all_the_way(save, clinic, session, part):
    dogs, exam, who = (
        clinic.species.values(), clinic.categories.values(), clinic.resources[DOLITTLE],
    )  # fmt: skip
    off = [SpeciesEdit(one, False, frozenset()) for one in dogs]
    verbs = {
        "species": lambda tx: save_species(tx, off, None),
        "category": lambda tx: save_categories(
            tx, [CategoryEdit(one, False, None) for one in exam], None
        ),
        "link": lambda tx: save_species(
            tx, [SpeciesEdit(one, True, frozenset()) for one in dogs], None
        ),
        "sight": lambda tx: save_offers(tx, who, off, None),
    }
    assert offered_resources(session, clinic.account_id) == {who}
    save(verbs[part])
    assert offered_resources(session, clinic.account_id) == frozenset()
    assert resources_with_hours(session, clinic.account_id) == {who}
