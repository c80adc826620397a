"""One preview of the product in a language that was added by a folder."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flask_logivet_rdv.catalogues import files
from tests.preview import pseudo

TRANSLATIONS = Path(__file__).parents[2] / "translations"


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory):
    """The folder of translations with one more language."""
    folder = tmp_path_factory.mktemp("catalogues") / "translations"
    shutil.copytree(TRANSLATIONS, folder)
    pseudo.add_language(folder)
    assert dict(files.compile_all(folder)).keys() == {"en", "fr", pseudo.LANG}
    return folder


@pytest.fixture(scope="session")
def pages(catalogues, tmp_path_factory):
    """The files of every page, mail and message in that language, by name."""
    folder = tmp_path_factory.mktemp("preview")
    command = [sys.executable, "-m", "flask_logivet_rdv.preview", str(folder)]
    command += ["--catalogues", str(catalogues), "--language", pseudo.LANG]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.stem: path for path in sorted((folder / pseudo.LANG).glob("*.html"))}
