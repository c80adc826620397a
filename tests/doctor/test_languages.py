import shutil

import pytest

from flask_logivet_rdv import i18n
from flask_logivet_rdv.doctor import languages


@pytest.fixture
def catalogues(tmp_path, monkeypatch):
    """A copy of the catalogues, in the place of the package's."""
    shutil.copytree(i18n.TRANSLATIONS, tmp_path / "translations")
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path / "translations")
    for kept in (i18n.catalogue, i18n.languages):
        kept.cache_clear()
    yield tmp_path / "translations"
    for kept in (i18n.catalogue, i18n.languages):
        kept.cache_clear()


def test_compiled_catalogues_are_named(portal, catalogues, look):
    assert look(languages.look, portal) == {"languages": ("ok", "Compiled: fr, en.")}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_one_that_is_not_compiled_is_an_error(portal, catalogues, look, lang):
    (catalogues / lang / "LC_MESSAGES" / "logivet_rdv.mo").unlink()
    level, told = look(languages.look, portal)["languages"]
    assert level == "error"
    assert told.startswith(f"Not compiled: {lang}. Install the package again")


def test_a_language_that_was_added_counts(portal, catalogues, look):
    (catalogues / "es" / "LC_MESSAGES").mkdir(parents=True)
    assert look(languages.look, portal)["languages"][1].startswith("Not compiled: es.")
