"""``flask rdv audit`` and ``flask rdv explain``."""

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Category
from flask_logivet_rdv.services import incidents, person
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import DOLITTLE


@pytest.fixture
def run(portal):
    runner = portal.test_cli_runner()
    return lambda *args: runner.invoke(args=["rdv", *map(str, args)])


def test_the_audit_tells_who_changed_what_from_what_to_what(run, clinic):
    result = run("audit", clinic.clinic_id, "--subject", "categories")
    assert result.exit_code == 0
    assert "2026-03-16 14:00:00Z  LogiVet  categories" in result.output
    assert "    Exam: offline → online, 30\xa0minutes" in result.output


def test_the_audit_lists_the_incidents_alone(run, clinic, session):
    def note(tx):
        person.note_access(tx, 2)
        incidents.note_address(tx, "0a1b", "203.0.113.1", "203.0.113.2")
        incidents.note_refusals(tx, "0a1b", 20)

    transact(jobs.desk(), clinic.account_id, note)
    assert run("audit", clinic.clinic_id, "--incidents").output.replace("\xa0", " ") == (
        "2026-03-16 14:00:00Z  LogiVet  incident\n"
        "    Key: 0a1b\n"
        "    More than 20 requests refused: what they asked for is not this clinic's\n"
        "2026-03-16 14:00:00Z  LogiVet  incident\n"
        "    Key used from a new address: 0a1b\n"
        "    203.0.113.1 → 203.0.113.2\n"
        "2026-03-16 14:00:00Z  LogiVet  personal information\n"
        "    Shown or given: 2 appointments\n"
    )


def test_the_audit_says_when_there_is_more(run, clinic):
    result = run("audit", clinic.clinic_id, "--limit", 1)
    assert result.exit_code == 0
    assert "--limit" in result.output


def explain(run, clinic, at, **changed):
    given = {"species": "Canin", "category": "Examen", "resource": DOLITTLE} | changed
    options = [f"--{name}={value}" for name, value in given.items()]
    return run("explain", clinic.clinic_id, *options, "--at", at)


def test_a_time_that_is_offered_exits_0(run, clinic):
    result = explain(run, clinic, "2026-03-18 10:00")
    assert (result.exit_code, result.output) == (
        0,
        "This time is offered: nothing stands in the way.\n",
    )


def test_a_time_that_is_not_exits_1_with_the_reason(run, clinic):
    result = explain(run, clinic, "2026-03-18 08:00")
    assert result.exit_code == 1
    assert "does not fit" in result.output


@pytest.mark.parametrize(
    ("moment", "rule"),
    [("2026-03-16 13:00", "less than 12 hours"), ("2026-05-20 10:00", "more than 2 months")],
)
def test_the_rule_in_the_way_is_told_with_its_figure(run, clinic, moment, rule):
    assert rule in explain(run, clinic, moment).output.replace("\xa0", " ")


def test_rows_are_named_by_either_name_or_their_id(run, clinic):
    assert explain(run, clinic, "2026-03-18 10:00", species="Canine").exit_code == 0
    by_id = explain(run, clinic, "2026-03-18 10:00", category=clinic.categories["Examen"])
    assert by_id.exit_code == 0


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"species": "Chien"}, "--species"), ({"resource": "?"}, "--resource")],
)
def test_an_unknown_row_is_named_with_those_there_are(run, clinic, changed, named):
    result = explain(run, clinic, "2026-03-18 10:00", **changed)
    assert result.exit_code == 2
    assert named in result.output
    assert "Canin" in result.output or DOLITTLE in result.output


def test_rows_of_one_name_are_told_apart_by_their_ids(run, clinic, session):
    first, other = (clinic.categories[name] for name in ("Examen", "Chirurgie"))
    session.get(Category, (clinic.account_id, other)).name_en = "Exam"
    session.commit()
    told = explain(run, clinic, "2026-03-18 10:00", category="Exam")
    assert told.exit_code == 2
    assert str(first) in told.output
    assert str(other) in told.output


def test_a_time_that_does_not_exist_is_said(run, clinic):
    result = explain(run, clinic, "2027-03-14 02:30")
    assert result.exit_code == 1
    assert "does not exist" in result.output
