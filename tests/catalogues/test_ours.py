"""The catalogues of this checkout: complete, right, and those of the code."""

from pathlib import Path

import pytest

from flask_logivet_rdv.catalogues import checking, files

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "translations"


def test_nothing_is_wrong_with_them():
    assert [str(found) for found in checking.check(FOLDER, ROOT / "flask_logivet_rdv")] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_sentence_says_where_it_is_seen(language):
    catalog = files.read(files.catalogue(FOLDER, language), language)
    silent = [m.id for m in catalog if m.id and "Seen: " not in " ".join(m.auto_comments)]
    assert silent == []


@pytest.mark.parametrize("list_of", ["manual", "foreign", "glossary"])
def test_french_has_its_lists(list_of):
    assert getattr(checking.read_lists(FOLDER, "fr"), list_of)
