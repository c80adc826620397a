"""Fifty owners in ten processes, as many servers would run: F1. Slow, as ten programs start."""

import dataclasses
import json
import random
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from flask_logivet_rdv.scheduling.interval import Range
from tests.races.outcome import nothing_is_lost, overlapping, wednesdays
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

pytestmark = pytest.mark.xdist_group("races")
ROOT = Path(__file__).parent.parent.parent
PROCESSES, THREADS, ROUNDS = 10, 5, 5
CLOCKS = ("10:00", "10:30", "11:00", "11:30")


@pytest.fixture
def clinic(any_portal, session_clock):
    session_clock.now = MONDAY_MORNING
    return make_clinic(any_portal, configured=True)


@pytest.fixture
def racers(clinic, tmp_path):
    url = clinic.app.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-m", "tests.races.racer", url, tmp_path, clinic.account_id]
    started = [
        subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for one in started:
        assert one.stdout.readline() == "ready\n"
    yield started
    for one in started:
        one.communicate(timeout=20)
        assert one.returncode == 0


def test_fifty_racers_in_ten_processes_never_overlap(clinic, racers):
    for day in wednesdays()[:ROUNDS]:
        starts = [[at(day, clock) for clock in random.choices(CLOCKS, k=THREADS)] for _ in racers]
        for one, mine in zip(racers, starts, strict=True):
            forms = [dataclasses.asdict(clinic.form(start)) for start in mine]
            one.stdin.write(json.dumps(forms, default=str) + "\n")
            one.stdin.flush()
        results = [json.loads(one.stdout.readline()) for one in racers]
        tried = list(zip(chain(*starts), chain(*results), strict=True))
        winners = [Range(start, start + 1800) for start, result in tried if result == "booked"]
        assert winners
        assert not overlapping(winners)
        assert {result for _, result in tried} <= {"booked", "taken"}
    nothing_is_lost(clinic)
