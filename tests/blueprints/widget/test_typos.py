"""The address that was probably meant: said beside the field, and never in the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_logivet_rdv.blueprints.widget.typos import HOSTS, suggestion
from tests.blueprints.widget.owner import Owner

LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-.")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("marie@gmial.com", "marie@gmail.com"),
        ("Marie.T+vet@Gmail.con", "Marie.T+vet@gmail.com"),
        ("marie@hotmal.com", "marie@hotmail.com"),
        ("marie@outloook.com", "marie@outlook.com"),
        ("marie@videotrom.ca", "marie@videotron.ca"),
        (" marie@yaho.ca ", "marie@yahoo.ca"),
        ('"a@b"@gmial.com', '"a@b"@gmail.com'),
        ("marie@gmail.com", None),
        ("marie@GMAIL.com", None),
        ("marie@mail.com", None),
        ("marie@ymail.com", None),
        ("marie@exemple.ca", None),
        ("marie@clinique-fleury.ca", None),
        ("@gmial.com", None),
        ("gmial.com", None),
        ("marie@", None),
        ("", None),
    ],
)
def test_a_slip_of_the_hand_in_a_known_host_is_told(typed: str, meant: str | None):
    assert suggestion(typed) == meant


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A known host with one letter missing, added, another one, or swapped with the next."""
    host = draw(st.sampled_from(HOSTS))
    n, letter = draw(st.integers(0, len(host) - 2)), draw(LETTERS)
    kinds = (
        host[:n] + host[n + 1 :],
        host[:n] + letter + host[n:],
        host[:n] + letter + host[n + 1 :],
        host[:n] + host[n + 1] + host[n] + host[n + 2 :],
    )
    return draw(st.sampled_from(kinds))


@given(slips())
def test_every_single_slip_is_told_and_leads_to_a_known_host(host: str):
    meant = suggestion(f"marie@{host}")
    if host in HOSTS:
        assert meant is None
    else:
        assert meant is not None
        assert meant.removeprefix("marie@") in HOSTS


@given(st.text(max_size=30))
def test_whatever_is_typed_is_answered(text: str):
    meant = suggestion(text)
    assert meant is None or suggestion(meant) is None


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "Vouliez-vous écrire marie@gmail.com?"),
        ("en", "Did you mean marie@gmail.com?"),
    ],
)
def test_a_form_that_comes_back_says_what_was_probably_meant(owner: Owner, lang: str, said: str):
    owner.lang = lang
    page = owner.book(email="marie@gmial.com", name="")
    hint = page.one("#rdv-email-hint")
    assert hint.get_text(strip=True) == said
    assert hint["id"] in page.one("[name=email]")["aria-describedby"].split()
    assert "aria-invalid" not in page.one("[name=email]").attrs


def test_the_address_is_accepted_as_it_was_typed(owner: Owner, bookings):
    email = owner.email.replace("exemple.ca", "gmial.com")
    assert owner.book(email=email).status == 303
    assert [booking.email for booking in bookings.all()] == [email]


def test_nothing_is_said_of_an_address_that_may_be_right(owner: Owner):
    for page in (owner.details(), owner.book(name="")):
        assert page.one("#rdv-email-hint").get_text(strip=True) == ""
