"""A small portal that mounts the package: what a real portal does, and nothing else."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import get_locale
from flask_wtf.csrf import CSRFError

from . import monitoring, sqlite, texts, views
from .extensions import babel, bootstrap, csrf, login, mail, migrate, rdv
from .mail_templates import mail_templates
from .models import Clinic, User, db, load_user
from .portal_host import PortalHost, look_of
from .settings import data_folder, settings


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Return the portal, for any WSGI server. It neither migrates nor seeds.

    `test_config` wins over the environment (see `host_example.settings`); its RDV_DEMO_DATA is
    the data folder.
    """
    given = dict(test_config or {})
    folder = data_folder(given.pop("RDV_DEMO_DATA", None))
    app = Flask("host_example")
    app.config.from_mapping(settings(folder, os.environ) | given)
    look = look_of(app.config["RDV_DEMO_LAYOUT"])
    app.config.setdefault("LOGIVET_RDV_UI", look.ui)
    if look.ui == "bootstrap5":
        bootstrap.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db)
    login.init_app(app)
    login.user_loader(load_user)
    csrf.init_app(app)
    mail.init_app(app)
    babel.init_app(app, default_locale="fr", locale_selector=texts.locale)
    rdv.init_app(app, db=db, clinic=Clinic, user=User, host=PortalHost(db, Clinic))
    monitoring.init_app(app)
    app.register_blueprint(views.portal)
    app.register_blueprint(mail_templates)
    app.before_request(views.wall)
    app.register_error_handler(404, views.not_found)
    app.register_error_handler(CSRFError, views.expired)
    app.jinja_env.globals.update(say=texts.say, get_locale=get_locale, portal_base=look.base)
    with app.app_context():
        sqlite.prepare(db.engine)
    return app
