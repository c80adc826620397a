"""Two small files: the clinic's colours, and the script of the page that embeds the widget."""

import uuid

from flask import Response, abort, send_from_directory

from flask_logivet_rdv.services.accounts import account_row
from flask_logivet_rdv.state import state
from flask_logivet_rdv.theme import Theme, dark_theme, theme
from flask_logivet_rdv.web.pages import STATIC

AN_HOUR_S = 3600


def embed() -> Response:
    """Return the script that gives the iframe its height; its address never changes."""
    return send_from_directory(STATIC, "embed.js", max_age=AN_HOUR_S, mimetype="text/javascript")


def colours(widget_id: uuid.UUID) -> Response:
    """Return a clinic's colours as a style sheet."""
    here = state()
    account = account_row(here.db.session(), widget_id)
    if account is None:
        abort(404)
    answer = Response(_sheet(here.facts(account.clinic_id).accent), mimetype="text/css")
    answer.cache_control.public = True
    answer.cache_control.max_age = AN_HOUR_S
    return answer


def _sheet(accent: str | None) -> str:
    """Return the rules of an accent colour, none without one; paper is light in every theme."""
    if accent is None:
        return ""
    dark = _tokens(dark_theme(accent))
    return (
        f":root{{{_tokens(theme(accent))}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root[data-theme=auto]{{{dark}}}}}\n"
    )


def _tokens(found: Theme) -> str:
    return (
        f"--rdv-strong:{found.strong};--rdv-on-strong:{found.on_strong};"
        f"--rdv-soft:{found.soft};--rdv-line:{found.line}"
    )
