"""The benchmarks measure what they say, as far as a few seconds tell."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.support.served import ROOT

WHAT = {
    *(f"W1 {how}, {n} clinics" for how in ("computed", "kept") for n in (1, 10, 100)),
    *(f"W1 computed, {n} past" for n in (8_000, 80_000)),
    "W1 of nothing kept",
    *(f"booking, {n} clinics" for n in (1, 10)),
    *(f"account, 300 {name}" for name in ("categories", "especes", "ressources")),
}


@pytest.mark.minutes
@pytest.mark.skipif(shutil.which("wrk") is None, reason="no wrk on this machine")
def test_every_case_is_answered_and_written_down(tmp_path):
    result = tmp_path / "result.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--databases=sqlite", "--rounds=1"]
    done = subprocess.run(
        [*command, "--seconds=1", f"--json={result}"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(result.read_text())["results"]["sqlite"]
    assert {row["what"] for row in rows} == WHAT
    for row in rows:
        [load], [bare] = row["rounds"], row["bare"]
        assert min(load["requests"], bare["requests"]) > 0, row["what"]
        assert load["other"] == 0, row["what"]
        assert load["cpu"] > bare["cpu"] > 0, row["what"]
    assert "| booking, 1 clinics |" in done.stdout
