"""Host names of the clinics' web sites: what people type, what is stored, what the header says.

The stored form is ``[*.]host[:port]``: lower case, punycode, no scheme, no path. Sites are
embedded over https; loopback and IPv4 hosts exist for development only. An IPv6 address is never
accepted, because a content security policy cannot name one.
"""

import re
from collections.abc import Iterable
from functools import cache
from ipaddress import AddressValueError, IPv4Address

import idna
from publicsuffixlist import PublicSuffixList

_TYPED = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<wildcard>\*\.)?(?P<host>[^/?#@:*\[\]]+)"
    r"(?::(?P<port>[0-9]{1,5}))?(?:[/?#].*)?",
    re.IGNORECASE,
)
_STORED = re.compile(r"(?:\*\.)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::[0-9]{1,5})?")
_UNSAFE = re.compile(r"[ ;,'\"\\]")
# browsers read a name whose last label is a number as an IPv4 address
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_TEXT = 2_048


class BadDomain(ValueError):  # noqa: N818 - says what was typed, as a form shows it
    """The text does not name a host that may embed the widget."""


def parse(text: str, *, dev: bool = False) -> str:
    """Return the stored form of a host, or of the host in a pasted http(s) URL.

    A leading ``*.`` is kept over a registrable domain (``*.clinique.ca``, not ``*.qc.ca``).
    ``dev`` also allows ``localhost`` and IPv4 addresses. Raises BadDomain for anything else.
    """
    text = text.strip()
    if len(text) > _LONGEST_TEXT or not text.isprintable() or _UNSAFE.search(text):
        raise BadDomain("Not one host name.")
    typed = _TYPED.fullmatch(text)
    if typed is None:
        raise BadDomain("Not a host name.")
    host = _ascii(typed["host"])
    if not (dev if _is_local(host) else _is_public(host)):
        raise BadDomain("Not a public host name.")
    wildcard = typed["wildcard"] or ""
    if wildcard and (_is_local(host) or _registrable(host) is None):
        raise BadDomain("A wildcard needs a registrable domain.")
    return f"{wildcard}{host}{_port(typed['port'], typed['scheme'])}"


def frame_ancestors(domains: Iterable[str], *, dev: bool = False) -> str:
    """Return the CSP source list for stored domains; ``'none'`` when nothing may frame the page.

    Local hosts are left out unless ``dev``, which names them with http as well. One entry that
    is not in the stored form closes the whole list: a browser may drop a policy that it cannot
    read, and then anyone could frame the page.
    """
    sources: list[str] = []
    for domain in domains:
        stored = _STORED.fullmatch(domain)
        if stored is None:
            return "'none'"
        if not _is_local(stored["host"]):
            sources.append(f"https://{domain}")
        elif dev:
            sources += (f"https://{domain}", f"http://{domain}")
    return " ".join(sources) or "'none'"


def allowed(host: str, domains: Iterable[str]) -> bool:
    """Tell whether ``host[:port]``, as a Referer has it, is among the stored domains.

    As in CSP, ``*.clinique.ca`` stands for ``www.clinique.ca`` and not for ``clinique.ca``.
    """
    host = host.lower()
    if host.startswith("*") or not _STORED.fullmatch(host):
        return False
    return any(
        host.endswith(domain[1:]) if domain.startswith("*.") else host == domain
        for domain in domains
    )


def www_twin(domain: str) -> str | None:
    """Return the stored domain with ``www.`` added or removed, where people would expect both."""
    stored = _STORED.fullmatch(domain)
    if stored is None or domain.startswith("*.") or _is_local(stored["host"]):
        return None
    registrable = _registrable(stored["host"])
    if stored["host"] == registrable:
        return f"www.{domain}"
    return domain[4:] if stored["host"] == f"www.{registrable}" else None


def display(domain: str) -> str:
    """Return a stored domain as people read it, with its accents."""
    stored = _STORED.fullmatch(domain)
    if stored is None:
        return domain
    try:
        return domain.replace(stored["host"], idna.decode(stored["host"]), 1)
    except UnicodeError:
        return domain


def _ascii(host: str) -> str:
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode("ascii").removesuffix(".")
    except UnicodeError as error:
        raise BadDomain("Not a host name.") from error


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def _is_public(host: str) -> bool:
    _, dot, last = host.rpartition(".")
    return bool(dot) and not _NUMBER.fullmatch(last)


def _port(port: str | None, scheme: str | None) -> str:
    if port is None or int(port) == (80 if scheme and scheme.lower() == "http" else 443):
        return ""
    if not 0 < int(port) < 65_536:
        raise BadDomain("Not a port.")
    return f":{int(port)}"


def _registrable(host: str) -> str | None:
    """Return the part of a host that its owner registered, or None for a public suffix."""
    found: str | None = _suffixes().privatesuffix(host)
    return found


@cache
def _suffixes() -> PublicSuffixList:
    # parsing the list takes 50 ms, and most processes never read a domain
    return PublicSuffixList()
