"""widget."""

from flask import Flask

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint


def mount(app: Flask, settings: Settings) -> None:
    """Register the face."""
    app.register_blueprint(
        blueprint(
            "widget",
            __name__,
            getattr(settings, "widget_prefix", settings.widget_prefix + "/annuler"),
        )
    )
