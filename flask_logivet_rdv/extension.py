"""The extension: `LogivetRdv.init_app` mounts the package into the host, step by named step."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Request
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy

from flask_logivet_rdv.blueprints import account, cancellation, sync, widget
from flask_logivet_rdv.cli import rdv
from flask_logivet_rdv.config import Settings, read_settings
from flask_logivet_rdv.host import FlaskLoginHost, Host
from flask_logivet_rdv.migrating import shield_host_autogenerate
from flask_logivet_rdv.models import bind_host
from flask_logivet_rdv.services.unsaved import watch
from flask_logivet_rdv.state import EXTENSION, State, state, utc_now
from flask_logivet_rdv.web.headers import HeaderLayer
from flask_logivet_rdv.web.privacy import TokensMasked, hide_values

FACES = {"account": account, "widget": widget, "cancellation": cancellation, "sync": sync}


class LogivetRdv:
    """« Rendez-vous en ligne », mounted into a Flask portal.

    The portal's `db` is used as it is; `clinic` and `user` are its models, whose keys may be of
    any type; `host` answers for its users and clinics (Flask-Login by default). Settings are the
    ``LOGIVET_RDV_*`` keys of `flask_logivet_rdv.config.Settings`. `clock` returns aware instants.
    """

    def __init__(self, app: Flask | None = None, **parts: Any) -> None:
        if app is not None:
            self.init_app(app, **parts)

    def init_app(
        self,
        app: Flask,
        *,
        db: SQLAlchemy,
        clinic: type,
        user: type,
        host: Host | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Mount into `app`, after the portal's db, login, mail, CSRF, Babel and Flask-Migrate.

        Raises ConfigError, naming the key, for a wrong setting, and RuntimeError when it is done
        twice or when other host models are already bound in this process.
        """
        if EXTENSION in app.extensions:
            raise RuntimeError("LogivetRdv is already mounted in this application.")
        settings = read_settings(app.config)
        bind_host({"clinic": clinic, "user": user})
        app.extensions[EXTENSION] = State(
            settings=settings,
            db=db,
            clinic=clinic,
            user=user,
            host=host or FlaskLoginHost(db, clinic),
            clock=clock,
        )
        if "mail" not in app.extensions:
            Mail(app)
        watch(db.session)
        shield_host_autogenerate(app)
        _mount(app, settings)
        app.logger.addFilter(TokensMasked(settings))
        hide_values()
        app.cli.add_command(rdv)
        app.wsgi_app = HeaderLayer(app.wsgi_app, settings)  # type: ignore[method-assign]

    @staticmethod
    def is_public(request: Request) -> bool:
        """Tell a host's login wall that a request must pass without a login.

        These are the widget, the cancellation pages, and the sync API with its own keys; by path,
        so that an unknown address or a wrong method below them gets our answer as well.
        """
        settings = state().settings
        return any(
            request.path == prefix or request.path.startswith(f"{prefix}/")
            for prefix in (settings.widget_prefix, settings.sync_prefix)
        )

    @staticmethod
    def clinic_changed(app: Flask, clinic_id: Any) -> None:
        """Tell that the host's facts of a clinic changed: name, phone, zone, colour, …."""
        mounted: State = app.extensions[EXTENSION]
        mounted.clinic_changed(clinic_id)


def _mount(app: Flask, settings: Settings) -> None:
    for face in settings.blueprints:
        FACES[face].mount(app, settings)
