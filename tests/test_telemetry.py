"""One line in the log for what was done, with ids, counts and our own words, and nothing else."""

import logging
from uuid import UUID

import pytest

from flask_logivet_rdv.telemetry import done, tell

ACCOUNT = UUID(int=7)


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.INFO, "flask_logivet_rdv.done")
    return caplog


def test_what_was_done_is_one_line_of_names_and_values(told):
    tell("mail", "sent", ACCOUNT, kind="confirmation", attempt=2, booking=UUID(int=9))
    (record,) = told.records
    assert record.getMessage() == (
        f"mail outcome=sent account={ACCOUNT} kind=confirmation attempt=2 booking={UUID(int=9)}"
    )


def test_a_formatter_finds_the_parts(told):
    tell("upload", "applied", ACCOUNT, kind="changes", rows=3)
    assert told.records[0].logivet_rdv == {
        "what": "upload",
        "outcome": "applied",
        "account": str(ACCOUNT),
        "kind": "changes",
        "rows": "3",
    }


def test_what_is_not_known_is_left_out(told):
    tell("mail", "sent", ACCOUNT, kind="confirmation", error=None)
    assert "error" not in told.records[0].getMessage()


@pytest.mark.parametrize(
    ("outcome", "level"), [("sent", "INFO"), ("failed", "WARNING"), ("given_up", "ERROR")]
)
def test_what_goes_wrong_is_louder(told, outcome, level):
    tell("mail", outcome, ACCOUNT, kind="confirmation")
    assert told.records[0].levelname == level


def test_who_counts_hears_it():
    heard = []
    with done.connected_to(lambda _, **told: heard.append(told)):
        tell("cancellation", "done", ACCOUNT, by="client")
    assert heard == [{"what": "cancellation", "outcome": "done", "facts": {"by": "client"}}]
