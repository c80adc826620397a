"""What is asked to go wrong does, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from host_example.desktop import outgoing
from host_example.desktop.__main__ import options
from host_example.desktop.client import OfflineError, Portal
from host_example.desktop.desk import Desk
from host_example.desktop.faults import Faults, FaultyTransport
from host_example.desktop.pages import create_app
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync
from tests.desktop.conftest import KEY
from tests.desktop.test_pages import OURS
from tests.desktop.test_uploading import DOLITTLE, EXAM, NOTE, put, send_all

PAGE = "/clinique-pc/pannes"


@pytest.fixture
def faults() -> Faults:
    return Faults(random=Random(7))


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "agenda.sqlite3")
    yield store
    store.close()


@pytest.fixture
def transport(portal: Any, faults: Faults) -> FaultyTransport:
    return FaultyTransport(portal.url, KEY, faults)


@pytest.fixture
def faulty(transport: FaultyTransport, file_store: Store) -> Sync:
    """An exchange that begins well: it has greeted."""
    sync = Sync(file_store, Portal(transport), wait=0)
    send_all(sync)
    return sync


def reached(portal: Any) -> list[str]:
    """Return what reached the portal since the greeting."""
    return [f"{method} {path.split('/v1')[1]}" for method, path in portal.requests][1:]


def test_without_faults_everything_passes_once(
    portal: Any, faulty: Sync, file_store: Store
) -> None:
    put(file_store, EXAM)
    send_all(faulty)
    assert reached(portal) == ["POST /changes"]


@pytest.mark.parametrize("fault", [{"drop_requests": 1}, {"offline": True}])
def test_what_is_dropped_or_offline_never_reaches_the_portal(
    portal: Any, faulty: Sync, file_store: Store, faults: Faults, fault: dict[str, Any]
) -> None:
    for name, value in fault.items():
        setattr(faults, name, value)
    put(file_store, EXAM)
    with pytest.raises(OfflineError, match="panne voulue"):
        faulty.upload()
    assert reached(portal) == []


def test_of_a_dropped_reply_the_request_was_applied(
    portal: Any, faulty: Sync, file_store: Store, faults: Faults
) -> None:
    faults.drop_replies = 1
    put(file_store, EXAM)
    with pytest.raises(OfflineError):
        faulty.upload()
    assert portal.applied == 1
    assert outgoing.unanswered(file_store) is not None


def test_a_duplicate_is_sent_twice_with_the_same_key(
    portal: Any, faulty: Sync, file_store: Store, faults: Faults
) -> None:
    faults.duplicate = 1
    put(file_store, EXAM)
    send_all(faulty)
    assert reached(portal) == ["POST /changes"] * 2
    assert (portal.applied, len(portal.replies)) == (1, 1)


def test_a_late_request_arrives_after_the_next_one(
    portal: Any, faulty: Sync, file_store: Store, faults: Faults
) -> None:
    faults.reorder = 1
    put(file_store, EXAM)
    with pytest.raises(OfflineError):
        faulty.upload()
    assert reached(portal) == []
    faults.reorder = 0
    faulty.download()
    assert [one.split("?")[0] for one in reached(portal)][:2] == ["GET /events", "POST /changes"]


def test_the_same_seed_makes_the_same_faults() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults(random=Random(seed))
        return [faults.happens(0.5) for _ in range(40)]

    assert drawn(7) == drawn(7) != drawn(8)


def test_a_skewed_clock_is_told_to_the_portal(
    portal: Any, transport: FaultyTransport, faulty: Sync, faults: Faults
) -> None:
    right = transport.now()
    faults.skew = 7200
    assert 7195 < (transport.now() - right).total_seconds() < 7260
    faulty.download()
    told = portal.client_times
    assert 7190 < (told[-1] - told[0]).total_seconds() < 7320


def test_the_command_line_switches_faults_on(tmp_path: Path) -> None:
    command = ["--url", "http://127.0.0.1:1/x", "--key", KEY, "--data", str(tmp_path / "a")]
    command += ["--drop-requests", "0.1", "--drop-replies", "0.2", "--duplicate", "0.3"]
    command += ["--reorder", "0.4", "--offline", "--skew", "7200", "--seed", "7"]
    made = options(command).faults
    assert made.names() == [
        "hors ligne", "requêtes perdues 10\u00a0%", "réponses perdues 20\u00a0%",
        "requêtes doublées 30\u00a0%", "requêtes en retard 40\u00a0%",
        "horloge décalée de +7200\u00a0s",
    ]  # fmt: skip
    assert made.random.random() == Random(7).random()


def test_a_share_above_one_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--url", "http://127.0.0.1:1/x", "--key", KEY, "--data", str(tmp_path / "a")]
    with pytest.raises(SystemExit):
        options([*command, "--duplicate", "10"])
    assert "de 0 à 1" in capsys.readouterr().err


@pytest.fixture
def pages(file_store: Store, faulty: Sync, faults: Faults) -> Iterator[FlaskClient]:
    with create_app(Desk(file_store, faulty, "clinique-pc", faults)).test_client() as client:
        yield client


def header(pages: FlaskClient) -> str:
    return BeautifulSoup(pages.get("/clinique-pc/").text, "html.parser").select_one("#faults").text


def switch(pages: FlaskClient, **fields: str) -> int:
    return pages.post(PAGE, data=fields, headers=OURS).status_code


def test_the_page_switches_faults_on_and_the_header_says_so(
    pages: FlaskClient, faults: Faults
) -> None:
    assert header(pages) == ""
    assert switch(pages, drop_replies="12.5", skew="-60", offline="on") == 303
    assert (faults.drop_replies, faults.skew, faults.offline) == (0.125, -60, True)
    assert header(pages) == (
        "Pannes voulues : hors ligne, réponses perdues 12,5\u00a0%, horloge décalée de -60\u00a0s"
    )
    assert switch(pages, op="stop") == 303
    assert header(pages) == ""


@pytest.mark.parametrize("wrong", [{"duplicate": "101"}, {"skew": "x"}, {"reorder": "nan"}])
def test_numbers_that_make_no_sense_change_nothing(
    pages: FlaskClient, faults: Faults, wrong: dict[str, str]
) -> None:
    assert switch(pages, drop_requests="50", **wrong) == 422
    assert faults.names() == []


def test_the_agenda_goes_back_to_its_copy_and_the_portal_follows(
    portal: Any, pages: FlaskClient, file_store: Store, faulty: Sync
) -> None:
    put(file_store, EXAM, NOTE)
    send_all(faulty)
    pages.post(f"{PAGE}/copie", headers=OURS)
    put(file_store, DOLITTLE)
    send_all(faulty)
    pages.post(f"{PAGE}/retour", headers=OURS)
    send_all(faulty)
    assert portal.rows.keys() == {("category", "5"), ("busy", "A-1")}


def test_without_a_copy_there_is_nothing_to_go_back_to(pages: FlaskClient) -> None:
    page = BeautifulSoup(pages.get(PAGE).text, "html.parser")
    assert page.find("button", string="Revenir à la copie").has_attr("disabled")
    assert pages.post(f"{PAGE}/retour", headers=OURS).status_code == 409


@pytest.mark.parametrize("step", ["upload", "download"])
def test_an_answer_to_what_was_restored_away_leaves_no_trace(
    portal: Any, file_store: Store, faulty: Sync, told: Any, tmp_path: Path, step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The file goes back while a request is on its way."""
    file_store.backup(tmp_path / "copy")
    told()
    faulty.download()
    put(file_store, EXAM)
    if step == "download":
        told(cancelled=True, version=2)
    send = FaultyTransport.send

    def restored(*given: Any) -> Any:
        reply = send(*given)
        file_store.restore(tmp_path / "copy")
        return reply

    with monkeypatch.context() as patched:
        patched.setattr(FaultyTransport, "send", restored)
        getattr(faulty, step)()
    assert file_store.state("cursor") == "7:0"
    assert file_store.state("token") == "7:0"
    faulty.download()
    with file_store.read() as db:
        assert db.execute("SELECT COUNT(*) FROM message").fetchone()[0] == len(portal.events)
