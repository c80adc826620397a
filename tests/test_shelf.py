"""What a process keeps in memory."""

from flask_logivet_rdv.shelf import Shelf


def test_what_nobody_asked_for_longest_goes():
    shelf = Shelf[str](2)
    for name in ("march", "april"):
        shelf.keep(name, name.title())
    assert shelf.find("march") == "March"
    shelf.keep("may", "May")
    assert [shelf.find(name) for name in ("march", "april", "may")] == ["March", None, "May"]


def test_what_is_kept_anew_takes_the_place_of_what_was():
    shelf = Shelf[str](2)
    shelf.keep("march", "old")
    shelf.keep("march", "new")
    shelf.keep("april", "April")
    assert (shelf.find("march"), shelf.find("april")) == ("new", "April")


def test_nothing_is_kept_where_nothing_may_be():
    shelf = Shelf[str](0)
    shelf.keep("march", "March")
    assert shelf.find("march") is None


def test_things_may_weigh():
    shelf = Shelf[str](5, len)
    shelf.keep("a", "four")
    shelf.keep("b", "x")
    assert (shelf.find("a"), shelf.find("b")) == ("four", "x")
    shelf.keep("a", "xx")
    shelf.keep("c", "xx")
    assert (shelf.find("b"), shelf.find("a"), shelf.find("c")) == ("x", "xx", "xx")
    shelf.keep("d", "x")
    assert [shelf.find(key) for key in "bacd"] == [None, "xx", "xx", "x"]


def test_what_weighs_too_much_is_not_kept():
    shelf = Shelf[str](5, len)
    shelf.keep("a", "xx")
    shelf.keep("b", "sixsix")
    assert (shelf.find("a"), shelf.find("b")) == (None, None)
    shelf.keep("c", "fives")
    assert shelf.find("c") == "fives"
