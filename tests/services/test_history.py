from datetime import timedelta

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.services import history, settings
from flask_logivet_rdv.services.changes import apply_changes
from flask_logivet_rdv.services.settings import CategoryEdit
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import Change, upload_token
from tests.support.clinics import DOLITTLE, make_clinic


@pytest.fixture
def zoe(clinic):
    return Actor(clinic.user_id, "Zoé L'Écuyer", clinic.clinic_id)


@pytest.fixture
def save(clinic, session, zoe):
    def save(online, minutes, name="Examen", actor=zoe):
        edit = CategoryEdit(clinic.categories[name], online, minutes)
        return transact(
            jobs.desk(),
            clinic.account_id,
            lambda tx: settings.save_categories(tx, [edit], actor),
        )

    return save


def since(clinic, subject, revision):
    return transact(
        jobs.desk(),
        clinic.account_id,
        lambda tx: history.changed_since(tx, subject, revision),
    )


def revision(session, clinic):
    session.rollback()
    return session.get(ClinicAccount, clinic.account_id, populate_existing=True).revision


def test_it_tells_who_changed_what_when_from_what_to_what(save, clinic, session, clock):
    save(True, 45)
    found, more = history.history(session, clinic.account_id, ["categories"], limit=1)
    key = str(clinic.categories["Examen"])
    assert [(c.actor, c.by_user, c.at, c.before, c.after) for c in found] == [
        ("Zoé L'Écuyer", True, clock.now, {key: [True, 30]}, {key: [True, 45]})
    ]
    assert more, "the example's own settings are older"


def test_the_newest_come_first_page_by_page(save, clinic, session, clock):
    for minutes in (15, 20, 25):
        clock.advance(minutes=1)
        save(True, minutes)
    seen, place, more = [], None, True
    while more:
        page, more = history.history(
            session, clinic.account_id, ["categories"], before=place, limit=2
        )
        seen += [change.at for change in page]
        place = (page[-1].revision, page[-1].n)
    assert len(seen) == 4
    assert seen == sorted(seen, reverse=True)
    assert seen[0] - seen[2] == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("subjects", "found"),
    [
        (["categories"], {"categories"}),
        (["categories", "species"], {"categories", "species"}),
        (["resource:*"], {"categories", "openings", "enabled"}),
        (["resource:%*"], set()),
        (["nothing"], set()),
    ],
)
def test_subjects_are_chosen_by_name_or_by_their_beginning(clinic, session, subjects, found):
    changes, _more = history.history(session, clinic.account_id, subjects)
    assert {change.subject.split(":")[-1] for change in changes} == found


def test_all_subjects_of_one_clinic_and_of_no_other(save, clinic, portal, session):
    other = make_clinic(portal, configured=False)
    save(False, None)
    assert {c.subject for c in history.history(session, other.account_id)[0]} == {
        "subscription",
        "keys",
    }


def test_names_are_those_of_rows_that_are_gone_as_well(clinic, session):
    account = session.get(ClinicAccount, clinic.account_id)
    gone = Change("resource", clinic.logivet[f"resource:{DOLITTLE}"], 2, None)
    token = upload_token(account.epoch, account.upload_seq)
    transact(jobs.desk(), clinic.account_id, lambda tx: apply_changes(tx, token, [gone]))
    found = history.names(session, clinic.account_id)
    assert found[str(clinic.resources[DOLITTLE])] == (DOLITTLE, DOLITTLE)
    assert found[str(clinic.species["Félin"])] == ("Félin", "Feline")
    assert found[str(clinic.categories["Examen"])] == ("Examen", "Exam")


def test_a_page_learns_what_another_person_changed_since_it_was_made(save, clinic, session):
    page = revision(session, clinic)
    assert since(clinic, "categories", page) == []
    save(True, 60)
    assert [change.actor for change in since(clinic, "categories", page)] == ["Zoé L'Écuyer"]
    assert since(clinic, "species", page) == []
    assert since(clinic, "categories", revision(session, clinic)) == []


def test_what_logivet_changed_meanwhile_is_no_clash(save, clinic, session):
    page = revision(session, clinic)
    save(False, None, actor=None)
    assert since(clinic, "categories", page) == []
