"""S11: LogiVet's clock is off: it is told so, and decides nothing."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from flask_logivet_rdv.models import Busy
from tests.acceptance.logivet import HALF_HOUR, LogiVet, rows, slots
from tests.support.clinics import DOLITTLE
from tests.support.served import call


def listed(example, clinic):
    """Return the days and the times that the widget lists."""
    asked = {
        "widgetId": clinic.account_id,
        "lang": "fr",
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": clinic.resources[DOLITTLE],
    }
    answer = call(f"{example.url}/services/online-appointment?{urlencode(asked)}")
    page = BeautifulSoup(answer.body, "html.parser")
    found = [tag["value"] for tag in page.select("button.rdv-day, input[name=start]")]
    assert found, page.get_text()
    return found


@pytest.mark.parametrize(
    ("skew", "told"),
    [
        (timedelta(hours=2), "avance d'environ 2 heures"),
        (timedelta(days=-1), "retarde d'environ 24 heures"),
    ],
    ids=["two hours ahead", "a day behind"],
)
def test_s11_a_clock_that_is_off_is_told_once_and_changes_nothing(example, clinic, skew, told):
    before, last = listed(example, clinic), slots(clinic)[-1].start
    desktop = LogiVet(example.sync_url, clinic, skew=skew)
    desktop.note("A-1", last)
    desktop.send()
    desktop.receive()
    assert rows(clinic, Busy.starts_at, Busy.ends_at) == [(last, last + HALF_HOUR)]
    assert listed(example, clinic) == before
    assert desktop.messages() == ["Vérifiez l'horloge de LogiVet"]
    with desktop.store.read() as own:
        (body,) = (row["body"] for row in own.execute("SELECT body FROM message"))
    assert told in body.replace("\N{NO-BREAK SPACE}", " ")


def test_s11_five_minutes_are_nobodys_business(example, clinic):
    desktop = LogiVet(example.sync_url, clinic, skew=timedelta(minutes=-4, seconds=-50))
    desktop.receive()
    assert desktop.messages() == []
