"""The calendar as a process keeps it: never another than the one it would make anew."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.widget import entry
from flask_logivet_rdv.models import Category
from flask_logivet_rdv.services.accounts import new_epoch, set_subscription
from flask_logivet_rdv.services.by_clinic import cancel_by_clinic
from flask_logivet_rdv.services.offering import KeptOffers
from flask_logivet_rdv.services.settings import save_domains
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.shelf import Shelf
from flask_logivet_rdv.state import EXTENSION, KEPT
from flask_logivet_rdv.web import kept
from host_example.models import Clinic, db
from tests.blueprints.widget.owner import Owner
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING, Clock, make_portal, migrate

OFFERS = ("offers", "locked_offers")
TUESDAY_9 = at("2026-03-17", "13:00")


@pytest.fixture
def write(clinic):
    """Write in the clinic's account as LogiVet, staff and owners do."""

    def write(work):
        with clinic.app.app_context():
            return transact(jobs.desk(), clinic.account_id, work)

    return write


@pytest.fixture
def anew(portal, monkeypatch):
    """Look at a page as a process that has kept nothing."""

    def anew(look):
        with monkeypatch.context() as fresh:
            fresh.setitem(portal.extensions, KEPT, {})
            return look().answer.data

    return anew


def test_a_calendar_asked_for_again_costs_one_query_and_is_the_same(owner, count_queries):
    first = owner.calendar()
    with count_queries() as sent:
        again = owner.calendar()
    assert len(sent) == 1
    assert again.answer.data == first.answer.data
    assert again.answer.headers == first.answer.headers


def test_so_is_the_page_before_a_choice(owner, count_queries):
    first = owner.look()
    with count_queries() as sent:
        assert owner.look().answer.data == first.answer.data
    assert len(sent) == 1


def test_a_time_that_is_booked_and_given_back_is_gone_and_there_again(owner, clinic, write):
    offered = owner.calendar(day="2026-03-17").values("[name=start]")
    booking_id = clinic.book(TUESDAY_9)
    assert owner.calendar(day="2026-03-17").values("[name=start]") == offered[1:]
    write(lambda tx: cancel_by_clinic(tx, booking_id, "", notify_client=False))
    assert owner.calendar(day="2026-03-17").values("[name=start]") == offered


def test_a_time_is_offered_until_its_last_second(owner, clock):
    clock.now = datetime.fromtimestamp(TUESDAY_9 - 12 * 3600, UTC) - timedelta(seconds=1)
    offered = owner.calendar(day="2026-03-17").values("[name=start]")
    clock.advance(seconds=1)
    assert owner.calendar(day="2026-03-17").values("[name=start]") == offered
    clock.advance(microseconds=1)
    assert owner.calendar(day="2026-03-17").values("[name=start]") == offered[1:]


def test_a_new_day_comes_at_the_clinics_midnight(owner, clock):
    clock.now = datetime.fromtimestamp(at("2026-03-17", "00:00"), UTC) - timedelta(seconds=1)
    assert "16" in owner.calendar().one(".is-today").text
    clock.advance(seconds=1)
    assert "17" in owner.calendar().one(".is-today").text


def test_a_clock_set_back_finds_no_page_of_later(owner, clock, anew):
    clock.now = datetime.fromtimestamp(TUESDAY_9 - 11 * 3600, UTC)
    owner.calendar()
    clock.now = MONDAY_MORNING
    assert owner.calendar().answer.data == anew(owner.calendar)


@pytest.mark.parametrize(
    "query",
    [
        {"day": "2026-03-19"},
        {"month": "2026-04"},
        {"tz": "Canada/Pacific"},
        {"theme": "dark"},
        {"lang": "fr"},
    ],
    ids=lambda query: next(iter(query)),
)
def test_what_was_asked_is_what_is_shown(owner, anew, query):
    before = owner.calendar().answer.data
    again = owner.calendar(**query).answer.data
    assert again == anew(lambda: owner.calendar(**query))
    assert again != before
    assert owner.calendar().answer.data == before


def test_another_clinic_has_its_own(owner, portal, clock):
    other = Owner(make_clinic(portal, configured=True), portal.test_client())
    owner.calendar()
    assert str(other.clinic.account_id) in other.calendar().answer.text
    assert str(owner.clinic.account_id) not in other.calendar().answer.text


def test_what_the_host_says_of_the_clinic_is_shown_anew(owner, clinic, portal):
    owner.calendar()
    with portal.app_context():
        db.session.get(Clinic, clinic.clinic_id).name_en = "Clinic of Tomorrow"
        db.session.commit()
        portal.extensions[EXTENSION].clinic_changed(clinic.clinic_id)
    assert "Clinic of Tomorrow" in owner.calendar().answer.text


def test_a_domain_that_goes_is_no_longer_allowed(owner, write):
    write(lambda tx: save_domains(tx, ["clinique.exemple.ca"], None))
    assert "clinique.exemple.ca" in owner.calendar().answer.headers["Content-Security-Policy"]
    write(lambda tx: save_domains(tx, [], None))
    assert "clinique.exemple.ca" not in owner.calendar().answer.text
    assert "clinique.exemple.ca" not in owner.calendar().answer.headers["Content-Security-Policy"]


def test_a_subscription_ends_while_the_page_is_kept(owner, write, clock):
    ends = int(MONDAY_MORNING.timestamp()) + 60
    write(lambda tx: set_subscription(tx, True, ends=ends))
    assert owner.calendar().all("table")
    clock.advance(seconds=60)
    assert not owner.calendar().all("table")


def test_a_restored_database_is_not_taken_for_the_one_before(owner, clinic, write):
    owner.calendar()
    clinic.book(TUESDAY_9)

    def restored(tx):
        new_epoch(tx)
        tx.account.revision -= 2
        tx.account.settings_revision -= 1

    write(restored)
    offered = owner.calendar(day="2026-03-17").values("[name=start]")
    assert "2026-03-17T17:00:00Z" not in offered


@pytest.fixture
def pages(portal, monkeypatch):
    """What is kept from now on."""
    fresh = kept.KeptPages(10)
    monkeypatch.setitem(portal.extensions, KEPT, {"pages": fresh})
    return fresh


def everything(pages):
    return [*pages.pages._things, *pages.frames._things]


def test_a_calendar_with_a_draft_is_never_kept(owner, pages):
    owner.send(owner.choices | {"name": "Zoé"}, path="/services/online-appointment")
    assert not everything(pages)


@pytest.mark.parametrize(
    "query",
    [
        {"species": str(uuid.uuid4())},
        {"category": str(uuid.uuid4())},
        {"resource": str(uuid.uuid4())},
        {"day": "2026-03-29"},
        {"month": "2031-01"},
        {"tz": "Canada/Nowhere"},
    ],
    ids=lambda query: next(iter(query)),
)
def test_what_there_is_not_takes_the_place_of_no_page(owner, pages, query):
    assert owner.calendar(**query).status == 200
    assert not everything(pages)


def test_ids_before_a_choice_take_the_place_of_no_page(owner, pages):
    owner.look(category=str(uuid.uuid4()))
    owner.look(month="2026-04")
    assert not everything(pages)


def test_a_calendar_after_a_booking_is_made_in_the_frame_of_the_one_before(owner, clinic, pages):
    before = owner.calendar()
    (frame,) = pages.frames._things.values()
    clinic.book(TUESDAY_9)
    after = owner.calendar()
    assert list(pages.frames._things.values()) == [frame]
    assert frame.before in before.answer.text
    assert frame.before in after.answer.text
    assert after.answer.text.endswith(frame.after)
    assert after.answer.data != before.answer.data


@pytest.mark.parametrize(("own", "count"), [("{{ pick }} or {{ pick }}", 2), ("Call us.", 0)])
def test_a_hosts_own_template_may_show_the_calendar_twice_or_not(
    owner, pages, portal, monkeypatch, own, count
):
    ours = DictLoader({"logivet_rdv/widget/choose.html": own})
    both = ChoiceLoader([ours, portal.jinja_env.loader])
    monkeypatch.setattr(portal.jinja_env, "loader", both)
    page = owner.calendar()
    assert (page.status, len(page.all("table"))) == (200, count)
    assert not pages.frames._things


@pytest.mark.parametrize("text", ["{}" * 2000, "x" * 51, "0" * 20_000])
def test_a_long_text_that_is_no_id_stays_in_no_memory(owner, text):
    before = entry._parsed.cache_info().currsize
    assert owner.client.get(f"/services/online-appointment?widgetId={text}").status_code == 404
    assert entry._parsed.cache_info().currsize == before


def test_what_there_is_is_kept(owner, pages):
    owner.look()
    owner.calendar(day="2026-03-18")
    owner.calendar(month="2026-05", tz="Canada/Pacific")
    assert len(pages.pages._things) == 3


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    """One process that keeps its pages and one that keeps none, on one database and clock."""
    clock, folder = Clock(), tmp_path_factory.mktemp("two")
    keeping = make_portal(folder, clock=clock)
    migrate(keeping)
    forgetting = make_portal(folder, clock=clock, LOGIVET_RDV_KEPT_PAGES=0)
    forgetting.extensions[KEPT] = {name: KeptOffers(Shelf(0)) for name in OFFERS} | {
        "tenants": Shelf(0)
    }
    clinic = make_clinic(keeping, configured=True)
    yield clock, Owner(clinic, keeping.test_client()), forgetting.test_client()
    for app in (keeping, forgetting):
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(-3600, 40 * 3600)),
        st.tuples(st.just("book"), st.integers(0, 200)),
        st.tuples(st.just("last"), st.sampled_from([15, 30, 60])),
        st.tuples(st.just("name"), st.integers(0, 3)),
    ),
    min_size=2,
    max_size=6,
)


def exam(owner, tx):
    return tx.session.get(Category, (tx.account_id, owner.clinic.categories["Examen"]))


SETTINGS = {
    "last": lambda owner, n, tx: setattr(exam(owner, tx), "duration_min", n),
    "name": lambda owner, n, tx: setattr(exam(owner, tx), "name_en", f"Exam {n}"),
}


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_a_kept_calendar_is_always_the_one_that_would_be_made(two_processes, steps):
    clock, owner, other = two_processes
    clock.now = MONDAY_MORNING
    for what, n in steps:
        if what == "wait":
            clock.advance(seconds=n)
        elif what in SETTINGS:
            with owner.clinic.app.app_context():
                transact(jobs.desk(), owner.clinic.account_id, partial(SETTINGS[what], owner, n))
        else:
            times = owner.calendar().values("button.rdv-day")
            email = f"{n}-{clock.now.timestamp()}@exemple.ca"
            starts = owner.calendar(day=times[n % len(times)]).values("[name=start]")
            dataclasses.replace(owner, email=email).book(starts[n % len(starts)])
        shown = owner.calendar().answer.data
        assert shown == Owner(owner.clinic, other).calendar().answer.data
