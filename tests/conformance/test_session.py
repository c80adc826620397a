"""How a session judges, what it shows and what it keeps to itself."""

import json

import pytest

from flask_logivet_rdv.conformance import CHAPTERS, Chapter, Session, session, told
from flask_logivet_rdv.conformance.session import StepError
from flask_logivet_rdv.conformance.wire import Answer, OfflineError, at, exchange
from tests.conformance.conftest import names

KEY = "rdv_0123456789abcdef_a-secret_of-43-signs"


@pytest.fixture
def answers(monkeypatch):
    """Have every request answered with this JSON, and return what was sent."""
    sent = []

    def having(value):
        def answer(_url, request):
            sent.append(request)
            return Answer(200, {"content-type": "application/json"}, json.dumps(value).encode())

        monkeypatch.setattr(session, "exchange", answer)
        return sent

    return having


@pytest.fixture
def talk():
    return Session("https://portail.exemple.ca/api/logivet/v1", KEY)


def found(talk):
    return {verdict.name: verdict for verdict in talk.transcript.verdicts}


def played(talk, **sentences):
    """Return what plays a step with these sentences in the session."""
    chapter = Chapter("of", "A chapter")

    def with_step(play):
        chapter.step(**sentences)(play)
        talk.play(chapter)
        return found(talk)

    return with_step


def test_what_came_is_what_was_expected_or_it_fails(talk, answers):
    answers({})

    def play(s):
        s.holds("same", [1], [1])
        s.holds("other", [1], [2])

    verdicts = played(talk, same="One.", other="Another.")(play)
    assert [verdicts[f"of.{name}"].outcome for name in ("same", "other")] == ["holds", "fails"]
    assert (verdicts["of.other"].expected, verdicts["of.other"].came) == ([2], [1])


def test_a_check_that_a_step_never_came_to_fails(talk, answers):
    answers({})
    assert played(talk, left="One.")(lambda s: None)["of.left"].outcome == "fails"


def test_an_answer_of_another_shape_ends_the_step_and_fails_the_rest(talk, answers):
    answers([])

    def play(s):
        s.holds("first", True)
        s.holds("second", s.get("/hello").json["token"])

    verdicts = played(talk, first="One.", second="Another.")(play)
    assert [verdict.outcome for verdict in verdicts.values()] == ["holds", "fails"]
    assert "ended before" in verdicts["of.second"].came


def test_a_feed_or_a_list_that_never_ends_ends_the_step(talk, answers):
    answers({"has_more": True})
    with pytest.raises(StepError, match="feed does not end"):
        talk.caught_up()
    with pytest.raises(StepError, match="bookings do not end"):
        list(talk.bookings())


def test_what_a_chapter_cannot_do_is_not_tried_and_sends_nothing(talk, answers):
    sent = answers({})
    chapter = Chapter("of", "A chapter")
    chapter.beyond("it takes a year", aged="A year later.")
    chapter.staged(booked="It is booked.")(lambda s, scene: s.get("/bookings"))
    talk.play(chapter)
    assert [verdict.outcome for verdict in found(talk).values()] == ["not tried"] * 2
    assert sent == []


def test_a_key_is_never_shown_whole(talk, answers):
    answers({"key": KEY, "keys": [{KEY: KEY}]})
    talk.send("POST", f"/keys/rotate?key={KEY}", {"key": KEY})
    shown = [told(entry, full=full) for entry in talk.transcript.entries for full in (True, False)]
    for text in (*shown, json.dumps(talk.transcript.as_json(), ensure_ascii=False)):
        assert "secret" not in text
        assert "rdv_01…" in text


def test_long_lists_and_texts_are_cut_unless_all_is_asked_for(talk, answers):
    answers({"items": list(range(500)), "text": "x" * 500})
    talk.get("/hello")
    (entry,) = talk.transcript.entries
    brief, full = told(entry, full=False), told(entry, full=True)
    assert '[0, 1, "… and 498 more"]' in brief
    assert "(500 characters)" in brief
    assert "x" * 500 in full


def test_where_nothing_stands_there_is_none():
    value = {"a": [{"b": 1}]}
    paths = [("a", 0, "b"), ("a", 1), ("a", "b"), ("c", "d"), ("a", 0, "b", "c")]
    assert [at(value, *path) for path in paths] == [1, None, None, None, None]


def test_no_answer_is_one_error_whatever_the_cause():
    with pytest.raises(OfflineError):
        exchange("http://nobody.invalid", session.Request("GET", "/hello"))


def test_each_check_has_one_name_and_a_sentence():
    assert len(names()) == len({*names()})
    for chapter in CHAPTERS:
        for step in chapter.steps:
            for sentence in step.checks.values():
                assert sentence.endswith("."), sentence
