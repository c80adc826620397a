"""Every address of the widget and of the cancellation pages, as the portal's own URL map has it."""

import re
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from host_example.models import db
from tests.support.links import WIDGET, Link

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
FILES = ("static", "theme", "embed.js")
NOBODY = uuid.UUID(int=1)


@pytest.fixture(scope="module")
def host(session_portal: Flask) -> Iterator[Flask]:
    """The portal, whose host sets a cookie with every answer and has a strict opinion of frames."""

    def opinions(response):
        response.set_cookie("host", "everywhere")
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "default-src * 'unsafe-inline'"
        return response

    hooks = session_portal.after_request_funcs.setdefault(None, [])
    hooks.append(opinions)
    yield session_portal
    hooks.remove(opinions)


def rules(app: Flask) -> list[Rule]:
    faces = ("rdv_widget.", "rdv_cancellation.")
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(faces)]


def addresses(app: Flask, clinic, link: Link) -> list[str]:
    """Return each rule with what exists and with what does not, and one below no rule."""
    known = {"widget_id": clinic.account_id, "token": link.token, "filename": "widget.css"}
    unknown = {"widget_id": uuid.uuid4(), "token": "x", "filename": "x.css"}
    query = f"?widgetId={clinic.account_id}&lang=en"
    return [f"{WIDGET}/nowhere", WIDGET] + [
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).format(**given) + query
        for rule in rules(app)
        for given in (known, unknown)
    ]


def test_the_map_has_the_public_routes(host: Flask):
    assert {rule.rule.removeprefix(WIDGET) for rule in rules(host)} == {
        "",
        "/details",
        "/confirmation/<token>",
        "/confirmation/<token>.ics",
        "/embed.js",
        "/theme/<uuid:widget_id>.css",
        "/static/<path:filename>",
        "/annuler/",
        "/annuler/<path:token>",
    }


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("staff", [False, True], ids=["anybody", "staff"])
def test_every_answer_keeps_to_itself(host: Flask, clinic, method: str, staff: bool):
    """No cookie, one policy of ours, no guess of types; pages are not stored, nor depend on who."""
    browser = clinic.login() if staff else host.test_client()
    for path in addresses(host, clinic, Link(clinic)):
        with browser.open(path, method=method, buffered=True) as answer:
            headers = answer.headers
        assert answer.status_code < 500, path
        assert "Set-Cookie" not in headers, path
        assert "cookie" not in headers.get("Vary", "").lower(), path
        (policy,) = headers.getlist("Content-Security-Policy")
        assert re.fullmatch(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors .+",
            policy,
        ), path
        assert policy.isascii()
        assert headers.getlist("X-Content-Type-Options") == ["nosniff"], path
        assert headers.get("Referrer-Policy") in {"same-origin", "strict-origin-when-cross-origin"}
        assert headers.get("X-Frame-Options") == ("DENY" if "/annuler" in path else None), path
        if path.removeprefix(f"{WIDGET}/").split("/")[0].split("?")[0] not in FILES:
            assert headers.getlist("Cache-Control") == ["no-store"], path


@pytest.mark.parametrize(
    "path",
    [
        f"?widgetId={NOBODY}",
        f"/details?widgetId={NOBODY}",
        f"/theme/{NOBODY}.css",
        f"/confirmation/{'x' * 43}",
        f"/annuler/{'x' * 43}",
    ],
)
def test_what_nobody_has_costs_one_read(portal: Flask, path: str):
    ran: list[str] = []

    def note(*given: object) -> None:
        ran.append(str(given[2]))

    with portal.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert portal.test_client().get(WIDGET + path).status_code == 404
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in ran] == ["SELECT"]
