"""The colours, the scripts, and what a first view weighs."""

import gzip

import pytest

from tests.blueprints.widget.owner import WIDGET, Owner
from tests.support.clinics import TestClinic


def test_the_clinics_colour_is_a_style_sheet_kept_an_hour(owner: Owner, clinic: TestClinic):
    answer = owner.client.get(f"{WIDGET}/theme/{clinic.account_id}.css")
    assert answer.mimetype == "text/css"
    assert "--rdv-strong:#35513f" in answer.text
    assert "max-age=3600" in answer.headers["Cache-Control"]


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
    files = [str(tag.get("href") or tag.get("src")) for tag in page.all("link[href], script[src]")]
    answers = [page.answer, *(owner.client.get(address, buffered=True) for address in files)]
    assert {answer.status_code for answer in answers} == {200}
    assert len(answers) <= 4
    assert sum(len(gzip.compress(answer.data)) for answer in answers) <= 12 * 1024


def test_the_script_stays_small(owner: Owner):
    (script,) = owner.look().all("script[src]")
    body = owner.client.get(str(script["src"]), buffered=True).data
    assert len(gzip.compress(body)) <= 1638
