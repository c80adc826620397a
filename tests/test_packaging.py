"""What is in the wheel, built as a release is: the list of packages is kept by hand."""

import shutil
import subprocess
import sys
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
def wheel(tmp_path_factory):
    source = tmp_path_factory.mktemp("source") / "checkout"
    shutil.copytree(ROOT, source, ignore=NOT_SHIPPED)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "out", "."]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = (source / "out").glob("*.whl")
    return set(zipfile.ZipFile(found).namelist())


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
