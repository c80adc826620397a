"""account."""

from flask import Flask

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint


def mount(app: Flask, settings: Settings) -> None:
    """Register the face."""
    app.register_blueprint(
        blueprint(
            "account",
            __name__,
            getattr(settings, "account_prefix", settings.widget_prefix + "/annuler"),
        )
    )
