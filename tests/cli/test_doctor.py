"""``flask rdv doctor``: what it prints, and how a monitor reads it."""

import json

import pytest

from flask_logivet_rdv.cli import doctor
from flask_logivet_rdv.doctor import Finding, Level
from host_example.models import db
from tests.support.clinics import make_clinic
from tests.support.portal import make_portal, migrate

OK = Finding("tables", Level.OK, "At 0001, as the models have them.")
WARNING = Finding("worker", Level.WARNING, "None on the queue « rdv ».")
ERROR = Finding("mails", Level.ERROR, "3 mails to leave: nothing drains them.")


@pytest.fixture
def told(run, monkeypatch):
    """Return how the command is run on given findings."""

    def telling(findings, *options):
        monkeypatch.setattr(doctor, "run", lambda _: list(findings))
        return run("doctor", *options)

    return telling


@pytest.mark.parametrize(
    ("findings", "options", "code"),
    [
        ([OK], (), 0),
        ([OK, WARNING], (), 0),
        ([OK, WARNING, ERROR], (), 1),
        ([OK], ("--strict",), 0),
        ([OK, WARNING], ("--strict",), 1),
        ([OK, WARNING], ("--strict", "--json"), 1),
        ([OK, WARNING], ("--json",), 0),
        ([ERROR], ("--json", "--quiet"), 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst(told, findings, options, code):
    assert told(findings, *options).exit_code == code


def test_a_line_for_each_finding_in_order(told):
    result = told([OK, WARNING, ERROR])
    assert result.stdout.splitlines() == [
        "ok      tables — At 0001, as the models have them.",
        "warning worker — None on the queue « rdv ».",
        "error   mails — 3 mails to leave: nothing drains them.",
    ]
    assert result.stderr == "Error: Errors: 1, warnings: 1.\n"


def test_quietly_only_what_is_to_be_mended_is_printed(told):
    assert told([OK, WARNING], "--quiet").stdout.startswith("warning worker")
    assert told([OK], "--quiet").stdout == ""


def test_a_monitor_reads_a_list_of_name_status_and_detail(told):
    assert json.loads(told([OK, ERROR], "--json").stdout) == [
        {"name": "tables", "status": "ok", "detail": OK.detail},
        {"name": "mails", "status": "error", "detail": ERROR.detail},
    ]


def test_it_looks_at_the_application_it_runs_in(tmp_path, clock):
    """In a portal of its own: in the one that is shared, other tests' clinics are silent."""
    app = make_portal(tmp_path, clock=clock)
    migrate(app)
    clinic = make_clinic(app, configured=False)
    result = app.test_cli_runner().invoke(args=["rdv", "doctor", "--json"])
    statuses = {row["name"]: row["status"] for row in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert (statuses["tables"], statuses["login wall: sync"]) == ("ok", "ok")
    assert statuses[f"clinic {clinic.clinic_id}"] == "warning"
    with app.app_context():
        db.engine.dispose()
