"""Mounting into hosts of several kinds."""

import logging
import subprocess
import sys

import pytest
from flask import Flask, request

from flask_logivet_rdv import LogivetRdv
from flask_logivet_rdv.config import ConfigError
from flask_logivet_rdv.migrating import upgrade
from host_example.models import Clinic, User, db
from tests.support.clinics import make_clinic

PARTS = {"db": db, "clinic": Clinic, "user": User}


def plain_host(folder, **config):
    """Return a host with nothing but a database: no Babel, login, CSRF, mail or migrations."""
    app = Flask("plain")
    app.config.update(
        {
            "TESTING": True,
            "SECRET_KEY": "x",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'plain.sqlite3'}",
            "LOGIVET_RDV_PUBLIC_URL": "https://widget.exemple.ca",
            **config,
        }
    )
    db.init_app(app)
    return app


@pytest.fixture
def plain(tmp_path):
    app = plain_host(tmp_path)
    LogivetRdv(app, **PARTS)
    with app.app_context():
        db.create_all()
    upgrade(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_host_without_babel_shows_the_widget_in_both_languages(plain):
    clinic = make_clinic(plain, configured=True)
    for lang, title in (("fr", "Prendre rendez-vous en ligne"), ("en", "Book an appointment")):
        page = plain.test_client().get(
            f"/services/online-appointment?widgetId={clinic.account_id}&lang={lang}"
        )
        assert page.status_code == 200
        assert title in page.text


def test_a_host_without_mail_gets_one(plain):
    assert "mail" in plain.extensions


def test_a_host_without_migrations_is_warned(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        LogivetRdv(plain_host(tmp_path), **PARTS)
    assert "Flask-Migrate" in caplog.text


def test_mounting_twice_is_refused(plain):
    with pytest.raises(RuntimeError, match="already mounted"):
        LogivetRdv().init_app(plain, **PARTS)


def test_other_models_in_the_same_process_are_refused(tmp_path, portal):
    with pytest.raises(RuntimeError, match="other host models"):
        LogivetRdv().init_app(plain_host(tmp_path), db=db, clinic=User, user=Clinic)


EARLY_USE = """
from flask_logivet_rdv.models import ClinicAccount
ClinicAccount(epoch=1)
from host_example.portal import create_app
create_app({"TESTING": True, "RDV_DEMO_DATA": __import__("sys").argv[1]})
"""


def test_models_used_before_mounting_are_a_clear_error(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", EARLY_USE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "were used before LogivetRdv.init_app()" in run.stderr


def test_a_wrong_setting_stops_the_application_at_start(tmp_path):
    app = plain_host(tmp_path, LOGIVET_RDV_SLOT_STEP=7)
    with pytest.raises(ConfigError, match="LOGIVET_RDV_SLOT_STEP"):
        LogivetRdv().init_app(app, **PARTS)


def test_faces_are_mounted_apart(tmp_path):
    app = plain_host(tmp_path, LOGIVET_RDV_BLUEPRINTS=("widget", "cancellation"))
    LogivetRdv().init_app(app, **PARTS)
    assert {name for name in app.blueprints if name.startswith("rdv_")} == {
        "rdv_widget",
        "rdv_cancellation",
    }


@pytest.mark.parametrize(
    ("path", "public"),
    [
        ("/services/online-appointment", True),
        ("/services/online-appointment/static/widget.css", True),
        ("/services/online-appointment/annuler/x", True),
        ("/api/logivet/v1/hello", True),
        ("/api/logivet/v1/unknown", True),
        ("/api/logivet/v10/hello", False),
        ("/compte/rendez-vous-en-ligne/", False),
        ("/", False),
    ],
)
def test_a_login_wall_learns_what_is_public(portal, path, public):
    with portal.test_request_context(path):
        assert LogivetRdv.is_public(request) is public


UUID_RUN = (
    "tests/services",
    "tests/models",
    "tests/test_migrating.py",
    "tests/cli",
    "tests/blueprints",
)


@pytest.mark.minutes
def test_everything_that_meets_the_hosts_keys_holds_with_uuids(monkeypatch):
    """A process binds one pair of models, so that this needs a process of its own: a slow test."""
    monkeypatch.setenv("HOST_KEYS", "uuid")
    chosen = "not postgresql and not mariadb"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-k", chosen, *UUID_RUN],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
