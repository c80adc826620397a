"""The tokens of public pages: whose they are, and what nobody can make."""

import uuid

import pytest

from flask_logivet_rdv.web.tokens import (
    FormToken,
    confirmation_token,
    new_form_token,
    read_draft,
    read_form_token,
    sign_draft,
)

OURS, OTHERS = uuid.uuid4(), uuid.uuid4()
NOW = 1_773_669_600
TYPED = {"name": "Zoé L'Écuyer", "reason": "ligne 1\nligne 2"}


@pytest.fixture(autouse=True)
def context(portal):
    with portal.app_context():
        yield


def test_a_form_token_comes_back_however_old():
    token = new_form_token(OURS, NOW)
    assert read_form_token(token.sign(), OURS) == token


def test_it_is_of_one_widget():
    assert read_form_token(new_form_token(OURS, NOW).sign(), OTHERS) is None


def test_no_two_forms_have_the_same_key():
    keys = {new_form_token(OURS, NOW).booking_key for _ in range(1000)}
    assert len(keys) == 1000
    assert {len(key) for key in keys} == {32}


@pytest.mark.parametrize("text", ["", "x", "x.y", "\x00", "é" * 50, "a" * 100_000])
def test_what_is_none_is_none(text):
    assert read_form_token(text, OURS) is None
    assert read_draft(text) == {}


def test_one_changed_letter_spoils_it():
    signed = new_form_token(OURS, NOW).sign()
    for n in range(len(signed) - 1):  # the last letter holds bits that are not read
        other = "A" if signed[n] != "A" else "B"
        assert read_form_token(signed[:n] + other + signed[n + 1 :], OURS) is None


def test_a_token_of_one_purpose_is_none_of_another():
    assert read_form_token(sign_draft(TYPED), OURS) is None
    assert read_draft(FormToken(OURS, "key", NOW).sign()) == {}


def test_another_secret_makes_other_tokens(portal, monkeypatch):
    signed, draft = new_form_token(OURS, NOW).sign(), sign_draft(TYPED)
    made = confirmation_token("k")
    monkeypatch.setattr(portal, "secret_key", "another")
    assert read_form_token(signed, OURS) is None
    assert read_draft(draft) == {}
    assert confirmation_token("k") != made


def test_a_draft_comes_back():
    assert read_draft(sign_draft(TYPED)) == TYPED


def test_the_confirmation_of_a_form_has_one_address_that_its_key_does_not_tell():
    assert confirmation_token("key") == confirmation_token("key")
    assert confirmation_token("key") != confirmation_token("other")
    assert len(confirmation_token("key")) == 64


def test_without_a_secret_nothing_is_signed(portal, monkeypatch):
    monkeypatch.setattr(portal, "secret_key", None)
    with pytest.raises(RuntimeError, match="SECRET_KEY is not set"):
        new_form_token(OURS, NOW).sign()
