"""The same upload, sent by several threads at once, is applied once (S6)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.blueprints.sync.calls import Desktop, busy, item
from tests.support.clinics import make_clinic
from tests.support.portal import MONDAY_MORNING

pytestmark = pytest.mark.xdist_group("races")
RACERS, ROUNDS = 8, 5


def together(racers, act):
    barrier = threading.Barrier(racers)

    def one():
        barrier.wait()
        return act()

    with ThreadPoolExecutor(racers) as pool:
        return [sent.result() for sent in [pool.submit(one) for _ in range(racers)]]


@pytest.fixture
def clinic_desktop(any_portal, session_clock):
    session_clock.now = MONDAY_MORNING
    clinic = make_clinic(any_portal, configured=True)
    return lambda: Desktop(any_portal.test_client(), clinic.key)


def seq(desktop):
    return int(desktop.hello()["token"].rpartition(":")[2])


def test_one_key_sent_at_once_is_applied_once(clinic_desktop):
    desktop = clinic_desktop()
    for number in range(ROUNDS):
        before = seq(desktop)
        body = {
            "token": desktop.hello()["token"],
            "changes": [busy(f"A-{number}", "08:00", "09:00")],
        }
        key = {"Idempotency-Key": f"upload-{number}"}
        answers = together(RACERS, lambda body=body, key=key: clinic_desktop().post(body, key))
        assert {answer.status_code for answer in answers} <= {200, 409}
        refusals = {
            answer.get_json(force=True)["code"] for answer in answers if answer.status_code == 409
        }
        assert refusals <= {"in_flight"}
        done = [answer.data for answer in answers if answer.status_code == 200]
        assert set(done) == {desktop.post(body, key).data}
        assert seq(desktop) == before + 1


def test_a_snapshot_committed_by_several_at_once_is_applied_once(clinic_desktop):
    desktop = clinic_desktop()
    for number in range(ROUNDS):
        before = seq(desktop)
        made = desktop.send("POST", "/snapshots", {"kinds": ["busy"]}).json["id"]
        rows = [item(busy(f"A-{number}-{n}", "08:00", "09:00")) for n in range(500)]
        desktop.send("PUT", f"/snapshots/{made}/parts/1", {"items": rows})

        def commit(path=f"/snapshots/{made}/commit"):
            return clinic_desktop().send("POST", path, {"parts": 1})

        answers = together(RACERS, commit)
        assert {answer.status_code for answer in answers} <= {200, 409}
        done = [answer.data for answer in answers if answer.status_code == 200]
        assert set(done) == {commit().data}
        assert seq(desktop) == before + 2


def test_of_two_uploads_that_hold_the_same_token_one_is_applied(clinic_desktop):
    desktop, numbers = clinic_desktop(), count()
    for _ in range(ROUNDS):
        token = desktop.hello()["token"]

        def upload(token=token):
            key = f"A-{next(numbers)}"
            body = {"token": token, "changes": [busy(key, "08:00", "09:00")]}
            return clinic_desktop().post(body, {"Idempotency-Key": key})

        answers = together(RACERS, upload)
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * (RACERS - 1)
        refusals = {a.get_json(force=True)["code"] for a in answers if a.status_code == 409}
        assert refusals == {"token_mismatch"}
        assert seq(desktop) == int(token.rpartition(":")[2]) + 1


def test_of_two_snapshots_committed_at_once_one_is_the_truth(clinic_desktop):
    desktop = clinic_desktop()
    for number in range(ROUNDS):
        before, paths = seq(desktop), []
        for n in range(2):
            made = desktop.send("POST", "/snapshots", {"kinds": ["busy"]}).json["id"]
            rows = [item(busy(f"{number}-{n}-{k}", "08:00", "09:00")) for k in range(500)]
            desktop.send("PUT", f"/snapshots/{made}/parts/1", {"items": rows})
            paths.append(f"/snapshots/{made}/commit")

        def commit(left=iter(paths)):  # noqa: B008 each racer takes one
            return clinic_desktop().send("POST", next(left), {"parts": 1})

        answers = together(2, commit)
        assert sorted(answer.status_code for answer in answers) in ([200, 404], [200, 409])
        assert seq(desktop) == before + 2
        (counts,) = [a.json["counts"]["busy"] for a in answers if a.status_code == 200]
        assert counts == {
            "added": 500, "changed": 0, "removed": 500 if number else 0, "unchanged": 0,
        }  # fmt: skip
