"""Settings that are valid, and that no portal in production should have."""

import pytest

from flask_logivet_rdv.doctor import configuration

LOCAL = "http://127.0.0.1:8700"
DEVELOPMENT = {
    "LOGIVET_RDV_PUBLIC_URL": LOCAL,
    "LOGIVET_RDV_ACCOUNT_URL": LOCAL,
    "LOGIVET_RDV_DEV_DOMAINS": True,
}
PRODUCTION = {
    "TESTING": False,
    "MAIL_SUPPRESS_SEND": False,
    "LOGIVET_RDV_LIMIT_PAGES": "240/minute",
    "LOGIVET_RDV_LIMIT_BOOKINGS": "20/hour",
    "LOGIVET_RDV_LIMIT_WIDGET": "300/hour",
    "LOGIVET_RDV_LIMIT_CANCELS": "30/minute",
}


def test_sound_settings_say_what_is_mounted(portal_with, look):
    assert look(configuration.look, portal_with(**PRODUCTION)) == {
        "settings": ("ok", "Mounted here: account, widget, cancellation, sync.")
    }


@pytest.mark.parametrize(
    ("given", "name", "level", "words"),
    [
        ({"LOGIVET_RDV_PUBLIC_URL": LOCAL}, "LOGIVET_RDV_PUBLIC_URL", "warning", LOCAL),
        ({"LOGIVET_RDV_ACCOUNT_URL": LOCAL}, "LOGIVET_RDV_ACCOUNT_URL", "warning", LOCAL),
        ({"LOGIVET_RDV_DEV_DOMAINS": True}, "LOGIVET_RDV_DEV_DOMAINS", "warning", "development"),
        ({"LOGIVET_RDV_LIMIT_CANCELS": None}, "limits", "warning", "robot"),
        ({"MAIL_DEFAULT_SENDER": None}, "LOGIVET_RDV_MAIL_FROM", "error", "MAIL_DEFAULT_SENDER"),
        ({"MAIL_SUPPRESS_SEND": True}, "MAIL_SUPPRESS_SEND", "warning", "go nowhere"),
        ({"SECRET_KEY": None}, "SECRET_KEY", "error", "nobody can book"),
        ({"LOGIVET_RDV_EMAIL_KEY": "x", "SECRET_KEY": "x"}, "LOGIVET_RDV_EMAIL_KEY", "warning", ""),
    ],
)  # fmt: skip
def test_a_setting_that_is_worth_a_line(portal_with, look, given, name, level, words):
    (found,) = look(configuration.look, portal_with(**PRODUCTION | given)).items()
    assert (found[0], found[1][0]) == (f"settings: {name}", level)
    assert words in found[1][1]


@pytest.mark.parametrize("mode", ["DEBUG", "TESTING"])
def test_what_serves_development_is_no_fault_there(portal_with, look, mode):
    app = portal_with(**PRODUCTION | DEVELOPMENT | {"LOGIVET_RDV_LIMIT_PAGES": None, mode: True})
    assert list(look(configuration.look, app)) == ["settings"]


def test_a_sender_of_our_own_needs_no_default(portal_with, look):
    given = {"MAIL_DEFAULT_SENDER": None, "LOGIVET_RDV_MAIL_FROM": "rdv@exemple.ca"}
    assert list(look(configuration.look, portal_with(**PRODUCTION | given))) == ["settings"]
