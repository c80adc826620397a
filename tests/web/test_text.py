import pytest

from flask_logivet_rdv.web.text import one_line, paragraphs, unfit, visible


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("  Tom \t le\n chat ", "Tom le chat"),
        ("To\0m\x07", "Tom"),
        ("Tom\x0ble\u2028chat\x85noir", "Tom le chat noir"),
        ("\ud800Tom", "Tom"),
        ("E\u0301toile", "Étoile"),
        ("🐶 👨\u200d👩\u200d👧 שלום\u200f", "🐶 👨\u200d👩\u200d👧 שלום\u200f"),
        ("<img src=x onerror=1> {{7*7}} {0.__class__}",) * 2,
    ],
)
def test_a_line(typed, kept):
    assert one_line(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("\r\nUn  \r\nDeux\rTrois\n\n", "Un\nDeux\nTrois"),
        ("Un\tdeux\x0btrois\x0cquatre\x1c", "Un deux trois quatre"),
        ("Un\0\x1b[31m", "Un[31m"),
    ],
)
def test_paragraphs(typed, kept):
    assert paragraphs(typed) == kept


@pytest.mark.parametrize(
    ("text", "seen"),
    [("", False), (" \n", False), ("\u200b\u2060", False), (".", True), ("🐶", True)],
)
def test_what_people_see(text, seen):
    assert visible(text) is seen


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Tom\t\r\n\v\f\x85\u2028\u2029", False),
        ("\u200b🐶 👨\u200d👩 שלום\u200f", False),
        ("\x00", True),
        ("a\x1b[31m", True),
        ("\x1c\x7f", True),
        ("\x9f", True),
        ("\N{REPLACEMENT CHARACTER}", True),
    ],
)
def test_what_nobody_types(text, refused):
    assert unfit(text) is refused
