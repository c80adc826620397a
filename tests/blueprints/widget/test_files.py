"""The colours, the scripts, and what a first view weighs."""

import dataclasses
import gzip
from hashlib import sha256

import pytest
from werkzeug.test import TestResponse

from flask_logivet_rdv import jobs
from flask_logivet_rdv.scheduling.opening import Opening
from flask_logivet_rdv.services.settings import save_openings
from flask_logivet_rdv.services.transaction import Tx, transact
from flask_logivet_rdv.state import EXTENSION
from host_example.models import Clinic, db
from tests.blueprints.widget.owner import WIDGET, Owner, Page
from tests.support.clinics import DOLITTLE, TestClinic

KILOBYTE = 1024


def files(page: Page) -> list[str]:
    """The addresses of what a page loads, in its order."""
    loaded = page.all("link[rel=stylesheet], script[src]")
    return [str(tag.get("href") or tag.get("src")) for tag in loaded]


def weight(answer: TestResponse) -> int:
    """Bytes on the way, as a proxy compresses them."""
    return len(gzip.compress(answer.data, 6))


def test_the_clinics_colour_is_a_style_sheet_kept_an_hour(owner: Owner, clinic: TestClinic):
    answer = owner.client.get(f"{WIDGET}/theme/{clinic.account_id}.css")
    assert answer.mimetype == "text/css"
    assert "--rdv-strong:#35513f" in answer.text
    assert "max-age=3600" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("of_clinic", "of_settings", "strong"),
    [
        ("#0a66c2", None, "#0a66c2"),
        ("#0a66c2", "#ff0000", "#0a66c2"),
        ("", "#ff0000", "#d10000"),
        ("red;}", "#ff0000", "#d10000"),
        ("", None, None),
    ],
)
def test_the_colour_is_the_clinics_or_the_settings(
    owner: Owner, portal, monkeypatch, of_clinic, of_settings, strong
):
    here = portal.extensions[EXTENSION]
    settings = dataclasses.replace(here.settings, accent=of_settings)
    changed = dataclasses.replace(here, settings=settings, _facts={})
    monkeypatch.setitem(portal.extensions, EXTENSION, changed)
    with portal.app_context():
        db.session.get(Clinic, owner.clinic.clinic_id).accent = of_clinic
        db.session.commit()
    sheets = [link["href"] for link in owner.look().all("link[rel=stylesheet]")]
    if strong is None:
        assert len(sheets) == 1
    else:
        assert f":root{{--rdv-strong:{strong};" in owner.client.get(sheets[1]).text


def test_the_colour_has_a_light_theme_a_dark_one_and_the_systems_choice(owner: Owner):
    light, dark, system = owner.client.get(
        f"{WIDGET}/theme/{owner.clinic.account_id}.css"
    ).text.splitlines()
    assert light.startswith(":root{--rdv-strong:#35513f;")
    assert dark.startswith("@media screen{:root[data-theme=dark]{--rdv-strong:#a7b4ac;")
    assert system.startswith(
        "@media screen and (prefers-color-scheme:dark){:root[data-theme=auto]{--rdv-strong:#a7b4ac;"
    )


@pytest.mark.parametrize("name", ["00000000-0000-4000-8000-000000000000.css", "zz.css"])
def test_an_unknown_widget_has_no_colours(owner: Owner, name: str):
    assert owner.client.get(f"{WIDGET}/theme/{name}").status_code == 404


def test_the_embedding_script_is_public(owner: Owner):
    answer = owner.client.get(f"{WIDGET}/embed.js", buffered=True)
    assert answer.mimetype == "text/javascript"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert "hello" in answer.text


def test_a_first_view_is_four_requests_and_twelve_kilobytes_at_most(owner: Owner):
    page = owner.calendar()
    answers = [page.answer, *(owner.client.get(file, buffered=True) for file in files(page))]
    assert {answer.status_code for answer in answers} == {200}
    assert len(answers) <= 4
    assert sum(weight(answer) for answer in answers) <= 12 * KILOBYTE


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    "query",
    [
        {"day": "2026-03-18"},
        {"day": "2026-03-19"},
        {"month": "2026-05"},
        {"day": "2026-03-18", "tz": "Canada/Pacific"},
    ],
    ids=lambda query: "-".join(query.values()).replace("/", " "),
)
def test_a_refresh_is_three_kilobytes_at_most(owner: Owner, lang: str, query: dict[str, str]):
    owner.lang = lang
    assert weight(owner.calendar(**query).answer) <= 3 * KILOBYTE


def test_so_is_one_with_half_hours_from_morning_to_evening_every_day(owner: Owner):
    owner.lang = "fr"
    week = [Opening(day, 8 * 60, 18 * 60) for day in range(7)]

    def save(tx: Tx) -> None:
        save_openings(tx, owner.clinic.resources[DOLITTLE], week, None)

    with owner.clinic.app.app_context():
        transact(jobs.desk(), owner.clinic.account_id, save)
    page = owner.calendar(day="2026-03-19")
    assert len(page.all("[name=start]")) == 20
    assert weight(page.answer) <= 3 * KILOBYTE


def test_files_are_named_by_their_content_and_kept_a_year(owner: Owner):
    sheet, _colours, script = files(owner.look())
    for address, name in ((sheet, "widget.css"), (script, "widget.js")):
        answer = owner.client.get(address, buffered=True)
        path, _, version = address.partition("?v=")
        assert path == f"{WIDGET}/static/{name}"
        assert sha256(answer.data).hexdigest().startswith(version)
        assert len(version) == 12
        kept = answer.cache_control
        assert (kept.max_age, kept.public, kept.immutable) == (31_536_000, True, True)


def test_the_script_is_two_kilobytes_at_most(owner: Owner):
    script = files(owner.look())[-1]
    assert weight(owner.client.get(script, buffered=True)) <= 2 * KILOBYTE
