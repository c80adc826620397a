"""What the check of the catalogues finds: each rule with what breaks it and what does not."""

import pytest
from babel.messages.catalog import Message

from flask_logivet_rdv.catalogues import checking
from flask_logivet_rdv.catalogues.checking import Lists

LISTS = Lists(
    manual=frozenset({"Note : {n} heures"}),
    foreign=frozenset({"the", "appointment", "courriel"}),
    glossary={"email": "courriel", "compléter le formulaire": "remplir le formulaire"},
)
NBSP = "\N{NO-BREAK SPACE}"


def rules(message, language="fr"):
    return [problem.rule for problem in checking.check_message(language, message, LISTS)]


def fr(text, said="Anything"):
    return rules(Message(said, text))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("Bonjour", []),
        ("Nom : {name}", ["spaces"]),
        (f"Nom{NBSP}: {{name}}", []),
        ("Nom: {name}", ["spaces"]),
        ("De 10:30 à 11:00", []),
        ("https://exemple.ca", []),
        ("https:// ou mailto: ou tel:", []),
        ("{name}: {email}", ["spaces"]),
        ("« Examen »", ["spaces", "spaces"]),
        ("«Examen»", ["spaces", "spaces"]),
        (f"«{NBSP}Examen{NBSP}»", []),
        ("24 heures", ["spaces"]),
        (f"24{NBSP}heures", []),
        ("{n} minutes", ["spaces"]),
        ("{n} rendez-vous", []),
        ("Vraiment ?", ["marks"]),
        (f"Vraiment{NBSP}!", ["marks"]),
        ("Vraiment?", []),
        ("Choisissez the date", ["foreign"]),
        ("L'appointment", []),
        ("Votre email", ["glossary"]),
        ("Écrivez à {email}", []),
        ("Il faut compléter le formulaire", ["glossary"]),
        ("Note : {n} heures", []),
    ],
)
def test_french_is_quebecs(text, broken):
    said = "Anything {n} {name} {email}".partition(" ")[0]
    placeholders = " ".join(checking.PLACEHOLDER.findall(text))
    assert fr(text, f"{said} {placeholders}") == broken


def test_english_has_no_french_word_and_its_own_spaces():
    assert rules(Message("Your courriel", "Your courriel"), "en") == ["foreign"]
    assert rules(Message("24 hours: now?", "24 hours: now?"), "en") == []


@pytest.mark.parametrize("string", ["", None])
def test_what_is_not_translated_is_unfinished(string):
    assert fr(string) == ["unfinished"]


def test_so_is_a_plural_of_which_one_form_is_missing():
    assert rules(Message(("{n} day", "{n} days"), (f"{{n}}{NBSP}jour", ""))) == ["unfinished"]


def test_what_is_uncertain_is_unfinished():
    assert rules(Message("Anything", "Bonjour", flags=["fuzzy"])) == ["unfinished"]


@pytest.mark.parametrize(
    ("said", "text", "broken"),
    [
        ("Hello {name}", "Bonjour {name}", []),
        ("Hello {name}", "Bonjour", ["placeholders"]),
        ("Hello {name}", "Bonjour {nom}", ["placeholders"]),
        ("Hello", "Bonjour {name}", ["placeholders"]),
        ("A <b>day</b>", "Un <b>jour</b>", []),
        ("A <b>day</b>", "Un <b>jour", ["markup"]),
        ("A day", "Un <i>jour</i>", ["markup"]),
        ("R&amp;D", "R et D", ["markup"]),
    ],
)
def test_placeholders_and_markup_are_those_of_the_code(said, text, broken):
    assert fr(text, said) == broken


def test_a_form_for_one_may_leave_the_number_out():
    one = Message(("{n} free time", "{n} free times"), ("une plage libre", "{n} plages libres"))
    assert rules(one) == []
    many = Message(("{n} free time", "{n} free times"), ("{n} plage libre", "des plages libres"))
    assert rules(many) == ["placeholders"]


@pytest.fixture
def checkout(tmp_path):
    """A package that says one thing, and its catalogues in French."""
    package, folder = tmp_path / "package", tmp_path / "translations"
    (folder / "fr/LC_MESSAGES").mkdir(parents=True)
    package.mkdir()
    (package / "said.py").write_text('_("Hello")\n')
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'

    def write(entries, **lists):
        (folder / "fr/LC_MESSAGES/logivet_rdv.po").write_text(header + entries, encoding="utf-8")
        for name, text in lists.items():
            (folder / f"fr/{name}.txt").write_text(text, encoding="utf-8")
        return [(found.rule, found.sentence) for found in checking.check(folder, package)]

    return write


SEEN = "#. Seen: pages\n"


def test_a_catalogue_that_says_what_the_code_says_is_right(checkout):
    assert checkout(f'{SEEN}msgid "Hello"\nmsgstr "Bonjour"\n') == []


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ("", "Hello"),
        (f'{SEEN}msgid "Hello"\nmsgstr "Bonjour"\n\nmsgid "Bye"\nmsgstr "Salut"\n', "Bye"),
        ('#. Seen: moon\nmsgid "Hello"\nmsgstr "Bonjour"\n', "Hello"),
        (f'{SEEN}msgctxt "x"\nmsgid "Hello"\nmsgstr "Bonjour"\n', "Hello"),
    ],
    ids=["missing", "left over", "elsewhere", "in another context"],
)
def test_a_catalogue_that_lags_behind_is_stale(checkout, entries, sentence):
    assert ("stale", sentence) in checkout(entries)


def test_the_manuals_strings_are_there_to_the_letter(checkout):
    entries = f'{SEEN}msgid "Hello"\nmsgstr "Bonjour"\n'
    assert checkout(entries, manual="# a remark\nBonjour\n") == []
    assert checkout(entries, manual="Bonjour!\n") == [("manual", "Bonjour!")]
