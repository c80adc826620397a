"""A portal that breaks a rule of the contract is found, by the check that is named for it."""

import pytest

from flask_logivet_rdv.conformance import CHAPTERS
from tests.conformance.conftest import names, play
from tests.conformance.rules import BROKEN
from tests.conformance.wrong import Answered, breaking

BEFORE = 9
"""The first requests, which look at the clinic and empty it."""


@pytest.mark.parametrize("check", sorted(BROKEN))
def test_a_broken_rule_is_found_by_its_check(example, empty, tmp_path, check):
    with breaking(BROKEN[check](), example.sync_url) as url:
        played = play(example.app, tmp_path / "run.json", url, empty.key, "--only", check)
    assert played.exit_code == 1, played.output
    assert check in played.checks("fails"), played.output
    assert f"✗ {check}" in played.output.splitlines()


def test_passed_on_unbroken_it_holds(example, empty, tmp_path):
    with breaking(lambda right, asked: right(asked), example.sync_url) as url:
        only = [
            f"--only={check}" for check in ("changes.applied", "events.woken", "agenda.vanished")
        ]
        played = play(example.app, tmp_path / "run.json", url, empty.key, *only)
    assert (played.exit_code, played.checks("fails")) == (0, {})


def test_a_failure_tells_what_was_expected_and_what_came(example, empty, tmp_path):
    with breaking(BROKEN["hello.limits"](), example.sync_url) as url:
        played = play(example.app, tmp_path / "run.json", url, empty.key, "--only", "hello")
    failed = played.checks("fails")["hello.limits"]
    assert (failed["expected"]["wait_s"], failed["came"]) == (25, None)
    assert "came:     null" in played.output


def test_a_portal_that_goes_away_ends_the_run_in_one_clear_line(example, empty, tmp_path):
    def gone(right, asked):
        if asked.method == "DELETE":
            raise ConnectionAbortedError
        return right(asked)

    with breaking(gone, example.sync_url) as url:
        played = play(example.app, tmp_path / "run.json", url, empty.key, "--only", "errors")
    assert played.exit_code == 1
    assert played.output.splitlines()[-1].startswith(f"Error: The portal at {url} does not answer")
    assert played.transcript["entries"]


def answering(status, body):
    """Return the rule of a portal that answers one thing from some time on."""
    begun = []

    def rule(right, asked):
        begun.append(asked)
        if len(begun) < BEFORE:
            return right(asked)
        return Answered(status, {"content-type": "application/json"}, body)

    return rule


def test_nothing_holds_in_a_portal_that_fails_at_everything(example, empty, tmp_path):
    with breaking(answering(500, b"{}"), example.sync_url) as url:
        played = play(example.app, tmp_path / "run.json", url, empty.key)
    assert played.exit_code == 1
    assert played.checks("holds") == {}
    assert {*played.checks("fails"), *played.checks("not tried")} == set(names())


def test_answers_of_no_shape_at_all_fail_the_checks_and_not_the_run(example, empty, tmp_path):
    with breaking(answering(200, b'["?"]'), example.sync_url) as url:
        played = play(example.app, tmp_path / "run.json", url, empty.key)
    assert played.exit_code == 1
    failed = played.checks("fails")
    assert {check.partition(".")[0] for check in failed} == {chapter.name for chapter in CHAPTERS}
