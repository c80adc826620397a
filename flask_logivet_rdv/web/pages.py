"""Rendering: words of one language bound once, static files that may be cached for a year."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)

from flask_logivet_rdv.i18n import hours, local, speaking, words

PACKAGE = Path(__file__).parent.parent
STATIC = PACKAGE / "static" / "logivet_rdv"
A_YEAR_S = 31_536_000


def blueprint(face: str, import_name: str, prefix: str) -> Blueprint:
    """Return a blueprint of ours: ``rdv_<face>`` under its prefix, with templates and files."""
    made = Blueprint(
        f"rdv_{face}",
        import_name,
        url_prefix=prefix,
        template_folder=str(PACKAGE / "templates"),
        static_folder=str(STATIC),
        static_url_path="/static",
    )

    @made.after_request
    def cache_files(response: Response) -> Response:
        if request.endpoint == f"rdv_{face}.static" and response.status_code == 200:
            response.cache_control.max_age = A_YEAR_S
            response.cache_control.public = True
            response.cache_control.immutable = True
            response.cache_control.no_cache = None
        return response

    return made


def exempt_from_csrf(made: Blueprint) -> None:
    """Take a blueprint out of the host's session-based CSRF protection, whatever its order.

    A parent's exemption does not cover its children, and a preprocessor runs before every
    `before_request`, the host's included.
    """

    @made.url_value_preprocessor
    def exempt(*_: Any) -> None:
        csrf = current_app.extensions.get("csrf")
        if csrf is not None and request.blueprint is not None:
            csrf.exempt(current_app.blueprints[request.blueprint])


def page(template: str, lang: str, status: int = 200, **context: Any) -> Response:
    """Return a template of ours in a language, with its words: ``tr``, ``trn``, ``trp``, ``w``.

    ``w`` has the formats, ``hours`` and ``local`` place minutes and instants.
    """
    speech = words(lang)
    with speaking(lang):
        body = render_template(
            f"logivet_rdv/{template}",
            tr=speech.tr,
            trn=speech.trn,
            trp=speech.trp,
            w=speech,
            hours=hours,
            local=local,
            asset=asset,
            **context,
        )
    return make_response(body, status)


def asset(filename: str) -> str:
    """Return the address of a static file, which changes with its content."""
    address = url_for(".static", filename=filename)
    return f"{address}?v={_content_hash(filename)}"


@cache
def _content_hash(filename: str) -> str:
    return sha256((STATIC / filename).read_bytes()).hexdigest()[:12]
