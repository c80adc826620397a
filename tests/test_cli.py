"""The operator's commands, with their exit codes."""

import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import ClinicAccount, SyncKey
from host_example.models import Clinic, db


@pytest.fixture
def run(portal):
    runner = portal.test_cli_runner()
    return lambda *args: runner.invoke(args=["rdv", *map(str, args)])


@pytest.fixture
def new_clinic(portal):
    with portal.app_context():
        clinic = Clinic(
            slug=uuid.uuid4().hex,
            name_fr="Clinique L'Étoile",
            name_en="",
            address="1, rue X",
            phone="514 555-0101",
            email="x@exemple.ca",
            time_zone="America/Halifax",
            locale="fr",
            accent="#123456",
        )
        db.session.add(clinic)
        db.session.commit()
        return clinic.id


def account(session, clinic_id):
    session.expire_all()
    return session.scalar(sa.select(ClinicAccount).where(ClinicAccount.clinic_id == clinic_id))


def test_activating_opens_the_account_and_says_its_widget_id(run, session, new_clinic):
    result = run("clinic", "activate", new_clinic)
    opened = account(session, new_clinic)
    assert result.exit_code == 0
    assert str(opened.id) in result.output
    assert (opened.active, opened.time_zone) == (True, "America/Halifax")


def test_activating_again_keeps_the_widget_id(run, session, new_clinic):
    run("clinic", "activate", new_clinic)
    before = account(session, new_clinic).id
    run("clinic", "deactivate", new_clinic)
    assert account(session, new_clinic).active is False
    run("clinic", "activate", new_clinic)
    assert (account(session, new_clinic).id, account(session, new_clinic).active) == (before, True)


def test_a_key_is_shown_once_and_kept_hashed(run, session, new_clinic):
    run("clinic", "activate", new_clinic)
    shown = run("key", "create", new_clinic).output.strip()
    key_id = shown.split("_")[1]
    stored = session.get(SyncKey, key_id)
    assert shown.startswith("rdv_")
    assert shown.split("_", 2)[2] not in stored.secret_sha256


def test_a_key_is_revoked_by_its_own_clinic_only(run, session, new_clinic, clinic):
    run("clinic", "activate", new_clinic)
    key_id = run("key", "create", new_clinic).output.split("_")[1]
    assert run("key", "revoke", clinic.clinic_id, key_id).exit_code == 1
    assert run("key", "revoke", new_clinic, key_id).exit_code == 0
    session.expire_all()
    assert session.get(SyncKey, key_id).revoked_at


@pytest.mark.parametrize("command", ["activate", "deactivate"])
@pytest.mark.parametrize("nobody", ["999999999", "9" * 30, "abc", "x' OR 1=1 --"])
def test_an_unknown_clinic_is_a_clear_message(run, command, nobody):
    result = run("clinic", command, nobody)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert nobody in result.output


def test_a_worker_without_redis_says_what_to_run_instead(run):
    result = run("worker")
    assert result.exit_code == 1
    assert "drain --loop" in result.output


def test_a_drain_with_nothing_to_send(run):
    assert run("drain").exit_code == 0


@pytest.mark.parametrize("command", ["upgrade", "downgrade"])
def test_an_unknown_revision_is_named(run, command):
    result = run(command, "zzz")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "zzz" in result.output
