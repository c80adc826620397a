import pytest
from sqlalchemy.orm import Session

from flask_logivet_rdv.blueprints.account.forms_week import minutes
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services.availability import openings
from tests.blueprints.account.conftest import PREFIX, Page, Staff, words
from tests.support.clinics import DOLITTLE, TestClinic

MANUAL = [
    (1, "09h00", "11h30"),
    (1, "13h00", "16h00"),
    (2, "13h00", "16h00"),
    (3, "10h00", "12h00"),
    (4, "09h00", "11h00"),
    (4, "13h00", "16h00"),
    (6, "09h00", "12h00"),
]


@pytest.fixture
def path(clinic: TestClinic) -> str:
    return f"/ressources/{clinic.resources[DOLITTLE]}/disponibilites"


def week(*lines: tuple[int, str, str]) -> dict[str, str]:
    """Return the fields of lines (weekday, start, end)."""
    fields, seen = {}, [0] * 7
    for weekday, start, end in lines:
        n, seen[weekday] = seen[weekday], seen[weekday] + 1
        fields |= {f"start-{weekday}-{n}": start, f"end-{weekday}-{n}": end}
    return fields


def shown(page: Page) -> list[tuple[int, str, str]]:
    starts = page.body.select("input[name^=start-]")
    return [
        (int(s["name"][6]), s["value"], page.value(s["name"].replace("start", "end")))
        for s in starts
    ]


def saved(session: Session, clinic: TestClinic) -> list[Opening]:
    session.rollback()
    return openings(session, clinic.account_id, clinic.resources[DOLITTLE])


def test_the_week_is_shown_from_sunday_as_the_manual_prints_it(staff: Staff, path: str) -> None:
    page = staff.get(path)
    assert page.names("dt") == [
        "Dimanche",
        "Lundi",
        "Mardi",
        "Mercredi",
        "Jeudi",
        "Vendredi",
        "Samedi",
    ]
    assert shown(page) == MANUAL
    assert [words(day) for day in page.body.select("dd") if not day.select("input")] == [
        "Aucun horaire défini +",
        "Aucun horaire défini +",
    ]


def test_each_range_has_a_bin_and_each_day_one_plus(staff: Staff, path: str) -> None:
    labels = [b["aria-label"] for b in staff.get(path).body.select("dd button")]
    assert labels[:4] == [
        "Ajouter une plage le dimanche",
        "Supprimer la plage 09h00 à 11h30 du lundi",
        "Supprimer la plage 13h00 à 16h00 du lundi",
        "Ajouter une plage le lundi",
    ]
    assert sum(label.startswith("Ajouter") for label in labels) == 7
    assert sum(label.startswith("Supprimer") for label in labels) == 7


def test_both_notes_of_the_manual_are_there(staff: Staff, path: str) -> None:
    text = staff.get(path).text
    assert (
        "À noter que les plages horaires qui sont occupées par des rendez-vous, notes,"
        " non-disponibilité et réservations de temps dans le carnet de rendez-vous de LogiVet"
        " ne seront pas offertes pour la prise de rendez-vous en ligne." in text
    )
    assert "IMPORTANT : si vous avez des plages horaires hachurées" in text


def test_saving_replaces_the_week_in_order(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    sent = staff.send(path, week((5, "13h00", "16h00"), (5, "09h00", "12h00")) | {"op": "save"})
    assert (sent.status, sent.answer.location) == (303, PREFIX + path)
    assert saved(session, clinic) == [Opening(5, 540, 720), Opening(5, 780, 960)]
    assert shown(staff.get(path)) == [(5, "09h00", "12h00"), (5, "13h00", "16h00")]


@pytest.mark.parametrize(
    ("typed", "minute"),
    [
        ("09h00", 540),
        ("9h", 540),
        ("9H", 540),
        ("9", 540),
        ("9:00", 540),
        ("09:30", 570),
        ("0900", 540),
        ("930", 570),
        ("9 h 30", 570),
        (" 9h30 ", 570),
        ("00h00", 0),
        ("23h55", 1435),
        ("24h00", 1440),
    ],
)
def test_an_hour_may_be_typed_in_many_ways(typed: str, minute: int) -> None:
    assert minutes(typed) == minute


@pytest.mark.parametrize(
    "typed", ["", "h", "midi", "25h00", "24h05", "9h60", "9h5", "-9h", "9h00m", "09000", "٩h00"]
)
def test_what_is_no_hour_is_none(typed: str) -> None:
    assert minutes(typed) is None


def test_no_break_spaces_are_spaces(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    assert staff.send(path, week((0, "9\xa0h\xa030", "24h00"))).status == 303
    assert saved(session, clinic) == [Opening(0, 570, 1440)]


@pytest.mark.parametrize(
    ("lines", "problem", "field"),
    [
        (
            [(1, "13h00", "12h00")],
            "La plage 13h00–12h00 du lundi doit finir après son début.",
            "end",
        ),
        ([(1, "9h", "9h")], "La plage 09h00–09h00 du lundi doit finir après son début.", "end"),
        ([(1, "9h02", "12h")], "Les heures doivent être des multiples de 5 minutes.", "start"),
        ([(1, "9h", "")], "Lundi, plage 1, fin est obligatoire.", "end"),
        ([(1, "", "12h")], "Lundi, plage 1, début est obligatoire.", "start"),
        ([(1, "midi", "13h")], "« midi » n'est pas une heure valide. Exemple : 09h00", "start"),
        (
            [(1, "09h\x0000", "13h")],
            "« 09h\ufffd00 » n'est pas une heure valide. Exemple : 09h00",
            "start",
        ),
        ([(1, "9h", "12h"), (1, "11h55", "13h")], "Les plages du lundi se chevauchent.", "start"),
        ([(1, "9h", "12h"), (1, "9h", "12h")], "Les plages du lundi se chevauchent.", "start"),
    ],
)
def test_a_wrong_range_is_said_by_its_field_and_nothing_is_stored(
    clinic: TestClinic, staff: Staff, session: Session, path: str, lines, problem: str, field: str
) -> None:
    page = staff.send(path, week(*lines, (6, "10h00", "11h00")))
    assert page.status == 422
    assert page.problems == [problem]
    wrong = page.body.select_one("[aria-invalid]")
    assert wrong["name"].startswith(field)
    assert page.names(f"#{wrong['aria-describedby']}") == [problem]
    assert shown(page)[-1] == (6, "10h00", "11h00")
    assert len(saved(session, clinic)) == len(MANUAL)


def test_what_is_wrong_is_told_in_the_order_of_the_week(staff: Staff, path: str) -> None:
    lines = week(*((1, f"{n}h", "x") for n in range(12)), (0, "x", "9h"))
    page = staff.send(path, lines | {"base": staff.get(path).value("base")})
    fields = [link["href"] for link in page.body.select("[role=alert] a")]
    assert fields == ["#start-0-0", *(f"#end-1-{n}" for n in range(12))]
    assert page.body.select(".rdv-note[data-unsaved]")


def test_ranges_that_touch_are_two_ranges(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    assert staff.send(path, week((1, "9h", "12h"), (1, "12h", "13h"))).status == 303
    assert saved(session, clinic) == [Opening(1, 540, 720), Opening(1, 720, 780)]


def test_an_empty_range_is_none(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    assert staff.send(path, week((1, "", ""))).status == 303
    assert saved(session, clinic) == []


def test_plus_adds_an_empty_range_to_the_page_only(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    page = staff.send(path, week((1, "bientôt", "11h30")) | {"op": "add:1"})
    assert page.status == 200
    assert shown(page) == [(1, "bientôt", "11h30"), (1, "", "")]
    assert page.body.select_one("[autofocus]")["name"] == "start-1-1"
    assert len(saved(session, clinic)) == len(MANUAL)


@pytest.mark.parametrize(("n", "focus"), [(0, "add-1"), (1, "bin-1-0")])
def test_a_bin_removes_its_range_from_the_page_only(
    clinic: TestClinic, staff: Staff, session: Session, path: str, n: int, focus: str
) -> None:
    lines = [(1, "09h00", "11h30"), (1, "13h00", "16h00")]
    page = staff.send(path, week(*lines) | {"op": f"remove:1-{n}"})
    assert shown(page) == [lines[1 - n]]
    assert page.names(".rdv-note") == ["Plage supprimée. Modifications non enregistrées."]
    assert page.body.select_one("[autofocus]")["id"] == focus
    assert len(saved(session, clinic)) == len(MANUAL)


@pytest.mark.parametrize(
    "fields",
    [
        {"op": "add:7"},
        {"op": "add:"},
        {"op": "remove:1-0"},
        {"op": "sort"},
        {"start-7-0": "9h", "end-7-0": "10h"},
        {"start-x-0": "9h"},
        {"start-1-99999": "9h"},
        {"start-1-0": ["9h", "10h"], "end-1-0": "11h"},
    ],
)
def test_what_no_page_of_ours_sends_is_a_400(
    clinic: TestClinic, staff: Staff, session: Session, path: str, fields
) -> None:
    assert staff.send(path, fields).status == 400
    assert len(saved(session, clinic)) == len(MANUAL)


def test_what_the_page_shows_can_be_saved_as_it_is(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    fields = staff.get(path).fields()
    assert staff.client.post(PREFIX + path, data=fields).status_code == 303
    assert len(saved(session, clinic)) == len(MANUAL)


def test_a_day_is_copied_to_others_in_the_page_only(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    before = saved(session, clinic)
    lines = week((1, "9h", "11h30"), (1, "13h00", "16h00"), (2, "08h00", "09h00"))
    page = staff.send(path, lines | {"op": "copy", "copy-from": "1", "copy-to": ["2", "5"]})
    assert page.status == 200
    assert shown(page) == [
        (day, start, end)
        for day in (1, 2, 5)
        for start, end in (("9h", "11h30"), ("13h00", "16h00"))
    ]
    assert page.names(".rdv-note") == [
        "Lundi a été copié vers mardi, vendredi. Modifications non enregistrées."
    ]
    assert page.body.select_one("[autofocus]")["id"] == "start-2-0"
    assert saved(session, clinic) == before


def test_what_was_copied_can_be_saved(
    clinic: TestClinic, staff: Staff, session: Session, path: str
) -> None:
    page = staff.send(
        path, week((1, "09h00", "12h00")) | {"op": "copy", "copy-from": "1", "copy-to": ["3"]}
    )
    assert staff.send(path, page.fields() | {"op": "save"}).status == 303
    assert saved(session, clinic) == [Opening(1, 540, 720), Opening(3, 540, 720)]


@pytest.mark.parametrize("onto", [[], ["4"]])
def test_a_copy_to_no_other_day_is_said(staff: Staff, path: str, onto: list[str]) -> None:
    page = staff.send(
        path, week((4, "09h00", "12h00"), (6, "x", "")) | {"op": "copy", "copy-from": "4"}
        | {"copy-to": onto},
    )  # fmt: skip
    assert page.status == 422
    assert page.problems == ["Choisissez au moins un autre jour vers lequel copier."]
    assert page.body.select_one(".rdv-copies[open] #copy-to-0[aria-invalid]")
    assert page.names("#copy-from [selected]") == ["Jeudi"]
    assert shown(page) == [(4, "09h00", "12h00"), (6, "x", "")]


def test_the_days_that_have_hours_can_be_copied_and_to_every_day(staff: Staff, path: str) -> None:
    page = staff.get(path)
    assert page.names("#copy-from option") == ["Lundi", "Mardi", "Mercredi", "Jeudi", "Samedi"]
    assert [box["value"] for box in page.body.select("[name=copy-to]")] == list("0123456")


def test_a_week_without_hours_has_nothing_to_copy(
    bare_clinic: TestClinic, bare_staff: Staff
) -> None:
    page = bare_staff.get(f"/ressources/{bare_clinic.resources[DOLITTLE]}/disponibilites")
    assert page.body.select(".rdv-copies") == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"copy-from": "7", "copy-to": ["1"]},
        {"copy-from": "1", "copy-to": ["7"]},
        {"copy-from": "1", "copy-to": ["-1"]},
        {"copy-from": "-1", "copy-to": ["1"]},
    ],
)
def test_a_copy_of_or_to_what_is_no_day_is_refused(
    staff: Staff, path: str, fields: dict[str, object]
) -> None:
    assert staff.send(path, {"op": "copy"} | fields).status == 400
