"""cancellation."""

from flask import Flask

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint


def mount(app: Flask, settings: Settings) -> None:
    """Register the face."""
    app.register_blueprint(
        blueprint(
            "cancellation",
            __name__,
            getattr(settings, "cancellation_prefix", settings.widget_prefix + "/annuler"),
        )
    )
