"""``flask rdv i18n …`` on a checkout, and what it says of a wheel."""

import shutil
from pathlib import Path

import pytest

from flask_logivet_rdv.cli import i18n

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The catalogues, to be changed at will."""
    made = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", made)
    monkeypatch.setattr(i18n, "TRANSLATIONS", made)
    return made


@pytest.fixture
def run(portal):
    return lambda *args: portal.test_cli_runner().invoke(args=["rdv", "i18n", *args])


def test_update_then_check_finds_nothing_wrong(run, folder):
    assert run("extract").exit_code == 0
    assert run("update").exit_code == 0
    checked = run("check")
    assert (checked.exit_code, checked.stdout) == (0, "Nothing is wrong.\n")


def test_check_names_what_is_wrong_and_fails(run, folder):
    run("update")
    path = folder / "fr/LC_MESSAGES/logivet_rdv.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Espèce"', '"Espèce ?"'), encoding="utf-8")
    checked = run("check")
    assert checked.exit_code == 1
    assert "fr  marks  « Species »: no space goes before ?, ! or ;: « Espèce ? »" in checked.stdout
    assert "to mend" in checked.stderr


def test_compile_makes_what_the_program_reads(run, folder):
    compiled = folder / "fr/LC_MESSAGES/logivet_rdv.mo"
    compiled.unlink(missing_ok=True)
    result = run("compile")
    assert result.exit_code == 0
    assert compiled.is_file()
    assert result.stdout.startswith("en: ")


def test_a_language_is_added_by_a_folder(run, folder):
    (folder / "es/LC_MESSAGES").mkdir(parents=True)
    assert "es: 0 of " in run("update").stdout
    assert "es  unfinished" in run("check").stdout


def test_a_preview_shows_what_was_just_translated(run, folder, tmp_path):
    path = folder / "fr/LC_MESSAGES/logivet_rdv.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Espèce"', '"Sorte d\'animal"'), encoding="utf-8")
    preview = tmp_path / "preview"
    assert run("preview", str(preview), "--language", "fr").exit_code == 0
    assert "Sorte d&#39;animal" in (preview / "fr/w1-nothing-chosen.html").read_text("utf-8")
    assert not (preview / "en").exists()


def test_a_preview_in_a_language_that_is_not_there_is_refused(run, folder, tmp_path):
    assert run("preview", str(tmp_path / "preview"), "--language", "de").exit_code == 2


@pytest.mark.parametrize("command", ["extract", "update", "compile", "check", "preview somewhere"])
def test_a_wheel_has_no_sources_of_catalogues(run, monkeypatch, tmp_path, command):
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    result = run(*command.split())
    assert (result.exit_code, "checkout" in result.stderr) == (1, True)
