"""The operator's commands, with their exit codes."""

import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount, SyncKey
from flask_logivet_rdv.services import keys
from flask_logivet_rdv.services.events import Resync, event_cursor, position
from flask_logivet_rdv.services.transaction import transact
from host_example.models import Clinic, db
from tests.support.clinics import at
from tests.support.portal import MONDAY_MORNING, make_portal, migrate


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


DAY_S = 86_400
MIDNIGHT = at("2026-03-20", "00:00", "America/Halifax")


def test_a_subscription_may_have_a_first_and_a_last_day_of_the_clinic(run, session, new_clinic):
    result = run("clinic", "activate", new_clinic, "--from", "2026-03-20", "--until", "2026-03-21")
    opened = account(session, new_clinic)
    assert (opened.active_from, opened.active_until) == (MIDNIGHT, MIDNIGHT + 2 * DAY_S)
    assert result.stdout == (f"Active from 2026-03-20 until 2026-03-21. widgetId {opened.id}\n")
    assert [opened.subscribed(MIDNIGHT + s) for s in (-1, 0, 2 * DAY_S - 1, 2 * DAY_S)] == [
        False,
        True,
        True,
        False,
    ]


def test_activating_again_takes_the_new_dates_or_none(run, session, new_clinic):
    run("clinic", "activate", new_clinic, "--until", "2026-03-15")
    shown = run("clinic", "show", new_clinic).stdout
    assert "subscription: inactive, was active until 2026-03-15\n" in shown
    assert run("clinic", "activate", new_clinic).stdout.startswith("Active. ")
    opened = account(session, new_clinic)
    assert (opened.active_from, opened.active_until) == (None, None)


@pytest.mark.parametrize(
    "dates",
    [("--from", "2026-03-20", "--until", "2026-03-19"), ("--from", "20/03/2026"), ("--until", "x")],
)
def test_dates_that_make_no_sense_are_a_wrong_call(run, session, new_clinic, dates):
    assert run("clinic", "activate", new_clinic, *dates).exit_code == 2
    assert account(session, new_clinic) is None


def test_clinics_are_listed_with_how_logivet_stands(run, session, clinic, new_clinic):
    clinic.book(at("2026-03-18", "10:00"))
    run("clinic", "activate", new_clinic)
    run("clinic", "deactivate", new_clinic)
    keys.note_use(session, clinic.key.split("_")[1], MONDAY_MORNING, "127.0.0.1", "LogiVet")
    result = run("clinic", "list")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    seen = "seen 2026-03-16 14:00:00Z"
    assert f"{clinic.clinic_id}  Clinique P&C  active  {seen}  not fetched 1" in lines
    name = "Clinique L'Étoile"
    assert f"{new_clinic}  {name}  inactive  seen never  not fetched 0" in lines


@pytest.mark.parametrize(
    ("asked", "scopes"),
    [
        ((), ["events:read", "agenda:write"]),
        (("--scope", "events:read"), ["events:read"]),
        (("--scope", "agenda:write", "--scope", "events:read"), ["events:read", "agenda:write"]),
    ],
)
def test_a_key_may_do_what_was_asked_or_everything(run, session, clinic, asked, scopes):
    made = run("key", "create", clinic.clinic_id, *asked).stdout
    assert session.get(SyncKey, made.split("_")[1]).scopes == scopes


def test_a_scope_that_there_is_not_is_a_wrong_call(run, clinic):
    result = run("key", "create", clinic.clinic_id, "--scope", "everything")
    assert result.exit_code == 2
    assert "events:read" in result.stderr


def test_a_key_that_there_is_not_is_named(run, clinic):
    result = run("key", "revoke", clinic.clinic_id, "0123456789abcdef")
    assert result.exit_code == 1
    assert result.stderr == f"Error: Clinic {clinic.clinic_id} has no key 0123456789abcdef.\n"


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


def test_a_new_epoch_ends_the_cursors_and_the_token_of_one_clinic(
    run, session, clinic, bare_clinic, clock
):
    other = account(session, bare_clinic.clinic_id).epoch
    before = account(session, clinic.clinic_id)
    cursor = event_cursor(before.epoch, before.event_seq)
    clock.advance(minutes=1)
    assert run("new-epoch", clinic.clinic_id).exit_code == 0
    after = account(session, clinic.clinic_id)
    assert after.epoch == int(clock.now.timestamp())
    assert isinstance(position(after, cursor), Resync)
    assert account(session, bare_clinic.clinic_id).epoch == other


def test_each_new_epoch_is_another(run, session, clinic):
    epochs = set()
    for _ in range(3):
        run("new-epoch", clinic.clinic_id)
        epochs.add(account(session, clinic.clinic_id).epoch)
    assert len(epochs) == 3


def test_a_new_epoch_of_every_clinic(run, session, clinic, bare_clinic, clock):
    clock.advance(minutes=2)
    assert run("new-epoch", "--all").exit_code == 0
    for one in (clinic, bare_clinic):
        assert account(session, one.clinic_id).epoch >= int(clock.now.timestamp())


@pytest.mark.parametrize("args", [(), ("1", "--all")])
def test_a_new_epoch_is_of_one_clinic_or_of_all(run, args):
    result = run("new-epoch", *args)
    assert result.exit_code == 2
    assert "CLINIC_ID or --all" in result.output


def test_keys_are_listed_without_their_secrets(run, clinic):
    secret = run("key", "create", clinic.clinic_id).output.strip()
    run("key", "revoke", clinic.clinic_id, secret.split("_")[1])
    lines = run("key", "list", clinic.clinic_id).output.splitlines()
    (first,) = [line for line in lines if line.startswith(clinic.key.split("_")[1])]
    (second,) = [line for line in lines if line.startswith(secret.split("_")[1])]
    assert "events:read agenda:write  created 2026-03-16 14:00:00Z  valid  used never" in first
    assert "revoked 2026-03-16 14:00:00Z" in second
    assert secret.split("_", 2)[2] not in "".join(lines)


def test_a_replaced_key_is_listed_with_its_end(run, clinic, clock, portal):
    with portal.app_context():
        key_id = clinic.key.split("_")[1]
        transact(jobs.desk(), clinic.account_id, lambda tx: keys.rotate_key(tx, key_id))
    assert "ends 2026-03-17 14:00:00Z" in run("key", "list", clinic.clinic_id).output
    clock.advance(hours=24)
    assert "ended 2026-03-17 14:00:00Z" in run("key", "list", clinic.clinic_id).output


def test_a_clinic_is_shown(run, session, clinic):
    clinic.book(at("2026-03-18", "10:00"))
    shown = dict(
        line.split(": ", 1) for line in run("clinic", "show", clinic.clinic_id).output.splitlines()
    )
    assert shown["clinic"] == "Clinique P&C"
    assert shown["subscription"] == "active"
    assert shown["widgetId"] == str(clinic.account_id)
    assert shown["last event"].endswith(":1")
    assert shown["acknowledged"] == "0"
    assert shown["events not fetched"] == "1"
    assert shown["last upload"] == "2026-03-16 14:00:00Z"
    assert shown["LogiVet last seen"] == "never"
    assert shown["mails waiting, lost"] == "1, 0"


@pytest.mark.parametrize("command", [("key", "list"), ("clinic", "show"), ("new-epoch",)])
def test_a_clinic_that_never_subscribed_is_a_clear_message(run, new_clinic, command):
    result = run(*command, new_clinic)
    assert result.exit_code == 1
    assert "has no online booking" in result.output


@pytest.mark.parametrize("command", ["upgrade", "downgrade"])
def test_an_unknown_revision_is_named(run, command):
    result = run(command, "zzz")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "zzz" in result.output


def test_a_worker_whose_redis_is_away_says_so(tmp_path):
    app = make_portal(tmp_path, LOGIVET_RDV_REDIS_URL="redis://127.0.0.1:1/0")
    migrate(app)
    result = app.test_cli_runner().invoke(args=["rdv", "worker"])
    assert result.exit_code == 1
    assert "Redis does not answer" in result.output
    with app.app_context():
        db.engine.dispose()
