"""What is in the wheel and the sdist, built as a release is."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "flask_logivet_rdv"
NOT_SHIPPED = shutil.ignore_patterns(
    ".*",
    "build",
    "dist",
    "instance",
    "tests",
    "host_example",
    "docs",
    "*.mo",
    "*.egg-info",
    "__*__",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the sdist, and the wheel that was built from it, of a clean checkout."""
    source = tmp_path_factory.mktemp("source") / "checkout"
    shutil.copytree(ROOT, source, ignore=NOT_SHIPPED)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "out", "."]
    run = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return source / "out"


@pytest.fixture(scope="module")
def wheel_file(built):
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def wheel(wheel_file):
    return set(zipfile.ZipFile(wheel_file).namelist())


SERVES = """
import sys, flask_logivet_rdv
assert flask_logivet_rdv.__file__.startswith(sys.argv[1]), flask_logivet_rdv.__file__
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from flask_logivet_rdv import LogivetRdv

class Base(DeclarativeBase):
    pass

db = SQLAlchemy(model_class=Base)

class Clinic(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)

class User(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)

app = Flask("portal")
app.config |= {"TESTING": True, "SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://"}
db.init_app(app)
LogivetRdv(app, db=db, clinic=Clinic, user=User)
with app.app_context():
    db.create_all()
from flask_logivet_rdv.migrating import upgrade
print(app.test_client().get("/services/online-appointment?lang=fr").text)
"""


def test_installed_in_a_place_of_its_own_it_serves_french_pages(wheel_file, tmp_path):
    place = tmp_path / "place"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*install, "--target", str(place), str(wheel_file)], check=True)
    page = subprocess.run(
        [sys.executable, "-c", SERVES, str(place)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(place), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "Cet outil de prise de rendez-vous est introuvable." in page.stdout


def test_the_sdist_has_the_catalogues_sources_and_compiled(built):
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for catalogue in ROOT.glob("translations/*/LC_MESSAGES"):
        for kind in ("po", "mo"):
            path = catalogue.relative_to(ROOT) / f"logivet_rdv.{kind}"
            assert path.as_posix() in names


def test_it_speaks_every_language_of_the_checkout(wheel):
    for catalogue in ROOT.glob("translations/*/LC_MESSAGES"):
        inside = f"{PACKAGE}/translations/{catalogue.parent.name}/LC_MESSAGES/logivet_rdv.mo"
        assert inside in wheel


def test_every_file_of_the_package_is_in_it(wheel):
    shipped = {".py", ".html", ".txt", ".css", ".js", ".svg", ".mako", ".typed"}
    for file in (ROOT / PACKAGE).rglob("*"):
        if file.suffix in shipped or file.name == "py.typed":
            assert file.relative_to(ROOT).as_posix() in wheel


def test_nothing_else_is_in_it(wheel):
    assert {name.split("/")[0] for name in wheel if ".dist-info" not in name} == {PACKAGE}
