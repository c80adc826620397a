import pytest

from flask_logivet_rdv.messages.plain import one_address, one_line, short_lines


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (None, ""),
        ("", ""),
        (" \r\n\t ", ""),
        ("Vaccin", "Vaccin"),
        ("Vomit\net ne mange plus\n\ndepuis hier", "Vomit / et ne mange plus / depuis hier"),
        ("un\r\ndeux\rtrois\u2028quatre", "un / deux / trois / quatre"),
        ("a\tb", "a b"),
        ("a\x00b\x1b[31mc\u202ed\u200be", "ab[31mcde"),
        ("é" * 501, "é" * 499 + "…"),
        ("\N{DOG FACE} Tom", "\N{DOG FACE} Tom"),
    ],
)
def test_typed_text_becomes_one_plain_line(typed, line):
    assert one_line(typed) == line


@pytest.mark.parametrize(
    ("typed", "line"),
    [(None, ""), ("1250, rue Fleury Est\nMontréal\n", "1250, rue Fleury Est, Montréal")],
)
def test_an_address_is_joined_by_commas(typed, line):
    assert one_address(typed) == line


def test_long_lines_are_broken_at_spaces_and_nothing_is_lost():
    text = "court\n\n" + "font-weight: 700 " * 40
    short = short_lines(text)
    assert max(map(len, short.splitlines())) <= 240
    assert short.split() == text.split()
