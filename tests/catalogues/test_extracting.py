"""What is read from the code, and how a catalogue is brought up to date with it."""

import pytest

from flask_logivet_rdv.catalogues import extracting, files


@pytest.fixture
def package(tmp_path):
    made = tmp_path / "package"
    pages = made / "templates/logivet_rdv/widget"
    pages.mkdir(parents=True)
    (pages / "choose.html").write_text(
        '{{ tr("Species") }} {{ trn("{n} day", "{n} days", n) }} {{ trp("verb", "Book") }}'
    )
    (pages / "details.html").write_text('{{ tr("Species") }}')
    (made / "said.py").write_text(
        '# Translators: as an order to a dog\n_("Sit")\nlazy_gettext("Stay")\nnot_ours("No")\n'
    )
    return made


@pytest.fixture
def folder(tmp_path, package):
    made = tmp_path / "translations"
    for language in ("fr", "en"):
        (made / language / "LC_MESSAGES").mkdir(parents=True)
    files.write(extracting.extract(package), files.template(made))
    return made


def comments(catalog):
    return {message.id: message.auto_comments for message in catalog if message.id}


def test_sentences_of_python_and_templates_are_found_with_where_they_are_seen(package):
    seen = ["Seen: widget, step 1"]
    assert comments(extracting.extract(package)) == {
        "Species": ["Seen: widget, step 1; widget, step 2, form"],
        ("{n} day", "{n} days"): seen,
        "Book": seen,
        "Sit": ["as an order to a dog", "Seen: pages"],
        "Stay": ["Seen: pages"],
    }


def test_a_context_tells_equal_words_apart(package):
    found = extracting.extract(package)
    assert found.get("Book", "verb") is not None
    assert found.get("Book") is None


def test_every_file_of_the_package_is_seen_somewhere():
    assert extracting.SEEN[-1][0] == ""


def translated(folder, language):
    found = files.read(files.catalogue(folder, language), language)
    return {message.id: message.string for message in found if message.id}


def test_a_new_language_begins_with_nothing_but_english_with_itself(folder, package):
    assert sorted(extracting.update(folder, package)) == ["en", "fr"]
    assert translated(folder, "fr")["Species"] == ""
    assert translated(folder, "en")["Species"] == "Species"
    assert translated(folder, "en")["{n} day", "{n} days"] == ("{n} day", "{n} days")


def test_what_was_translated_stays_what_is_no_longer_said_goes(folder, package):
    list(extracting.update(folder, package))
    path = files.catalogue(folder, "fr")
    catalog = files.read(path, "fr")
    catalog["Species"].string = "Espèce"
    catalog["Species"].user_comments = ["revu par la clinique"]
    catalog["Sit"].string = "Assis"
    files.write(catalog, path)
    (package / "said.py").write_text('_("Lie down")\n')
    list(extracting.update(folder, package))
    kept = translated(folder, "fr")
    assert kept["Species"] == "Espèce"
    assert files.read(path, "fr")["Species"].user_comments == ["revu par la clinique"]
    assert "Sit" not in kept
    assert kept["Lie down"] == ""


def test_an_update_that_finds_nothing_new_changes_no_byte(folder, package):
    list(extracting.update(folder, package))
    before = [path.read_bytes() for path in sorted(folder.rglob("*.po*"))]
    list(extracting.update(folder, package))
    assert [path.read_bytes() for path in sorted(folder.rglob("*.po*"))] == before


def test_compiled_catalogues_speak(folder, package):
    list(extracting.update(folder, package))
    assert dict(files.compile_all(folder)) == {"en": 5, "fr": 0}
    assert files.catalogue(folder, "en").with_suffix(".mo").is_file()
