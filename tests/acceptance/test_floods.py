"""Strangers by the thousand, bodies of a gigabyte, bodies that never end: nothing is written,
and whoever comes for an appointment is served.

The figures are printed by `python -m tests.benchmarks.floods`.
"""

import http.client
import sys
from urllib.parse import urlsplit

import pytest

from tests.acceptance.slots import next_slots
from tests.acceptance.tenants import addresses, rows
from tests.benchmarks.floods import dripping, flooded, written
from tests.benchmarks.long_polls import GEVENT, GUNICORN, percentile
from tests.benchmarks.world import calendar
from tests.support.clinics import make_clinic
from tests.support.links import OURS, WIDGET, Link
from tests.support.served import call, served

pytestmark = pytest.mark.xdist_group("floods")
GIGABYTE = 10**9
SOON_S = 10
"""Within what a page is answered beside a flood, however busy the machine."""


@pytest.fixture(scope="module")
def gevent(tmp_path_factory):
    """A portal whose workers wait for thousands at once."""
    with served("postgresql", tmp_path_factory.mktemp("gevent"), server=GEVENT) as running:
        yield running


@pytest.fixture
def clinic(gevent):
    return make_clinic(gevent.app, configured=True)


@pytest.mark.skipif(sys.platform == "darwin", reason="the loopback of macOS has one address")
def test_unknown_widgets_write_nothing_and_leave_the_pages_fast(tmp_path):
    """From a hundred addresses below the limit of pages, and from one above it."""
    limited = {"RDV_DEMO_LIMIT_PAGES": "20/minute"}
    with served("postgresql", tmp_path, server=GUNICORN, environment=limited) as running:
        clinic = make_clinic(running.app, configured=True)
        before = written(running)
        looks, met = flooded(running, running.url + calendar(clinic), 4)
        assert written(running) == before
        clinic.book(next_slots(1)[0])
        assert written(running) > before, "one row would be told"
    assert met.keys() == {404, 429}
    assert met[404] > met[429]
    assert percentile(looks, 95) < 1


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(gevent, clinic):
    link = Link(clinic, next_slots(1)[0])
    before, query = rows(clinic), f"?widgetId={clinic.account_id}&lang=fr"
    for path in (WIDGET, f"{WIDGET}/details", link.path):
        form = {"Content-Type": "application/x-www-form-urlencoded"} | OURS
        assert begun(gevent, "POST", path + query, form) == 413, path
    for name, method, url in addresses(gevent):
        upload = {"Content-Type": "application/json", "Idempotency-Key": "k"}
        upload["Authorization"] = f"Bearer {clinic.key}"
        assert begun(gevent, method, url.removeprefix(gevent.url), upload) == 413, name
    assert rows(clinic) == before


def begun(portal, method, path, headers):
    """Announce a gigabyte, send a kilobyte of it, and return the status of the answer."""
    place = urlsplit(portal.url)
    asking = http.client.HTTPConnection(place.hostname, place.port, SOON_S)
    try:
        asking.putrequest(method, path)
        for header in (headers | {"Content-Length": str(GIGABYTE)}).items():
            asking.putheader(*header)
        asking.endheaders(b"x" * 1000)
        return asking.getresponse().status
    finally:
        asking.close()


def test_forms_that_never_end_stop_no_page(gevent, clinic):
    """Sync workers stand behind a proxy for that, see `docs/operations.md`."""
    page = gevent.url + calendar(clinic)
    with dripping(gevent.url, 200):
        for _ in range(20):
            assert call(page, timeout=SOON_S).status == 200
