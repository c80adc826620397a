"""What a run asks for before it begins, and how it ends when it cannot."""

import socket

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services import accounts, keys
from flask_logivet_rdv.services.transaction import transact
from tests.conformance.conftest import play
from tests.support.clinics import make_clinic
from tests.support.portal import make_portal, migrate
from tests.support.served import call

STAGED = "the key is not of the database of this portal"


@pytest.fixture
def run(example, tmp_path):
    """Run the command in the portal's own application."""
    return lambda url, key, *options: play(example.app, tmp_path / "run.json", url, key, *options)


@pytest.fixture
def elsewhere(tmp_path):
    """Another portal's application, whose database does not know the key."""
    app = make_portal(tmp_path)
    migrate(app)
    return app


def in_clinic(clinic, work):
    with clinic.app.app_context():
        return transact(jobs.desk(), clinic.account_id, work)


def test_a_clinic_with_a_catalogue_is_refused_and_left_alone(example, run):
    clinic = make_clinic(example.app, configured=True)
    before = call(f"{example.sync_url}/hello", key=clinic.key).json["token"]
    played = run(example.sync_url, clinic.key)
    assert played.exit_code == 1
    assert "The clinic is not empty" in played.output
    assert "--force" in played.output
    assert call(f"{example.sync_url}/hello", key=clinic.key).json["token"] == before


def test_force_overwrites_it_and_may_be_repeated(example, run):
    clinic = make_clinic(example.app, configured=True)
    for _ in range(2):
        played = run(example.sync_url, clinic.key, "--force", "--only", "bookings.created")
        assert played.exit_code == 0, played.output
        assert "overwrites the catalogue and the agenda" in played.output


def test_a_clock_that_was_told_of_within_the_hour_is_not_tried_again(example, run, empty):
    assert run(example.sync_url, empty.key, "--only", "clock").exit_code == 0
    again = run(example.sync_url, empty.key, "--force", "--only", "clock")
    assert again.exit_code == 0, again.output
    assert set(again.checks("not tried")) == {"clock.noticed"}


def test_an_unknown_key_is_one_clear_line(example, run):
    played = run(example.sync_url, f"rdv_{'0' * 16}_{'A' * 43}")
    assert played.exit_code == 1
    assert played.output.splitlines()[-1] == "Error: The portal refuses the key (401)."


def test_a_portal_that_is_not_there_is_one_clear_line(run, empty):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api/logivet/v1"
    played = run(url, empty.key)
    assert played.exit_code == 1
    assert played.output.splitlines()[-1].startswith(f"Error: The portal at {url} does not answer")


def test_an_address_that_is_not_the_interface_is_said(example, run, empty):
    played = run(f"{example.url}/nowhere", empty.key)
    assert played.exit_code == 1
    assert "not the base address of a portal: /hello answers 302" in played.output


def test_an_inactive_clinic_is_said(example, run, empty):
    in_clinic(empty, lambda tx: accounts.set_subscription(tx, False))
    played = run(example.sync_url, empty.key)
    assert played.exit_code == 1
    assert "subscription is not active" in played.output


@pytest.mark.parametrize("scope", keys.SCOPES)
def test_a_key_without_both_scopes_is_said(example, run, empty, scope):
    key = in_clinic(empty, lambda tx: keys.create_key(tx, [scope]))
    played = run(example.sync_url, key)
    assert played.exit_code == 1
    assert "needs the scopes events:read and agenda:write" in played.output


@pytest.mark.parametrize(
    ("url", "key"),
    [("portal.exemple.ca/api", "rdv_a_b"), ("ftp://a/", "rdv_a_b"), ("https://a:x/", "rdv_a_b")]
    + [("https://a/", key) for key in ("secret", "rdv_a", "rdv_é_b", "rdv_a_b\n")],
)
def test_what_is_no_address_or_no_key_is_a_usage_error(run, url, key):
    assert run(url, key).exit_code == 2


def test_what_needs_a_scene_is_not_tried_on_another_portal(example, elsewhere, tmp_path, empty):
    only = [f"--only={name}" for name in ("bookings", "rotation", "agenda")]
    played = play(elsewhere, tmp_path / "run.json", example.sync_url, empty.key, *only)
    assert played.exit_code == 0, played.output
    untried = played.checks("not tried")
    assert STAGED in untried["bookings.created"]["reason"]
    assert "--rotate" in untried["rotation.new_key"]["reason"]
    assert "bookings.page" in played.checks("holds")
    assert not [name for name in played.checks("holds") if name.startswith("agenda.")]


def test_with_rotate_the_key_itself_is_rotated_and_the_new_one_printed(
    example, elsewhere, tmp_path, empty
):
    options = ("--rotate", "--only", "rotation")
    played = play(elsewhere, tmp_path / "run.json", example.sync_url, empty.key, *options)
    assert played.exit_code == 0, played.output
    assert played.checks("fails") == {}
    line = played.output.splitlines()[-1]
    assert line.startswith("The key handed in ends within 24 h. The new one: rdv_")
    assert call(f"{example.sync_url}/hello", key=line.split()[-1]).status == 200


def test_a_copy_of_the_portals_database_is_no_scene(example, elsewhere, tmp_path, empty):
    """A scene acts in the database of the command; the portal at the address must be of it."""
    _, key_id, secret = empty.key.split("_", 2)
    copy = make_clinic(elsewhere, configured=False, uploaded=False)
    with elsewhere.app_context():
        session = jobs.desk().session
        known = keys.list_keys(session, copy.account_id)[0]
        known.key_id, known.secret_sha256 = key_id, keys._hash(secret)
        session.commit()
    run = play(elsewhere, tmp_path / "run.json", example.sync_url, empty.key, "--only", "bookings")
    assert run.exit_code == 0, run.output
    assert "bookings.created" in run.checks("not tried")


def test_a_name_of_neither_a_chapter_nor_a_check_is_a_usage_error(example, run, empty):
    played = run(example.sync_url, empty.key, "--only", "lunch")
    assert played.exit_code == 2
    assert "'lunch' is no chapter and no check" in played.output


def test_only_a_check_plays_its_step_alone(example, run, empty):
    played = run(example.sync_url, empty.key, "--only", "hello.cursor")
    assert set(played.checks("holds")) == {"hello.cursor", "hello.steady"}


def test_full_prints_every_header_and_body_whole(example, run, empty):
    options = ("--force", "--only", "changes.five_hundred")
    brief = run(example.sync_url, empty.key, *options).output
    full = run(example.sync_url, empty.key, "--full", *options).output
    assert "… and 498 more" in brief
    assert "User-Agent: LogiVet" not in brief
    assert "… and 498 more" not in full
    assert "User-Agent: LogiVet" in full
