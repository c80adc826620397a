"""W1: the three lists, the calendar and the times (S68–S81)."""

import uuid
from datetime import UTC, datetime

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import WeeklyOpening
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.widget.owner import DETAILS, WEDNESDAY_10H, Owner
from tests.support.clinics import DOLITTLE, TestClinic, at
from tests.support.portal import Clock

GONE = "This choice is no longer offered online. Please choose again."


def options(page, name):
    return [option.get_text() for option in page.all(f"select[name={name}] option")]


def test_lists_are_locked_until_the_one_before_has_a_choice(owner: Owner):
    page = owner.look()
    assert options(page, "species") == ["Choose a species", "Canine", "Feline"]
    assert options(page, "category") == ["Choose a category"]
    assert [s["name"] for s in page.all("select[disabled]")] == ["category", "resource"]
    assert not page.all("table")


def test_a_species_unlocks_its_own_categories(owner: Owner, clinic: TestClinic):
    canine = owner.look(species=clinic.species["Canin"])
    assert options(canine, "category") == ["Choose a category", "Behavioral Consultation", "Exam"]


def test_a_list_of_one_is_chosen_by_itself(owner: Owner, clinic: TestClinic):
    page = owner.look(species=clinic.species["Félin"])
    assert [o.get_text() for o in page.all("select option[selected]")][:3] == [
        "Feline",
        "Exam",
        DOLITTLE,
    ]
    assert page.one("table")


def test_a_category_without_a_species_is_ignored(owner: Owner, clinic: TestClinic):
    page = owner.look(category=clinic.categories["Examen"])
    assert page.status == 200
    assert not page.all("table")
    assert GONE not in page.text


def test_the_header_names_category_duration_and_resource(owner: Owner):
    header = owner.calendar().one(".rdv-what").get_text(" ", strip=True)
    assert header == "Exam 30 minutes Dr John Dolittle"


def test_the_calendar_opens_on_the_first_day_that_has_times(owner: Owner):
    page = owner.calendar()
    assert page.one("[aria-current=date]")["value"] == "2026-03-17"
    assert not page.all("input[name=start][checked]")


def test_the_month_is_a_table_from_sunday_with_the_days_of_the_next(owner: Owner):
    page = owner.calendar()
    assert [th["abbr"] for th in page.all("th[scope=col]")][:2] == ["Sunday", "Monday"]
    cells = [cell.get_text(strip=True) for cell in page.all("td")]
    assert cells == [str(n) for n in [*range(1, 32), 1, 2, 3, 4]]
    assert page.one("td.is-out button[value='2026-04-02']")


def test_a_day_says_its_date_and_how_many_times_are_free(owner: Owner):
    page = owner.calendar()
    wednesday = page.one("button[value='2026-03-18']")
    assert wednesday["aria-label"] == "Wednesday, March 18, 2026, 4 free times"
    today = page.one("td.is-today span")
    assert today["aria-label"] == "Monday, March 16, 2026, today, no free times"


def test_times_are_the_clinics_and_carry_the_instant(owner: Owner):
    page = owner.calendar(day="2026-03-18")
    assert page.values("input[name=start]") == [
        "2026-03-18T14:00:00Z",
        "2026-03-18T14:30:00Z",
        "2026-03-18T15:00:00Z",
        "2026-03-18T15:30:00Z",
    ]
    assert page.all(".rdv-slot .b")[0].get_text().replace("\xa0", " ") == "10:00 - 10:30"


def test_a_booked_time_is_not_offered(owner: Owner, clinic: TestClinic):
    clinic.book(at("2026-03-18", "10:30"))
    assert "2026-03-18T14:30:00Z" not in owner.calendar(day="2026-03-18").values("[name=start]")


def test_what_is_twelve_hours_ahead_is_offered_and_a_second_less_is_not(owner: Owner, clock: Clock):
    clock.now = datetime(2026, 3, 18, 2, 0, tzinfo=UTC)
    assert WEDNESDAY_10H in owner.calendar(day="2026-03-18").values("[name=start]")
    clock.advance(seconds=1)
    assert WEDNESDAY_10H not in owner.calendar(day="2026-03-18").values("[name=start]")


@pytest.mark.parametrize(
    ("month", "previous", "following"),
    [("2026-03", "", "2026-04"), ("2026-04", "2026-03", "2026-05"), ("2026-05", "2026-04", "")],
)
def test_months_lead_from_today_to_two_months_ahead(
    owner: Owner, month: str, previous: str, following: str
):
    page = owner.calendar(month=month)
    assert page.values("button[name=month][data-to]") == [previous, following]
    assert len(page.all("button[data-to][disabled]")) == [previous, following].count("")


def test_both_rules_stand_under_the_calendar(owner: Owner):
    owner.lang = "fr"
    rules = [" ".join(li.get_text().split()) for li in owner.calendar().all(".rdv-rules li")]
    assert rules == [
        "* Il n'est pas possible de prendre rendez-vous dans un délai de moins de 12 heures",
        "** Il n'est pas possible de prendre un rendez-vous plus de 2 mois à l'avance",
    ]


def test_a_month_without_times_leads_to_the_first_one(owner: Owner, clock: Clock):
    clock.now = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
    page = owner.calendar(month="2026-03")
    assert "No free times in March 2026." in page.text
    assert "First free time: Wednesday, April 1, 2026 at 10:00 a.m." in page.text.replace(
        "\xa0", " "
    )
    assert "2026-04-01" in page.values("form#rdv-times button[name=day]")


def test_a_resource_without_any_time_says_so_with_the_phone(owner: Owner, clinic: TestClinic):
    def one_minute_week(tx):
        hours = tx.session.query(WeeklyOpening).filter_by(account_id=clinic.account_id)
        for row in hours.offset(1):
            tx.session.delete(row)
        hours.first().end_min = hours.first().start_min + 5

    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, one_minute_week)
    page = owner.calendar()
    assert page.status == 200
    assert "No free times in the next 2 months with this resource." in page.text
    assert page.one("a[href='tel:5145550134']")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("species", "zz"),
        ("category", "\x00"),
        ("resource", "é" * 500),
        ("day", "2026-02-31"),
        ("day", "9999-12-31"),
        ("day", "0001-01-01"),
        ("month", "2026-13"),
        ("month", "9999-12"),
        ("month", "-1"),
        ("tz", "../../etc/passwd"),
        ("tz", "Europe/Paris"),
        ("lang", "xx"),
        ("theme", "<script>"),
        ("start", "now"),
    ],
)
def test_a_query_string_never_makes_it_fail(owner: Owner, name: str, value: str):
    page = owner.calendar(**{name: value})
    assert page.status == 200
    assert page.one("h1")


def test_a_choice_that_is_no_longer_offered_is_dropped_and_said(owner: Owner):
    page = owner.calendar(resource=uuid.uuid4(), category=uuid.uuid4())
    assert page.status == 200
    assert GONE in page.text
    assert page.one("select[name=species] option[selected]").get_text() == "Canine"
    assert not page.all("table")


def test_a_day_that_lost_its_times_gives_way_to_the_next(owner: Owner):
    page = owner.calendar(day="2026-03-20")
    assert GONE in page.text
    assert page.one("[aria-current=date]")["value"] == "2026-03-17"


def test_of_a_repeated_parameter_the_first_counts(owner: Owner, clinic: TestClinic):
    first = str(clinic.species["Canin"])
    page = owner.look(species=[first, str(clinic.species["Félin"])])
    assert page.one("select[name=species] option[selected]")["value"] == first


def test_going_on_without_a_time_is_refused(owner: Owner):
    owner.lang = "fr"
    page = owner.details(start=None, day="2026-03-18")
    assert page.status == 422
    assert page.one("[role=alert] li").get_text(strip=True) == "Heure est obligatoire."
    assert page.one("[aria-current=date]")["value"] == "2026-03-18"
    assert page.soup.title.get_text(strip=True).startswith("Erreur :".replace(" ", "\xa0"))


def test_all_state_is_in_the_address(owner: Owner):
    page = owner.calendar(day="2026-03-18", tz="Canada/Pacific", theme="dark")
    to_details = page.one(f"form[action='{DETAILS}']")
    kept = {tag["name"]: tag["value"] for tag in to_details.select("input[type=hidden]")}
    assert kept == owner.widget | owner.choices | {
        "theme": "dark",
        "tz": "Canada/Pacific",
        "day": "2026-03-18",
    }


def test_another_zone_changes_what_is_read_and_not_what_is_booked(owner: Owner):
    here = owner.calendar(day="2026-03-18")
    there = owner.calendar(day="2026-03-18", tz="Canada/Pacific")
    assert here.values("[name=start]") == there.values("[name=start]")
    assert there.all(".rdv-slot .b")[0].get_text().startswith("07:00")
    assert "The clinic is on Eastern time." in there.text
    assert "The clinic is on" not in here.text


@pytest.mark.parametrize(
    ("lang", "zone", "hour", "sentence"),
    [
        (
            "fr",
            "La clinique est à l'heure de l'Est.",
            "7 h, 10 h, heure de la clinique",
            "Votre rendez-vous est à 10 h, heure de la clinique.",
        ),
        (
            "en",
            "The clinic is on Eastern time.",
            "7:00 a.m., 10:00 a.m., clinic time",
            "Your appointment is at 10:00 a.m., clinic time.",
        ),
    ],
)
def test_in_another_zone_each_time_tells_the_clinics(
    owner: Owner, lang: str, zone: str, hour: str, sentence: str
):
    owner.lang = lang
    page = owner.calendar(day="2026-03-18", tz="Canada/Pacific")
    first = page.all("[name=start]")[0]
    assert zone in page.text
    assert str(first["aria-label"]).replace("\xa0", " ") == hour
    assert str(first["data-own"]).replace("\xa0", " ") == sentence
    assert page.all(".rdv-slot small")[0].get_text().replace("\xa0", " ") == hour.partition(", ")[2]
    here = owner.calendar(day="2026-03-18")
    assert not here.all(".rdv-slot small, [data-own], #rdv-own")


def test_a_time_on_another_date_shows_that_date(owner: Owner, clinic: TestClinic):
    def at_midnight(tx):
        tx.session.add(
            WeeklyOpening(
                account_id=clinic.account_id,
                resource_id=clinic.resources[DOLITTLE],
                weekday=3,
                start_min=0,
                end_min=30,
            )
        )

    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, at_midnight)
    page = owner.calendar(day="2026-03-18", tz="Canada/Pacific")
    assert page.all(".rdv-slot small")[0].get_text() == "March 17, 2026"


def test_the_hour_that_comes_twice_is_told_apart(owner: Owner, clinic: TestClinic, clock: Clock):
    clock.now = datetime(2026, 10, 19, 14, 0, tzinfo=UTC)

    def on_sunday_night(tx):
        tx.session.add(
            WeeklyOpening(
                account_id=clinic.account_id,
                resource_id=clinic.resources[DOLITTLE],
                weekday=0,
                start_min=60,
                end_min=120,
            )
        )

    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, on_sunday_night)
    times = [" ".join(b.get_text(" ").split()) for b in owner.calendar(day="2026-11-01").all(".b")]
    assert [(time[:5], time[-3:]) for time in times] == [
        ("01:00", "EDT"),
        ("01:30", "EDT"),
        ("01:00", "EST"),
        ("01:30", "EST"),
    ]


def test_a_full_page_costs_four_queries_at_most_whatever_the_data(
    owner: Owner, clinic: TestClinic, count_queries
):
    with count_queries() as first:
        owner.calendar()
    counts = []
    for hours in (["09:00"], ["10:00", "13:00", "13:30"]):
        for hour in hours:
            clinic.book(at("2026-03-19", hour))
        with count_queries() as sent:
            owner.calendar()
        counts.append(len(sent))
    assert len(first) <= 4
    assert counts == [2, 2], "what is offered is kept: an agenda that changes does not change it"
