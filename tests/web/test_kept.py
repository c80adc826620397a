"""What a process keeps of the pages it made."""

from datetime import UTC, datetime, timedelta

import pytest

from flask_logivet_rdv.web.kept import Kept, KeptPages

NOON = datetime(2026, 3, 16, 16, 0, tzinfo=UTC)
NOON_S = int(NOON.timestamp())


@pytest.fixture
def pages() -> KeptPages:
    return KeptPages(most=2)


def page(body: bytes, made_of: object = 1) -> Kept:
    return Kept(body, made_of, NOON, NOON_S + 60)


@pytest.mark.parametrize(
    ("seconds", "found"),
    [(0, True), (60, True), (60.000001, False), (-0.000001, False), (86_400, False)],
)
def test_a_page_is_found_from_when_it_was_made_to_its_last_instant(pages, seconds, found):
    pages.keep("march", page(b"March"))
    now = NOON + timedelta(seconds=seconds)
    assert (pages.find("march", 1, now) is not None) is found


def test_a_page_made_of_something_else_is_not_found(pages):
    pages.keep("march", page(b"March", made_of=(7, "facts")))
    assert pages.find("march", (8, "facts"), NOON) is None
    assert pages.find("april", (7, "facts"), NOON) is None


def test_a_newer_page_takes_the_place_of_the_older(pages):
    pages.keep("march", page(b"March", made_of=7))
    pages.keep("march", page(b"March, less one", made_of=8))
    assert pages.find("march", 7, NOON) is None
    assert pages.find("march", 8, NOON) == b"March, less one"


def test_the_page_that_nobody_asked_for_longest_goes(pages):
    for name in ("march", "april"):
        pages.keep(name, page(name.encode()))
    assert pages.find("march", 1, NOON) == b"march"
    pages.keep("may", page(b"may"))
    assert pages.find("april", 1, NOON) is None
    assert pages.find("march", 1, NOON) == b"march"


def test_none_are_kept_where_none_may_be():
    pages = KeptPages(most=0)
    pages.keep("march", page(b"March"))
    assert pages.find("march", 1, NOON) is None
