"""The pages of a mailed cancellation link, below the widget's prefix."""

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import InternalServerError

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint, exempt_from_csrf

from . import views


def mount(app: Flask, settings: Settings) -> None:
    """Register the cancellation pages in an application."""
    face = blueprint("cancellation", __name__, f"{settings.widget_prefix}/annuler")
    face.before_request(views.limited)
    face.add_url_rule("/", "no_token", views.unknown)
    face.add_url_rule("/<path:token>", "show", views.show)
    face.add_url_rule("/<path:token>", "cancel", views.cancel, methods=["POST"])
    face.register_error_handler(SQLAlchemyError, views.unavailable)
    face.register_error_handler(InternalServerError, views.broken)
    exempt_from_csrf(face)
    app.register_blueprint(face)
