"""The pages of a mailed cancellation link, below the widget's prefix; they share its files."""

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import InternalServerError

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint, exempt_from_csrf

from . import views


def mount(app: Flask, settings: Settings) -> None:
    """Register the cancellation pages in an application."""
    face = blueprint("cancellation", __name__, settings.widget_prefix)
    face.before_request(views.limited)
    # strict slashes would redirect to the Host that the request names
    face.add_url_rule("/annuler/", "no_token", views.unknown, strict_slashes=False)
    face.add_url_rule("/annuler/<path:token>", "show", views.show)
    face.add_url_rule("/annuler/<path:token>", "cancel", views.cancel, methods=["POST"])
    face.register_error_handler(SQLAlchemyError, views.unavailable)
    face.register_error_handler(InternalServerError, views.broken)
    exempt_from_csrf(face)
    app.register_blueprint(face)
