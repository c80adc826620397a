"""Who may see the widget, and what its answers let browsers do."""

from typing import Any

import pytest
from flask import Flask

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION
from tests.blueprints.widget.owner import DETAILS, WEDNESDAY_10H, WIDGET, Owner
from tests.support.clinics import TestClinic

OFF = "Online booking is not available at the moment. Please call the clinic."
NOBODYS = "00000000-0000-4000-8000-000000000000"
FRAMED = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def embedded(clinic: TestClinic) -> TestClinic:
    def save(tx: Any) -> None:
        tx.account.domains = ["www.clinique.ca", "*.veto.ca"]

    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, save)
    return clinic


def ancestors(answer: Any) -> str:
    return str(answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2])


@pytest.mark.parametrize("widget_id", [None, "", "zz", "\x00", NOBODYS])
@pytest.mark.parametrize("path", [WIDGET, DETAILS])
def test_an_unknown_widget_is_told_and_may_be_framed(owner: Owner, path: str, widget_id: Any):
    query = {"lang": "en"} | ({} if widget_id is None else {"widgetId": widget_id})
    answer = owner.client.get(path, query_string=query)
    assert answer.status_code == 404
    assert "This booking tool was not found. Check the widget code." in answer.text
    assert ancestors(answer) == "*"


def test_an_inactive_subscription_shows_the_phone_only(owner: Owner, clinic: TestClinic):
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: set_subscription(tx, False))
    for page in (owner.calendar(), owner.details()):
        assert page.status == 200
        assert OFF in page.text
        assert page.one("a[href='tel:5145550134']")
        assert not page.all("form")


def test_a_clinic_that_configured_nothing_looks_the_same(portal: Flask, bare_clinic: TestClinic):
    page = Owner(bare_clinic, portal.test_client()).look()
    assert page.status == 200
    assert OFF in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (FRAMED, 200),
        (FRAMED | {"Referer": "https://www.clinique.ca/rendez-vous"}, 200),
        (FRAMED | {"Referer": "https://www.clinique.ca"}, 200),
        (FRAMED | {"Referer": "https://un.veto.ca/"}, 200),
        (FRAMED | {"Referer": "https://widget.exemple.ca/services"}, 200),
        ({"Referer": "https://mal.ca/"}, 200),
        (FRAMED | {"Referer": "https://mal.ca/"}, 403),
        (FRAMED | {"Referer": "https://veto.ca/"}, 403),
        (FRAMED | {"Referer": "https://www.clinique.ca.mal.ca/"}, 403),
        (FRAMED | {"Referer": "https://www.clinique.ca:8443/"}, 403),
        (FRAMED | {"Referer": "https://[mal"}, 403),
        (FRAMED | {"Referer": "https://mal.ca:99999/"}, 403),
    ],
)
def test_only_listed_sites_may_embed_it(
    owner: Owner, embedded: TestClinic, headers: dict[str, str], status: int
):
    page = owner.look(headers=headers)
    assert page.status == status
    if status == 403:
        assert "This booking tool is not authorized on this website." in page.text
        assert "P&C" not in page.text
        assert ancestors(page.answer) == "*"
        assert not page.all("form")
    else:
        assert ancestors(page.answer) == "https://www.clinique.ca https://*.veto.ca"


def test_no_domain_saved_means_nobody_frames_it(owner: Owner):
    assert ancestors(owner.look().answer) == "'none'"


def test_every_page_lists_the_same_sites(owner: Owner, embedded: TestClinic):
    confirmation = owner.client.get(owner.book().answer.location)
    refused = owner.send(owner.details().form())
    pages = [owner.calendar(), owner.details(), owner.details(None), refused]
    lists = {ancestors(page.answer) for page in pages} | {ancestors(confirmation)}
    assert lists == {"https://www.clinique.ca https://*.veto.ca"}


def test_no_page_sets_a_cookie_or_may_be_stored(owner: Owner):
    done = owner.book()
    answers = [
        owner.look().answer,
        owner.details().answer,
        done.answer,
        owner.client.get(done.answer.location),
        owner.client.get(WIDGET),
    ]
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert not any("X-Frame-Options" in answer.headers for answer in answers)


def test_nothing_is_inline(owner: Owner):
    for page in (owner.calendar(), owner.details(), owner.details(None)):
        assert not page.all("[style], style, script:not([src]), [onclick], [onchange]")


@pytest.mark.parametrize(
    ("lang", "tag"), [("fr", "fr-CA"), ("en", "en-CA"), ("xx", "fr-CA"), ("", "fr-CA")]
)
def test_an_unknown_language_is_the_clinics(owner: Owner, lang: str, tag: str):
    owner.lang = lang
    assert owner.look().one("html")["lang"] == tag


@pytest.mark.parametrize(
    ("theme", "shown"), [("dark", "dark"), ("auto", "auto"), ("light", "light"), ("x", "light")]
)
def test_the_theme_is_asked_for(owner: Owner, theme: str, shown: str):
    assert owner.look(theme=theme).one("html")["data-theme"] == shown


def test_a_page_has_one_heading_and_names_the_clinic(owner: Owner):
    for page in (owner.look(), owner.calendar(), owner.details()):
        assert len(page.all("h1")) == 1
        assert page.soup.title.get_text(strip=True).endswith("– P&C Clinic")


def test_staff_see_what_owners_see(owner: Owner, clinic: TestClinic):
    staff = Owner(clinic, clinic.login())
    assert staff.look().answer.text == owner.look().answer.text


def test_the_clinics_zone_follows_the_portal(owner: Owner, portal: Flask, clinic: TestClinic):
    from host_example.models import Clinic, db

    with portal.app_context():
        db.session.get(Clinic, clinic.clinic_id).time_zone = "America/Vancouver"
        db.session.commit()
        portal.extensions[EXTENSION].clinic_changed(clinic.clinic_id)
    first = owner.calendar(day="2026-03-18").values("[name=start]")[0]
    assert first == WEDNESDAY_10H.replace("14:00", "17:00")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(owner: Owner, method: str):
    assert getattr(owner.client, method)(WIDGET).status_code == 405
