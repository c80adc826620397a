"""The portal does what its OpenAPI document says, whatever is sent: Schemathesis looks for more.

Slow: some hundred requests for each operation, made and checked by a process of its own.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict

import pytest

from flask_logivet_rdv.blueprints.sync import TABLE
from tests.acceptance.slots import next_slots
from tests.support.clinics import DOLITTLE
from tests.support.served import ROOT, SYNC, call

pytestmark = pytest.mark.xdist_group("schemathesis")
EXAMPLES = 100
CONFIG = """
[checks]
negative_data_rejection.expected-statuses = [
    "400", "401", "403", "404", "405", "409", "410", "413", "415", "422"
]
positive_data_acceptance.expected-statuses = ["2xx", "404", "409"]

# One worker, and nothing learnt from answers, whose ids are random: each run makes the same.
[phases]
fuzzing.extra-data-sources.responses = false
fuzzing.error-feedback.enabled = false

# What is good for its schema may still be too late, out of order with what came before, or unknown.
[[operations]]
include-operation-id = ["events", "bookings"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "410"]

[[operations]]
include-operation-id = ["put_part", "commit_snapshot", "move_booking"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "422"]
"""


@pytest.fixture
def there(example, clinic, tmp_path):
    """Tell the hooks what is there: two bookings, a cursor, a resource."""
    cancelled, moved = (clinic.book(start) for start in next_slots(2))
    file = tmp_path / "there.json"
    hello = call(f"{example.sync_url}/hello", key=clinic.key).json
    file.write_text(
        json.dumps(
            {
                "url": example.sync_url,
                "key": clinic.key,
                "cursor": hello["cursor"],
                "cancelled": str(cancelled),
                "moved": str(moved),
                "resource": clinic.logivet[f"resource:{DOLITTLE}"],
            }
        )
    )
    return file


def test_no_request_meets_an_answer_that_the_document_does_not_tell(
    example, clinic, there, tmp_path
):
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    report = tmp_path / "report.ndjson"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml"),
        *("run", f"{example.sync_url}/openapi.json", "--no-color", "--continue-on-failure"),
        *("-H", f"Authorization: Bearer {clinic.key}"),
        *("--max-examples", str(EXAMPLES), "--generation-deterministic", "--no-shrink"),
        *("--phases", "examples,coverage,fuzzing"),
        *("--report", "ndjson", "--report-ndjson-path", str(report)),
    ]
    environment = {
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.acceptance.contract_hooks",
        "RDV_CONTRACT": str(there),
    }
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = statuses(report)
    assert told.keys() == {endpoint.name for endpoint in TABLE}
    for endpoint in TABLE:
        assert told[endpoint.name][endpoint.status] >= 5, (endpoint.name, told)
        assert told[endpoint.name].total() >= EXAMPLES, (endpoint.name, told)


def statuses(report):
    """Count the statuses of each operation in a report."""
    rules = {e.name: re.sub(r"<\w+:(\w+)>", r"{\1}", e.rule) for e in TABLE}
    names = {f"{e.method} {SYNC}{rules[e.name]}": e.name for e in TABLE}
    told = defaultdict(Counter)
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in recorder.get("interactions", {}).values():
            told[names[recorder["label"]]][interaction["response"]["status_code"]] += 1
    return told
