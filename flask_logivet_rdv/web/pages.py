"""Rendering: words of one language bound once, static files that may be cached for a year."""

import uuid
from collections.abc import Callable, Hashable, Iterable
from functools import cache, lru_cache
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
from jinja2 import Template
from markupsafe import Markup

from flask_logivet_rdv.i18n import hours, language, languages, local, speaking, words
from flask_logivet_rdv.state import state

PACKAGE = Path(__file__).parent.parent
STATIC = PACKAGE / "static" / "logivet_rdv"
A_YEAR_S = 31_536_000
COME_BACK_S = 30


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
    """Return a page of the account in a language, with what the host gives all its templates."""
    with speaking(lang):
        body = render_template(f"logivet_rdv/{template}", **_in_language(lang), **context)
    return make_response(body, status)


def public_page(template: str, lang: str, status: int = 200, **context: Any) -> Response:
    """Return a page for anybody in a language; a 503 says when to come back."""
    answer = make_response(public_body(template, lang, **context), status)
    if status == 503:
        answer.headers["Retry-After"] = str(COME_BACK_S)
    return answer


def public_body(template: str, lang: str, **context: Any) -> str:
    """Return the text of a page, or of a part of one, for anybody in a language.

    The host's context processors do not run: they would open the session of a user of the portal.
    """
    with speaking(lang):
        found = current_app.jinja_env.get_template(f"logivet_rdv/{template}")
        return found.render(**_in_language(lang), colours=colours, icon=icon, **context)


def repeated(template: str, lang: str, name: str) -> Callable[[Iterable[Hashable]], Markup]:
    """Return what writes a part of a page for each of some values, called `name` in its template.

    The same value is written once in a process, so the part may show nothing else.
    """
    found = current_app.jinja_env.get_template(f"logivet_rdv/{template}")

    def write(values: Iterable[Hashable]) -> Markup:
        return Markup("".join(_part(found, lang, name, value) for value in values))  # noqa: S704

    return write


@lru_cache(maxsize=4096)
def _part(template: Template, lang: str, name: str, value: Hashable) -> str:
    return template.render(**_in_language(lang), **{name: value})


def icon(name: str) -> Markup:
    """Return a line icon of the public pages, which a process draws once."""
    return _drawn(current_app.jinja_env.get_template("logivet_rdv/icons.html"), name)


@lru_cache(maxsize=64)
def _drawn(template: Template, name: str) -> Markup:
    return Markup(template.render(name=name))  # noqa: S704


def browsers_language() -> str:
    """Return the language that the browser asks for, where nothing else tells one."""
    return language(request.accept_languages.best_match(languages()))


def colours(widget_id: uuid.UUID) -> str:
    """Return the address of a clinic's colours, which the widget serves, in this process or not."""
    return f"{request.script_root}{state().settings.widget_prefix}/theme/{widget_id}.css"


def _in_language(lang: str) -> dict[str, Any]:
    """Return what every template of ours has.

    The words ``tr``, ``trn``, ``trp``; the formats ``w``; ``hours`` and ``local``, which place
    minutes and instants; ``asset``.
    """
    speech = words(lang)
    return {
        "tr": speech.tr,
        "trn": speech.trn,
        "trp": speech.trp,
        "w": speech,
        "hours": hours,
        "local": local,
        "asset": asset,
    }


def asset(filename: str) -> str:
    """Return the address of a static file, which changes with its content."""
    address = url_for(".static", filename=filename)
    return f"{address}?v={_content_hash(filename)}"


@cache
def _content_hash(filename: str) -> str:
    return sha256((STATIC / filename).read_bytes()).hexdigest()[:12]
