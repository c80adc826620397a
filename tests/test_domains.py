import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.domains import (
    BadDomain,
    allowed,
    display,
    frame_ancestors,
    parse,
    www_twin,
)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("clinique.ca", "clinique.ca"),
        ("  WWW.Clinique.CA \n", "www.clinique.ca"),
        ("clinique.ca.", "clinique.ca"),
        ("clinique.ca:8443", "clinique.ca:8443"),
        ("clinique.ca:08443", "clinique.ca:8443"),
        ("clinique.ca:443", "clinique.ca"),
        ("https://clinique.ca:443/", "clinique.ca"),
        ("http://clinique.ca:80/", "clinique.ca"),
        ("HTTPS://www.clinique.ca/rendez-vous?a=1#b", "www.clinique.ca"),
        ("https://clinique.ca:8443?x", "clinique.ca:8443"),
        ("evil.com/clinic.ca", "evil.com"),
        ("vétérinaire.ca", "xn--vtrinaire-b4ab.ca"),
        ("https://Vétérinaire.CA/", "xn--vtrinaire-b4ab.ca"),
        ("clinique。ca", "clinique.ca"),
        ("XN--VTRINAIRE-B4AB.ca", "xn--vtrinaire-b4ab.ca"),
        ("*.clinique.ca", "*.clinique.ca"),
        ("https://*.vétérinaire.ca:8443/", "*.xn--vtrinaire-b4ab.ca:8443"),
        ("*.clinique.qc.ca", "*.clinique.qc.ca"),
        ("vetwareweb-qa.cdmv.com", "vetwareweb-qa.cdmv.com"),
    ],
)
def test_what_people_type_is_stored_as_a_punycode_host(text: str, stored: str) -> None:
    assert parse(text) == stored


@pytest.mark.parametrize("dev", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "clinique",
        "*",
        "*.ca",
        "*.qc.ca",
        "*.github.io",
        "*.",
        "**.clinique.ca",
        "*clinique.ca",
        "www.*.ca",
        "*.*.clinique.ca",
        "clinique.*",
        "clinique.ca:*",
        "x *",
        "clinique.ca *",
        "clinique.ca; frame-ancestors *",
        "clinique.ca;frame-ancestors",
        "clinique.ca, frame-ancestors *",
        "clinique.ca,autre.ca",
        "clinique.ca/a b",
        "clinique.ca\nautre.ca",
        "clinique.ca\r\nX-Frame-Options: ALLOWALL",
        "clinique.ca\0",
        "clinique.ca\t.com",
        "clinique\u00a0.ca",
        "clinique\u00ad.ca",
        "clinique.ca\u2028*",
        "'self'",
        "'none'",
        '"clinique.ca"',
        "evil.com\\@clinique.ca",
        "user@clinique.ca",
        "https://user:secret@clinique.ca/",
        "https://clinique.ca@evil.com",
        "clinique.ca\uff20evil.com",
        "clinique.ca\uff1a8443",
        "clinique.ca\uff0fx",
        "javascript:alert(1)",
        "data:text/html",
        "ftp://clinique.ca",
        "https://",
        "https:clinique.ca",
        "https://https://clinique.ca",
        "//clinique.ca",
        "/clinique.ca",
        "clinique.ca:",
        "clinique.ca:0",
        "clinique.ca:65536",
        "clinique.ca:999999",
        "clinique.ca:-1",
        "clinique.ca:８443",
        "[::1]",
        "[::1]:8080",
        "::1",
        "[2001:db8::1]",
        "0x7f.1",
        "127.1",
        "1.2.3.4.5",
        "300.1.1.1",
        "*.1.2.3.4",
        "*.127.0.0.1",
        "*.localhost",
        "cli_nique.ca",
        "-clinique.ca",
        "clinique-.ca",
        "clinique..ca",
        ".clinique.ca",
        "xn--99999999.ca",
        "☃.ca",
        f"{'a' * 64}.ca",
        f"{'a.' * 127}ca",
        "a" * 3000,
        "clinique.ca/" + "a" * 3000,
    ],
)
def test_what_is_not_one_public_host_is_refused(text: str, dev: bool) -> None:
    with pytest.raises(BadDomain):
        parse(text, dev=dev)


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "localhost:8701",
        "127.0.0.1",
        "127.0.0.1:8700",
        "192.168.0.10",
        "clinique.localhost",
        "１27.0.0.1",
    ],
)
def test_local_hosts_are_for_development_only(text: str) -> None:
    assert parse(text, dev=True) == text.replace("１", "1")
    with pytest.raises(BadDomain):
        parse(text)


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[a-z*.:;, '/@\[\]é-]{1,20}(\.ca)?"))
def test_any_text_gives_a_safe_host_or_bad_domain(text: str) -> None:
    try:
        stored = parse(text, dev=True)
    except BadDomain:
        return
    assert re.fullmatch(r"(\*\.)?[a-z0-9.-]+(:[0-9]+)?", stored)
    assert parse(stored, dev=True) == stored


# --- the header ---------------------------------------------------------------------------


def test_the_header_lists_exactly_the_saved_hosts_over_https() -> None:
    saved = ["clinique.ca", "*.autre.ca:8443", "xn--vtrinaire-b4ab.ca"]
    assert frame_ancestors(saved) == (
        "https://clinique.ca https://*.autre.ca:8443 https://xn--vtrinaire-b4ab.ca"
    )


def test_nothing_may_frame_the_page_without_a_saved_host() -> None:
    assert frame_ancestors([]) == "'none'"


def test_local_hosts_are_listed_in_development_only() -> None:
    saved = ["localhost:8701", "clinique.ca"]
    assert frame_ancestors(saved) == "https://clinique.ca"
    assert frame_ancestors(saved, dev=True) == (
        "https://localhost:8701 http://localhost:8701 https://clinique.ca"
    )
    assert frame_ancestors(["127.0.0.1"]) == "'none'"


@pytest.mark.parametrize(
    "entry",
    [
        "vétérinaire.ca",
        "*",
        "x *",
        "clinique.ca; frame-ancestors *",
        "clinique.ca, frame-ancestors *",
        "clinique.ca\n",
        "clinique.ca\r\nX: y",
        "'self'",
        "https://clinique.ca",
        "clinique.ca:*",
        "www.*.ca",
        "clinique.ca/",
        "CLINIQUE.CA",
        "",
    ],
)
def test_one_suspicious_entry_closes_the_whole_header(entry: str) -> None:
    assert frame_ancestors(["clinique.ca", entry]) == "'none'"


# --- the Referer --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "domains", "expected"),
    [
        ("clinique.ca", ["clinique.ca"], True),
        ("CLINIQUE.ca", ["autre.ca", "clinique.ca"], True),
        ("www.clinique.ca", ["clinique.ca"], False),
        ("clinique.ca:8443", ["clinique.ca"], False),
        ("clinique.ca:8443", ["clinique.ca:8443"], True),
        ("www.clinique.ca", ["*.clinique.ca"], True),
        ("a.b.clinique.ca", ["*.clinique.ca"], True),
        ("clinique.ca", ["*.clinique.ca"], False),
        (".clinique.ca", ["*.clinique.ca"], False),
        ("*.clinique.ca", ["*.clinique.ca"], False),
        ("evilclinique.ca", ["*.clinique.ca"], False),
        ("www.clinique.ca:8443", ["*.clinique.ca"], False),
        ("www.clinique.ca:8443", ["*.clinique.ca:8443"], True),
        ("evil.com/.clinique.ca", ["*.clinique.ca"], False),
        ("", ["clinique.ca"], False),
        ("clinique.ca", [], False),
    ],
)
def test_a_referer_is_listed_as_the_browser_would_read_the_header(
    host: str, domains: list[str], expected: bool
) -> None:
    assert allowed(host, domains) is expected


# --- for people ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "twin"),
    [
        ("clinique.ca", "www.clinique.ca"),
        ("www.clinique.ca", "clinique.ca"),
        ("clinique.qc.ca", "www.clinique.qc.ca"),
        ("www.clinique.qc.ca:8443", "clinique.qc.ca:8443"),
        ("rdv.clinique.ca", None),
        ("www.rdv.clinique.ca", None),
        ("qc.ca", None),
        ("*.clinique.ca", None),
        ("localhost:8701", None),
        ("127.0.0.1", None),
        ("not a host", None),
    ],
)
def test_the_www_twin_is_proposed_where_people_expect_both(domain: str, twin: str | None) -> None:
    assert www_twin(domain) == twin


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("clinique.ca", "clinique.ca"),
        ("xn--vtrinaire-b4ab.ca", "vétérinaire.ca"),
        ("*.xn--vtrinaire-b4ab.ca:8443", "*.vétérinaire.ca:8443"),
        ("localhost:8701", "localhost:8701"),
        ("xn--99999999.ca", "xn--99999999.ca"),
        ("not a host", "not a host"),
    ],
)
def test_a_domain_is_shown_with_its_accents(domain: str, shown: str) -> None:
    assert display(domain) == shown
