from datetime import UTC, datetime, timedelta

import pytest

from flask_logivet_rdv.cli.scene import PortalScene
from tests.support.clinics import DOLITTLE, at

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize("now", ["00:00", "07:59", "10:30", "17:10", "17:29", "18:00", "23:59"])
def test_ten_starts_follow_each_other_at_whatever_time_a_run_begins(clinic, clock, now):
    resource = clinic.logivet[f"resource:{DOLITTLE}"]
    scene = PortalScene(clinic.account_id)
    keys = {
        "species": clinic.logivet["species:Canin"],
        "category": clinic.logivet["category:Examen"],
    }
    clock.now = datetime.fromtimestamp(at("2026-03-16", now), UTC)
    with clinic.app.app_context():
        scene.offer(resource=resource, **keys)
        starts = [datetime.fromisoformat(start) for start in scene.starts(resource=resource)[:10]]
    assert starts == [starts[0] + n * HALF_AN_HOUR for n in range(10)]
    assert starts[0] >= clock.now + timedelta(hours=48)
