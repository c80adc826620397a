from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from host_example.desktop import agenda, catalogue, demo
from host_example.desktop.agenda import Entry
from host_example.desktop.dates import wall, wall_epoch
from host_example.desktop.desk import Desk
from host_example.desktop.grid import day_grid
from host_example.desktop.pages import create_app
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync

TORONTO = ZoneInfo("America/Toronto")
OURS = {"Origin": "http://localhost"}
WEDNESDAY = {"start": "2026-03-18T13:30", "end": "2026-03-18T14:00"}


@pytest.fixture
def pages(store: Store, sync: Sync) -> Iterator[FlaskClient]:
    demo.seed(store, "first", TORONTO)
    with create_app(Desk(store, sync, "clinique-pc")).test_client() as client:
        yield client


def soup(pages: FlaskClient, path: str) -> BeautifulSoup:
    answer = pages.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def add(pages: FlaskClient, **fields: str) -> Any:
    form = {"type": "appointment", "resource_id": "2", "title": "Solutions Vet", "language": "fr"}
    return pages.post(
        "/clinique-pc/rendez-vous/nouveau", data=form | WEDNESDAY | fields, headers=OURS
    )


def made_by_hand(pages: FlaskClient) -> list[dict[str, Any]]:
    entries = pages.get("/clinique-pc/etat.json").json["entries"]
    return [entry for entry in entries if entry["start"].startswith("2026-03-18")]


def import_booking(pages: FlaskClient, sync: Sync, told: Any) -> str:
    told()
    sync.download()
    return made_by_hand(pages)[0]["id"]


def test_the_agenda_has_the_manual_s_columns_and_date(pages: FlaskClient) -> None:
    heads = soup(pages, "/clinique-pc/?day=2026-03-18").select(".head")
    assert [head.find(string=True) for head in heads] == [
        "Non assigné", "Dr Gregory House", "Dr John Dolittle", "Technicien(nes)",
    ]  # fmt: skip
    assert {head.small.text for head in heads} == {"mercredi, 18 mars"}


def test_an_entry_shows_the_client_and_the_language(pages: FlaskClient) -> None:
    add(pages)
    column = soup(pages, "/clinique-pc/?day=2026-03-18").select_one('[data-resource="2"]')
    assert column.text.split() == ["Solutions", "Vet", "(Fr)", "Confirmé"]


@pytest.mark.parametrize("kind", list(agenda.TYPES))
def test_the_four_types_can_be_added(pages: FlaskClient, kind: str) -> None:
    assert add(pages, type=kind).status_code == 303
    assert [entry["type"] for entry in made_by_hand(pages)] == [kind]


@pytest.mark.parametrize(
    "fields",
    [
        {"end": "2026-03-18T13:30"},
        {"start": ""},
        {"type": "x"},
        {"end": "2028-01-01T00:00"},
        {"start": "0001-01-01T09:00", "end": "0001-01-01T09:30"},
        {"start": "9999-12-31T23:00", "end": "9999-12-31T23:30"},
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(
    pages: FlaskClient, fields: dict[str, str]
) -> None:
    answer = add(pages, **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert made_by_hand(pages) == []


def test_an_entry_can_be_edited_and_deleted(pages: FlaskClient) -> None:
    add(pages)
    path = f"/clinique-pc/rendez-vous/{made_by_hand(pages)[0]['id']}"
    form = {"type": "note", "resource_id": "", "description": "Deux\r\nlignes"} | WEDNESDAY
    pages.post(path, data=form, headers=OURS)
    (entry,) = made_by_hand(pages)
    assert (entry["type"], entry["resource_id"], entry["description"]) == (
        "note", None, "Deux\nlignes",
    )  # fmt: skip
    pages.post(f"{path}/supprimer", headers=OURS)
    assert made_by_hand(pages) == []
    assert pages.get(path).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "http://evil.test"}])
def test_a_post_from_elsewhere_is_refused(pages: FlaskClient, headers: dict[str, str]) -> None:
    answer = pages.post("/clinique-pc/reglages/category", data={"fr": "X"}, headers=headers)
    assert answer.status_code == 403


def test_another_host_name_is_refused(pages: FlaskClient) -> None:
    assert pages.get("/clinique-pc/", headers={"Host": "evil.test"}).status_code == 400


@pytest.mark.parametrize("kind", ["category", "species", "resource"])
def test_the_catalogue_can_be_added_to_renamed_and_emptied(
    pages: FlaskClient, store: Store, kind: Any
) -> None:
    def change(**form: str) -> None:
        path = f"/clinique-pc/reglages/{kind}"
        assert pages.post(path, data=form, headers=OURS).status_code == 303

    def names() -> dict[str, tuple[str, bool]]:
        with store.read() as db:
            return {item.id: (item.fr, item.active) for item in catalogue.items(db, kind)}

    before = names()
    new = str(len(before) + 1)
    change(fr="Nouveau", active="on")
    assert names() == before | {new: ("Nouveau", True)}
    change(id=new, fr="Renommé")
    assert names()[new] == ("Renommé", False)
    change(id=new, op="delete")
    assert names() == before
    change(fr="Encore", active="on")
    assert new not in names()


def test_a_message_is_unread_until_marked(pages: FlaskClient, sync: Sync, told: Any) -> None:
    import_booking(pages, sync, told)
    assert soup(pages, "/clinique-pc/messages").select(".message.unread")
    pages.post("/clinique-pc/messages/lus", headers=OURS)
    page = soup(pages, "/clinique-pc/messages")
    assert page.select_one(".message h2").text.strip() == "created"
    assert not page.select(".unread")


def test_the_detail_shows_the_whole_booking(pages: FlaskClient, sync: Sync, told: Any) -> None:
    entry = import_booking(pages, sync, told)
    text = soup(pages, f"/clinique-pc/rendez-vous/{entry}").get_text(" ", strip=True)
    for expected in ("Rendez-vous en ligne.", "Tom", "+15145550134", "Vaccin", "Confirmé"):
        assert expected in text


def test_an_online_booking_is_cancelled_through_the_portal(
    pages: FlaskClient, portal: Any, sync: Sync, told: Any, booking: Any
) -> None:
    entry = import_booking(pages, sync, told)
    portal.bookings = [booking(2, "cancelled")]
    path = f"/clinique-pc/rendez-vous/{entry}/annuler"
    assert pages.post(path, data={"reason": " "}, headers=OURS).status_code == 422
    pages.post(path, data={"reason": "Urgence"}, headers=OURS)
    assert portal.acts == [("/bookings/5b0c/cancel", {"reason": "Urgence", "notify_client": True})]
    assert made_by_hand(pages)[0]["status"] == "Annulé"


def test_an_online_booking_is_moved_through_the_portal(
    pages: FlaskClient, portal: Any, sync: Sync, told: Any, booking: Any
) -> None:
    entry = import_booking(pages, sync, told)
    portal.bookings = [booking(2, resource_id="1")]
    form = {"type": "appointment", "resource_id": "1"} | WEDNESDAY
    pages.post(f"/clinique-pc/rendez-vous/{entry}/deplacer", data=form, headers=OURS)
    ((path, sent),) = portal.acts
    assert (path, sent["resource_id"], sent["start"]) == (
        "/bookings/5b0c/move", "1", "2026-03-18T17:30:00Z",
    )  # fmt: skip
    assert made_by_hand(pages)[0]["resource_id"] == "1"


@pytest.mark.parametrize("action", ["annuler", "deplacer"])
def test_the_client_is_not_told_where_the_clinic_says_so(
    pages: FlaskClient, portal: Any, sync: Sync, told: Any, booking: Any, action: str
) -> None:
    entry = import_booking(pages, sync, told)
    portal.bookings = [booking(2)]
    form = {"type": "appointment", "resource_id": "1", "reason": "Urgence", "notify": "0"}
    pages.post(f"/clinique-pc/rendez-vous/{entry}/{action}", data=form | WEDNESDAY, headers=OURS)
    assert [sent["notify_client"] for _, sent in portal.acts] == [False]


def test_an_online_booking_is_not_moved_to_nobody(
    pages: FlaskClient, portal: Any, sync: Sync, told: Any
) -> None:
    entry = import_booking(pages, sync, told)
    form = {"type": "appointment", "resource_id": ""} | WEDNESDAY
    path = f"/clinique-pc/rendez-vous/{entry}/deplacer"
    assert pages.post(path, data=form, headers=OURS).status_code == 422
    assert portal.acts == []


def test_a_conflict_is_shown_with_both_sides(
    pages: FlaskClient, portal: Any, sync: Sync, told: Any
) -> None:
    entry = import_booking(pages, sync, told)
    add(pages, title="Luc Gagnon")
    (landed,) = (one["id"] for one in made_by_hand(pages) if one["id"] != entry)
    portal.conflicts = [{"booking_id": "5b0c", "busy_id": landed}]
    while sync.upload() is not None:
        pass
    links = soup(pages, "/clinique-pc/").select(".error a")
    assert [link.text for link in links] == ["Luc Gagnon (Fr)", "Solutions Vet (Fr)"]
    assert pages.get("/clinique-pc/etat.json").json["conflicts"] == [
        {"entry_id": landed, "booking_id": "5b0c"}
    ]


def test_the_key_is_replaced_by_its_button(pages: FlaskClient, portal: Any, sync: Sync) -> None:
    pages.post("/clinique-pc/reglages/cle/remplacer", headers=OURS)
    assert "remplacement demandé" in soup(pages, "/clinique-pc/reglages").select_one("#cle").text
    while sync.upload() is not None:
        pass
    shown = soup(pages, "/clinique-pc/reglages").select_one("#cle code").text
    assert portal.new_keys == [f"{shown}_secret"]


def test_another_key_can_be_given_but_nothing_else(pages: FlaskClient, sync: Sync) -> None:
    path = "/clinique-pc/reglages/cle"
    assert pages.post(path, data={"key": "secret"}, headers=OURS).status_code == 422
    assert pages.post(path, data={"key": " rdv_def_other "}, headers=OURS).status_code == 303
    assert sync.portal.key() == "rdv_def_other"


def test_without_the_portal_an_online_booking_cannot_be_cancelled(
    pages: FlaskClient, portal: Any, sync: Sync, told: Any
) -> None:
    entry = import_booking(pages, sync, told)
    portal.faults = ["cut"]
    path = f"/clinique-pc/rendez-vous/{entry}/annuler"
    assert pages.post(path, data={"reason": "x"}, headers=OURS).status_code == 503
    assert made_by_hand(pages)[0]["status"] == "Confirmé"


def test_the_state_says_what_waits(pages: FlaskClient, sync: Sync) -> None:
    assert pages.get("/clinique-pc/etat.json").json["pending"] > 14
    while sync.upload() is not None:
        pass
    state = pages.get("/clinique-pc/etat.json").json
    assert (state["pending"], state["token"], state["cursor"]) == (0, "7:1", "7:0")


@pytest.mark.parametrize("today", [date(2026, 3, 9) + timedelta(days=n) for n in range(7)])
def test_the_demo_depends_on_today_alone_and_leaves_wednesdays_free(today: date) -> None:
    entries = demo.entries("first", today, TORONTO)
    assert entries == demo.entries("first", today, TORONTO)
    days = {wall(entry.starts_at, TORONTO).date() for entry in entries}
    assert min(days) >= today
    assert 2 not in {day.weekday() for day in days}
    assert None in {entry.resource_id for entry in entries}
    assert {entry.type for entry in entries} == set(agenda.TYPES)


def test_a_store_that_has_its_data_keeps_them(store: Store) -> None:
    demo.seed(store, "first", TORONTO)
    with store.write() as db:
        agenda.save(db, replace(agenda.entries(db)[0], deleted=True))
        left = len(agenda.entries(db))
    demo.seed(store, "first", TORONTO)
    with store.read() as db:
        assert len(agenda.entries(db)) == left


def test_the_ids_are_by_french_name() -> None:
    ids = demo.logivet_ids()
    assert ids["categories"]["Examen"] == "5"
    assert ids["species"]["Canin"] == "3"
    assert ids["resources"]["Dr John Dolittle"] == "2"


def test_entries_at_the_same_time_stand_side_by_side() -> None:
    day = date(2026, 3, 18)
    ranges = [("09:00", "10:00"), ("09:30", "10:30"), ("10:00", "11:00"), ("11:00", "12:00")]
    entries = [
        Entry(str(n), "note", None, *(wall_epoch(f"{day}T{at}", TORONTO) for at in pair), "")
        for n, pair in enumerate(ranges)
    ]
    (column,) = day_grid(day, [], entries, TORONTO).columns
    assert [(block.lane, block.lanes) for block in column.blocks] == [
        (0, 2),
        (1, 2),
        (0, 2),
        (0, 1),
    ]
    first = column.blocks[0]
    assert (first.top, first.height) == (4, 4)


def test_an_entry_of_several_days_fills_each_of_them() -> None:
    entry = Entry(
        "1", "unavailability", None, wall_epoch("2026-03-17T09:00", TORONTO),
        wall_epoch("2026-03-19T12:00", TORONTO), "",
    )  # fmt: skip
    grid = day_grid(date(2026, 3, 18), [], [entry], TORONTO)
    assert grid.hours == range(24)
    assert grid.columns[0].blocks[0].height == 96
