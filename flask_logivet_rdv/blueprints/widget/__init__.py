"""The widget that owners see in the clinic's site: choose (W1), your details (W2), booked (W3)."""

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import InternalServerError, RequestEntityTooLarge

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint, exempt_from_csrf

from . import entry, views_choose, views_confirmation, views_details, views_files


def mount(app: Flask, settings: Settings) -> None:
    """Register the widget in an application."""
    face = blueprint("widget", __name__, settings.widget_prefix)
    face.before_request(entry.guard)
    for path, name, view, method in (
        ("", "choose", views_choose.choose, "GET"),
        ("", "choose_again", views_choose.choose_again, "POST"),
        ("/details", "details", views_details.details, "GET"),
        ("/details", "reserve", views_details.reserve, "POST"),
        ("/confirmation/<token>", "confirmation", views_confirmation.confirmation, "GET"),
        ("/confirmation/<token>.ics", "calendar", views_confirmation.calendar, "GET"),
        ("/embed.js", "embed", views_files.embed, "GET"),
        ("/theme/<uuid:widget_id>.css", "colours", views_files.colours, "GET"),
    ):
        face.add_url_rule(path, name, view, methods=[method])
    face.register_error_handler(SQLAlchemyError, views_details.unavailable)
    face.register_error_handler(InternalServerError, views_details.broken)
    face.register_error_handler(RequestEntityTooLarge, entry.too_large)
    exempt_from_csrf(face)
    app.register_blueprint(face)
