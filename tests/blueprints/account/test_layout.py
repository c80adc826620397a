import gzip
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from flask_logivet_rdv.blueprints.account.menu import nav_items
from flask_logivet_rdv.host import Layout
from flask_logivet_rdv.models import Resource
from flask_logivet_rdv.state import EXTENSION, state
from tests.blueprints.account.conftest import PREFIX, Staff
from tests.support.clinics import DOLITTLE, TestClinic

HOST_BASE = """<html><head><title>{% block window %}portal{% endblock %}</title></head>
<body><p id=top>{% block rdv %}host's own{% endblock %}</p>
<main>{% block main %}nothing{% endblock %}</main>{% block js %}<i id=theirs></i>{% endblock %}"""


@pytest.fixture
def other_layout(portal: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the portal answer with another layout."""
    loader = ChoiceLoader([DictLoader({"other.html": HOST_BASE}), portal.jinja_env.loader])
    monkeypatch.setattr(portal.jinja_env, "loader", loader)

    def use(**blocks: str | None) -> None:
        layout = Layout("other.html", blocks) if blocks else Layout()
        with portal.app_context():
            monkeypatch.setattr(type(state().host), "layout", lambda _self: layout)

    return use


def test_a_page_fills_the_blocks_that_the_host_names(staff: Staff, other_layout) -> None:
    other_layout(title="window", content="main", scripts="js", head=None)
    page = staff.get("/categories")
    assert page.soup.title.text == "Catégories de rendez-vous – Clinique P&C"
    assert page.soup.select_one("main .rdv-a h1")
    assert page.soup.select_one("#top").text == "host's own"


def test_what_the_host_has_in_its_blocks_stays(staff: Staff, other_layout) -> None:
    other_layout(title="window", content="main", scripts="js", head=None)
    soup = staff.get("/categories").soup
    assert soup.select_one("#theirs")
    assert "account.js" in soup.select_one("body > script")["src"]


def test_what_has_no_block_goes_into_the_content(staff: Staff, other_layout) -> None:
    other_layout(title=None, content="main", scripts=None, head=None)
    soup = staff.get("/categories").soup
    assert soup.title.text == "portal"
    assert "account.css" in soup.select_one("main link[rel=stylesheet]")["href"]
    assert "account.js" in soup.select_one("main script")["src"]


def test_a_block_name_that_is_no_name_is_refused(staff: Staff, other_layout) -> None:
    other_layout(title="window", content="main %}{{ 1 }}", scripts=None, head=None)
    with pytest.raises(ValueError, match="not the name of a block"):
        staff.get("/categories")


def test_a_host_without_layout_gets_a_bare_page(staff: Staff, other_layout) -> None:
    other_layout()
    soup = staff.get("/categories").soup
    assert soup.html["lang"] == "fr-CA"
    assert len(soup.select("main h1")) == 1
    assert "account.css" in soup.select_one("head link[rel=stylesheet]")["href"]


def test_a_bare_page_shows_what_was_saved(staff: Staff, other_layout) -> None:
    other_layout()
    staff.send("/categories")
    assert staff.get("/categories").notes == ["Modifications enregistrées."]


def test_pages_cannot_be_framed(staff: Staff) -> None:
    headers = staff.get("/").answer.headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers.get_all("Content-Security-Policy")


def test_the_files_may_be_cached_for_a_year(staff: Staff) -> None:
    soup = staff.get("/").soup
    for address in (
        soup.select_one("script[src*='account.js']")["src"],
        soup.select_one("link[href*='account.css']")["href"],
    ):
        with staff.client.get(address) as answer:
            assert answer.status_code == 200
            assert answer.cache_control.immutable


def test_the_script_weighs_two_kilobytes_at_most(staff: Staff) -> None:
    address = staff.get("/").soup.select_one("script[src*='account.js']")["src"]
    with staff.client.get(address) as answer:
        assert len(gzip.compress(answer.data, 6)) <= 2_048


def test_names_of_logivet_are_text_not_markup(clinic: TestClinic, staff: Staff, session) -> None:
    resource = session.get(Resource, (clinic.account_id, clinic.resources[DOLITTLE]))
    resource.name_fr = "<script>alert(1)</script>\"'"
    session.commit()
    for path in ("/ressources", f"/ressources/{resource.id}/categories"):
        page = staff.get(path)
        assert "<script>alert" not in page.answer.text
        assert "<script>alert(1)</script>" in page.text


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", [("Rendez-vous en ligne", "page")]),
        ("/categories", [("Catégories de rendez-vous", "page")]),
        ("/especes", [("Espèces de rendez-vous", "page")]),
        ("/ressources", [("Gestion des ressources", "page")]),
        ("/ressources/{}/disponibilites", [("Gestion des ressources", "true")]),
    ],
)
def test_the_menu_marks_where_one_is(
    clinic: TestClinic, path: str, current: list[tuple[str, str]]
) -> None:
    path = path.format(clinic.resources[DOLITTLE])
    with clinic.app.test_request_context(PREFIX + path):
        first = nav_items()[0]
        marked = [(i.label, i.current) for i in (first, *first.children) if i.current]
        assert marked == current


def test_the_menu_is_in_the_manuals_order(clinic: TestClinic) -> None:
    with clinic.app.test_request_context("/"):
        (first,) = nav_items()
        assert (first.label, first.url) == ("Rendez-vous en ligne", f"{PREFIX}/")
        assert [(item.label, item.url) for item in first.children] == [
            ("Catégories de rendez-vous", f"{PREFIX}/categories"),
            ("Espèces de rendez-vous", f"{PREFIX}/especes"),
            ("Gestion des ressources", f"{PREFIX}/ressources"),
        ]


def test_the_hosts_menu_has_our_entries_and_ours_is_not_printed(staff: Staff) -> None:
    page = staff.get("/especes")
    assert not page.body.select("nav")
    assert [a.get_text(strip=True) for a in page.soup.select("nav [aria-current=page]")] == [
        "Espèces de rendez-vous"
    ]


def test_the_sub_menu_is_printed_unless_the_host_has_it(
    clinic: TestClinic, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = clinic.app.extensions[EXTENSION]
    shown = replace(here, settings=replace(here.settings, subnav=True))
    monkeypatch.setitem(clinic.app.extensions, EXTENSION, shown)
    assert staff.get("/especes").names("nav a") == [
        "Rendez-vous en ligne",
        "Catégories de rendez-vous",
        "Espèces de rendez-vous",
        "Gestion des ressources",
    ]
