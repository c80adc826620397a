"""The desktop and the portal themselves, without a network between them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from host_example.desktop import agenda, catalogue
from host_example.desktop.catalogue import Item
from host_example.desktop.client import Portal, Reply, Request, Transport
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync
from tests.blueprints.sync.calls import PREFIX
from tests.blueprints.sync.test_changes import hours, taken
from tests.desktop.test_uploading import NOTE, put, send_all
from tests.support.clinics import CATEGORIES, RESOURCES, SPECIES, at


class Direct(Transport):
    """Carries requests into an application of this process."""

    def __init__(self, app, key):
        super().__init__("http://portal.test", key)
        self._client = app.test_client()

    def send(self, request: Request) -> Reply:
        answer = self._client.open(
            PREFIX + request.path,
            method=request.method,
            data=request.body,
            headers=self._headers(request),
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, headers, answer.data)


@pytest.fixture
def portal(session_portal, clock):
    return session_portal


@pytest.fixture
def real(portal, clinic):
    return lambda store: Sync(store, Portal(Direct(portal, clinic.key)), wait=0)


def entry(key, begins, ends):
    return replace(NOTE, id=key, starts_at=at("2026-03-18", begins), ends_at=at("2026-03-18", ends))


def put_catalogue(store):
    kinds = (("category", CATEGORIES), ("species", SPECIES), ("resource", RESOURCES))
    with store.write() as db:
        for kind, names in kinds:
            for n, (fr, en) in enumerate(names.items(), start=1):
                catalogue.save(db, Item(kind, f"{kind[0]}{n}", fr, en, position=n))


def test_a_desktop_restored_from_a_backup_is_the_truth_again(
    portal, clinic, real, session, tmp_path: Path
):
    """S4: what it no longer knows goes, no online booking does."""
    file, backup = tmp_path / "agenda.sqlite3", tmp_path / "backup.sqlite3"
    store = Store(file)
    put_catalogue(store)
    put(store, replace(entry("A-1", "08:00", "08:30"), resource_id="r2"))
    send_all(real(store))
    store.close()
    shutil.copy(file, backup)

    store = Store(file)
    put(store, replace(entry("A-2", "09:00", "09:30"), resource_id="r2"))
    send_all(real(store))
    store.close()
    booking = clinic.book(at("2026-03-18", "10:00"))
    before = [("08:00", "08:30"), ("09:00", "09:30"), ("10:00", "10:30")]
    assert taken(session, clinic) == [hours(*clocks) for clocks in before]

    store = Store(backup)
    put(store, replace(entry("A-3", "10:15", "11:00"), resource_id="r2"))
    sync = real(store)
    send_all(sync)
    after = [("08:00", "08:30"), ("10:00", "10:30"), ("10:15", "11:00")]
    assert taken(session, clinic) == [hours(*clocks) for clocks in after]
    events = sync.portal.events(sync.portal.hello()["cursor"], 0, 200)["events"]
    assert [e["type"] for e in events if e["booking"]] == ["booking.created", "booking.conflict"]
    sync.download()
    with store.read() as db:
        assert agenda.mirror(db, str(booking)) is not None
    send_all(sync)
    assert store.state("token") == sync.portal.hello()["token"]
    store.close()
