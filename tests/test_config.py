import pytest

from flask_logivet_rdv.config import ConfigError, Settings, read_settings

PRODUCTION = {
    "LOGIVET_RDV_PUBLIC_URL": "https://widget.exemple.ca",
    "LOGIVET_RDV_ACCOUNT_URL": "https://portail.exemple.ca",
    "LOGIVET_RDV_EMAIL_KEY": "a key",
}


def test_the_defaults_are_the_manuals():
    rules = read_settings({"TESTING": True}).rules
    assert (rules.min_notice_s, rules.months_ahead, rules.min_cancel_s) == (43_200, 2, 86_400)


@pytest.mark.parametrize("key", PRODUCTION)
def test_production_names_what_is_missing(key):
    config = {k: v for k, v in PRODUCTION.items() if k != key}
    with pytest.raises(ConfigError, match=key):
        read_settings(config)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PUBLIC_URL", "http://widget.exemple.ca"),
        ("PUBLIC_URL", "widget.exemple.ca"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://exemple.ca/?a=b"),
        ("PUBLIC_URL", "https://exemple.ca:99999"),
        ("PUBLIC_URL", "https://[exemple.ca"),
        ("PUBLIC_URL", "https://moi@exemple.ca"),
        ("PUBLIC_URL", "https://clinique-vétérinaire.ca"),
        ("ACCOUNT_URL", 7),
        ("ACCENT", "teal"),
        ("ACCENT", "#0b6"),
        ("ACCENT", 7),
        ("SLOT_STEP", 7),
        ("SLOT_STEP", "often"),
        ("SLOT_STEP", True),
        ("MIN_NOTICE_HOURS", -1),
        ("MIN_NOTICE_HOURS", "12"),
        ("MIN_NOTICE_HOURS", True),
        ("MONTHS_AHEAD", 0),
        ("MONTHS_AHEAD", 25),
        ("MIN_CANCEL_HOURS", 10**12),
        ("BLUEPRINTS", ("widgets",)),
        ("BLUEPRINTS", ()),
        ("BLUEPRINTS", [["widget"]]),
        ("QUEUE", None),
        ("ACCOUNT_PREFIX", "/services/online-appointment/compte"),
        ("SYNC_PREFIX", "/services/online-appointment"),
        ("WIDGET_PREFIX", "services/"),
        ("WIDGET_PREFIX", "/a/<int:b>"),
        ("WIDGET_PREFIX", "/a b"),
        ("LIMIT_BOOKINGS", "20"),
        ("LIMIT_BOOKINGS", "0/hour"),
        ("LIMIT_BOOKINGS", "20/fortnight"),
        ("DEV_DOMAINS", "yes"),
        ("EMAIL_KEY", " "),
        ("WAITERS", -1),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "redis://127.0.0.1:port"),
        ("UI", "bootstrap4"),
        ("UI", None),
        ("UI", {"buttons": "btn"}),
        ("UI", {"button": '"><script>'}),
        ("UI", {"button": ""}),
        ("UI", {"button": ["btn"]}),
        ("WIDGIT_PREFIX", "/x"),
    ],
)
def test_a_wrong_value_is_refused_with_its_keys_name(key, value):
    with pytest.raises(ConfigError, match=f"LOGIVET_RDV_{key} "):
        read_settings({"TESTING": True, f"LOGIVET_RDV_{key}": value})


@pytest.mark.parametrize("url", ["http://127.0.0.1:8700", "http://localhost", "https://a.ca/b"])
def test_http_is_accepted_on_loopback_only(url):
    assert read_settings({"TESTING": True, "LOGIVET_RDV_PUBLIC_URL": url}).public_url == url


def test_a_host_may_name_its_own_classes():
    settings = read_settings({"TESTING": True, "LOGIVET_RDV_UI": {"button": "button is-light"}})
    assert (settings.classes.button, settings.classes.field) == ("button is-light", "rdv-own")


def test_no_limit_is_none():
    assert read_settings({"TESTING": True, "LOGIVET_RDV_LIMIT_PAGES": None}).limit_pages is None


def test_public_addresses_come_from_the_configuration():
    settings = Settings(public_url="https://widget.exemple.ca/base/")
    assert settings.cancel_url("t0k3n") == (
        "https://widget.exemple.ca/base/services/online-appointment/annuler/t0k3n"
    )
    assert settings.public_origin == "https://widget.exemple.ca"
    assert settings.public_host == "widget.exemple.ca"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Widget.Exemple.ca/Base", "https://widget.exemple.ca"),
        ("https://widget.exemple.ca:443", "https://widget.exemple.ca"),
        ("https://widget.exemple.ca:8443", "https://widget.exemple.ca:8443"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://[::1]:8700", "http://[::1]:8700"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url, origin):
    assert Settings(public_url=url).public_origin == origin


def test_a_prefix_may_begin_as_another():
    settings = read_settings(
        {"TESTING": True, "LOGIVET_RDV_SYNC_PREFIX": "/services/online-appointment2"}
    )
    assert settings.sync_prefix == "/services/online-appointment2"


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ({}, None),
        ({"REDIS_URL": "redis://cache:6379/1"}, "redis://cache:6379/1"),
        ({"RQ_REDIS_URL": "redis://jobs/0", "REDIS_URL": "redis://cache/1"}, "redis://jobs/0"),
        (
            {"REDIS_URL": "redis://cache/1", "LOGIVET_RDV_REDIS_URL": "redis://rdv/2"},
            "redis://rdv/2",
        ),
        ({"REDIS_URL": "redis://cache/1", "LOGIVET_RDV_REDIS_URL": None}, None),
        ({"REDIS_URL": "sentinel://a,b"}, None),
    ],
)
def test_a_portal_that_has_a_redis_shares_it_unless_it_says_otherwise(config, url):
    assert read_settings({"TESTING": True} | config).redis_url == url
