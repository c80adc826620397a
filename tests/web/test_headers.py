import json

import pytest
from flask import Flask, Response
from flask_talisman import Talisman
from werkzeug.test import Client

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.headers import FRAME_ANCESTORS, HeaderLayer

WIDGET = "/services/online-appointment"
CANCEL = f"{WIDGET}/annuler"
ACCOUNT = "/compte/rendez-vous-en-ligne"
SYNC = "/api/logivet/v1"
LISTED = "https://www.clinique.ca https://clinique.ca"


def host(**answers) -> Flask:
    """A host that answers every address alike, sets a cookie and has policies of its own."""
    app = Flask("host")

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def answer(path):
        response = Response("body", **answers)
        response.set_cookie("session", "of the host")
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "default-src *"
        return response

    return app


def client(app: Flask, ancestors: str | None = None) -> Client:
    layer = HeaderLayer(app.wsgi_app, Settings())

    def wsgi(environ, start_response):
        if ancestors:
            environ[FRAME_ANCESTORS] = ancestors
        return layer(environ, start_response)

    return Client(wsgi)


def framers(response) -> str:
    """Return who may frame an answer, by every policy that it carries."""
    policies = ";".join(response.headers.getlist("Content-Security-Policy")).split(";")
    return next(p.strip() for p in policies if p.strip().startswith("frame-ancestors"))


@pytest.mark.parametrize("path", [WIDGET, f"{WIDGET}/details", f"{WIDGET}/confirmation/abc"])
def test_a_widget_page_is_framed_by_its_clinics_hosts_alone(path):
    response = client(host(), LISTED).get(path)
    assert framers(response) == f"frame-ancestors {LISTED}"
    assert "X-Frame-Options" not in response.headers


@pytest.mark.parametrize("path", [WIDGET, f"{WIDGET}/nothing", CANCEL, f"{CANCEL}/abc", ACCOUNT])
@pytest.mark.parametrize("status", [200, 404, 405, 422, 500])
def test_nobody_frames_a_page_that_does_not_say_who_may(path, status):
    assert framers(client(host(status=status)).get(path)) == "frame-ancestors 'none'"


@pytest.mark.parametrize(
    "path", [CANCEL, f"{CANCEL}/abc", f"{CANCEL}/embed.js", f"{ACCOUNT}/especes"]
)
def test_cancellation_and_account_pages_are_never_framed(path):
    response = client(host(), LISTED).get(path)
    assert framers(response) == "frame-ancestors 'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", [WIDGET, f"{WIDGET}/details", f"{CANCEL}/abc", f"{WIDGET}/nothing"]
)
def test_public_pages_have_our_policy_in_place_of_the_hosts(path):
    policies = client(host()).get(path).headers.getlist("Content-Security-Policy")
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; script-src 'self'; style-src 'self'")


@pytest.mark.parametrize("path", [WIDGET, f"{WIDGET}/confirmation/abc", f"{CANCEL}/abc"])
def test_no_report_of_the_hosts_policy_names_a_page_of_an_owner(path):
    reporting = {"Content-Security-Policy-Report-Only": "default-src x; report-uri https://r.ca"}
    headers = client(host(headers=reporting)).get(path).headers
    assert "Content-Security-Policy-Report-Only" not in headers


def test_the_clinics_pages_load_the_script_whatever_the_host_allows():
    closed = {"Cross-Origin-Resource-Policy": "same-origin"}
    script, page = (
        client(host(headers=closed)).get(path).headers.getlist("Cross-Origin-Resource-Policy")
        for path in (f"{WIDGET}/embed.js", WIDGET)
    )
    assert (script, page) == (["cross-origin"], ["same-origin"])


def test_account_pages_keep_the_hosts_policy_beside_ours():
    policies = client(host()).get(ACCOUNT).headers.getlist("Content-Security-Policy")
    assert policies == ["default-src *", "frame-ancestors 'none'"]


@pytest.mark.parametrize("path", [WIDGET, f"{WIDGET}/static/widget.css", f"{CANCEL}/abc", SYNC])
def test_public_addresses_set_no_cookie(path):
    assert "Set-Cookie" not in client(host()).get(path).headers


@pytest.mark.parametrize("path", [ACCOUNT, "/"])
def test_the_hosts_and_account_pages_keep_their_cookies(path):
    assert "Set-Cookie" in client(host()).get(path).headers


@pytest.mark.parametrize("path", ["/", "/services/online-appointments", "/compte/autre", "/api"])
def test_the_hosts_own_pages_are_left_alone(path):
    headers = client(host()).get(path).headers
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers.getlist("Content-Security-Policy") == ["default-src *"]
    assert "Referrer-Policy" not in headers


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        (WIDGET, "strict-origin-when-cross-origin"),
        (f"{WIDGET}/details", "strict-origin-when-cross-origin"),
        (f"{WIDGET}/confirmation/abc", "same-origin"),
        (f"{CANCEL}/abc", "same-origin"),
        (f"{ACCOUNT}/especes", "same-origin"),
    ],
)
def test_the_address_of_a_personal_page_leaves_to_nobody(path, policy):
    assert client(host()).get(path).headers["Referrer-Policy"] == policy


@pytest.mark.parametrize(
    "path",
    [WIDGET, f"{WIDGET}/details", f"{WIDGET}/confirmation/a", f"{CANCEL}/a", f"{SYNC}/hello"],
)
def test_pages_are_not_stored(path):
    kept_long = {"Cache-Control": "public, max-age=60"}
    assert client(host(headers=kept_long)).get(path).headers.getlist("Cache-Control") == [
        "no-store"
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"{WIDGET}/static/widget.css",
        f"{WIDGET}/theme/abc.css",
        f"{WIDGET}/embed.js",
    ],
)
def test_files_keep_their_caching(path):
    kept_long = {"Cache-Control": "public, max-age=60"}
    headers = client(host(headers=kept_long)).get(path).headers
    assert headers.getlist("Cache-Control") == ["public, max-age=60"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [("Cookie", []), ("Origin, Cookie", ["Origin"]), ("cookie,  Accept", ["Accept"])],
)
def test_a_public_answer_does_not_vary_with_the_cookie(said, kept):
    assert client(host(headers={"Vary": said})).get(WIDGET).headers.getlist("Vary") == kept


def test_an_account_page_varies_with_the_cookie():
    assert client(host(headers={"Vary": "Cookie"})).get(ACCOUNT).headers["Vary"] == "Cookie"


@pytest.mark.parametrize("path", [WIDGET, f"{WIDGET}/embed.js", f"{CANCEL}/a", ACCOUNT, SYNC])
def test_types_are_not_guessed(path):
    assert client(host()).get(path).headers.getlist("X-Content-Type-Options") == ["nosniff"]


@pytest.mark.parametrize(("status", "code"), [(404, "not_found"), (405, "method_not_allowed")])
def test_the_hosts_404_and_405_are_problems_under_the_sync_prefix(status, code):
    response = client(host(status=status, headers={"Allow": "GET"})).get(f"{SYNC}/nothing")
    assert response.status_code == status
    assert response.headers.getlist("Content-Type") == ["application/problem+json"]
    assert response.headers["Allow"] == "GET"
    assert int(response.headers["Content-Length"]) == len(response.data)
    problem = json.loads(response.data)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["instance"] == f"{SYNC}/nothing"


def test_a_head_request_has_the_problems_headers_alone():
    response = client(host(status=404)).head(f"{SYNC}/nothing")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.data == b""


def test_a_problem_of_the_api_itself_is_left_as_it_is():
    app = host(status=404, content_type="application/problem+json")
    assert client(app).get(f"{SYNC}/bookings/1").data == b"body"


@pytest.mark.parametrize("status", [200, 401, 409, 500])
def test_other_answers_under_the_sync_prefix_keep_their_body(status):
    response = client(host(status=status)).get(f"{SYNC}/hello")
    assert (response.status_code, response.data) == (status, b"body")


def test_a_body_in_pieces_arrives_whole_and_is_closed():
    closed = []

    def application(_environ, start_response):
        def body():
            try:
                start_response("200 OK", [("Content-Type", "text/plain")])
                yield b"one "
                yield b"two"
            finally:
                closed.append(True)

        return body()

    response = Client(HeaderLayer(application, Settings())).get(f"{SYNC}/events")
    assert response.data == b"one two"
    response.close()
    assert closed == [True]


@pytest.mark.parametrize("first", ["talisman", "package"])
class TestTalisman:
    """A host with Flask-Talisman, set up before or after the package."""

    def portal(self, first: str) -> Client:
        app = Flask("host")
        app.add_url_rule("/", "home", view_func=lambda: "home")
        app.add_url_rule(f"{WIDGET}/fails", "fails", view_func=lambda: 1 / 0)
        app.add_url_rule(f"{SYNC}/hello", "hello", view_func=lambda: "hello")
        if first == "talisman":
            Talisman(app, force_https=False)
        app.wsgi_app = HeaderLayer(app.wsgi_app, Settings())
        if first == "package":
            Talisman(app, force_https=False)
        return app.test_client()

    @pytest.mark.parametrize("path", [WIDGET, f"{WIDGET}/fails", f"{CANCEL}/abc"])
    def test_our_policy_wins_on_our_paths(self, first, path):
        headers = self.portal(first).get(path).headers
        assert [p[:18] for p in headers.getlist("Content-Security-Policy")] == [
            "default-src 'none'"
        ]
        assert headers.get("X-Frame-Options") == ("DENY" if path.startswith(CANCEL) else None)

    def test_the_hosts_pages_keep_theirs(self, first):
        headers = self.portal(first).get("/").headers
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")

    def test_a_405_of_the_sync_api_is_a_problem(self, first):
        response = self.portal(first).post(f"{SYNC}/hello")
        assert response.status_code == 405
        assert response.json["code"] == "method_not_allowed"
