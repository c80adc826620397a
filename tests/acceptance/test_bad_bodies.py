"""Whatever a body is, it is refused in few words, nothing is kept, and the server goes on."""

import gzip
import json
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.acceptance.tenants import addresses, rows
from tests.support.served import call

pytestmark = pytest.mark.xdist_group("contract")
MB = 1_000_000
SOON_S = 10
"""Within what a good request is answered beside bad ones, however busy the machine."""

ROW = b'{"op":"delete","kind":"busy","id":"1","version":1}'
MANY = b'{"token":"t","changes":[%s]}' % b",".join([ROW] * 10_000)
DEEP = 1000
MALFORMED = {
    "nothing": b"",
    "cut short": b'{"token": "t", "changes": [',
    "two values": b"{} {}",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": json.dumps({"token": "é"}).encode("utf-16"),
    "a lone surrogate in UTF-8": b'{"token": "\xed\xa0\x80"}',
    "NUL": b'{"token": "a\x00b"}',
    "a name given twice": b'{"token": "t", "token": "t"}',
    "NaN": b'{"token": NaN}',
    "Infinity": b'{"token": -Infinity}',
    "an integer of 5,000 digits": b'{"token": ' + b"9" * 5000 + b"}",
    "100,000 arrays in one another": b"[" * 100_000,
}
INVALID = {
    "an escaped NUL": b'{"token": "\\u0000", "changes": 1, "kinds": 1, "items": 1, "parts": 1}',
    "an escaped lone surrogate": b'{"\\ud800": "\\ud800"}',
    "an integer of 4,000 digits": b'{"parts": ' + b"9" * 4000 + b"}",
    "a number beyond floats": b'{"parts": 1e999}',
    "null": b"null",
    "text": b'"text"',
}
NESTED = {
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "arrays": b"[" * DEEP + b"]" * DEEP,
    "arrays in a member": b'{"token": ' + b"[" * DEEP + b"]" * DEEP + b"}",
}
LARGE = {
    "10 MB": b'{"token": "' + b"x" * (10 * MB) + b'"}',
    "10 MB of spaces": b" " * (10 * MB),
    "10 MB of arrays": b"[" * (10 * MB),
}
OTHER_TYPES = {
    "text": {"Content-Type": "text/plain"},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "parts": {"Content-Type": "multipart/form-data; boundary=x"},
    "no type": {"Content-Type": ""},
    "gzip": {"Content-Encoding": "gzip"},
    "deflate": {"Content-Encoding": "deflate"},
}


@pytest.fixture
def each(example, clinic):
    """Return what sends a body to every address that takes one; nothing may come of it."""

    def send(body, statuses, code=None, headers=None):
        for name, method, url in addresses(example):
            given = {"Idempotency-Key": "k", "Content-Type": "application/json"} | (headers or {})
            answer = call(url, method, key=clinic.key, body=body, headers=given)
            assert answer.status in statuses, (name, body[:40])
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(answer.body) < 2000
            if code:
                assert (name, answer.json["code"]) == (name, code)

    before = rows(clinic)
    yield send
    assert rows(clinic) == before
    assert_free(example, clinic)


def assert_free(example, clinic):
    """A good call is answered soon: no worker is lost."""
    begun = time.monotonic()
    assert call(f"{example.sync_url}/hello", key=clinic.key).status == 200
    assert time.monotonic() - begun < SOON_S


def test_what_is_not_json_is_400(each):
    for body in MALFORMED.values():
        each(body, {400}, "malformed_json")


def test_what_is_json_but_no_request_is_422(each):
    for body in INVALID.values():
        each(body, {422}, "invalid")


def test_what_is_1000_deep_is_refused(each):
    """As malformed or as invalid: that depends on the Python."""
    for body in NESTED.values():
        each(body, {400, 422})


def test_what_is_too_large_is_413(each):
    for body in LARGE.values():
        each(body, {413}, "body_too_large")


def test_what_is_too_large_is_413_without_its_length_told(each):
    chunk = b"%x\r\n%s\r\n" % (MB, b" " * MB)
    each(chunk * 10 + b"0\r\n\r\n", {413}, "body_too_large", {"Transfer-Encoding": "chunked"})


def test_ten_thousand_changes_are_413(example, clinic):
    url = f"{example.sync_url}/changes"
    before = rows(clinic)
    assert len(MANY) < 524_288
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = call(url, "POST", key=clinic.key, body=MANY, headers=headers)
    assert (answer.status, answer.json["code"]) == (413, "too_many_changes")
    assert rows(clinic) == before
    assert_free(example, clinic)


def test_what_is_not_plain_json_is_415(each):
    for headers in OTHER_TYPES.values():
        body = gzip.compress(b"{}") if "Content-Encoding" in headers else b"{}"
        each(body, {415}, "unsupported_media_type", headers)


def test_bodies_that_never_end_stop_nobody_else(example, clinic):
    """More of them than the server has threads (32), each sending a byte a second."""
    parts = urlsplit(example.url)
    head = (
        f"POST {urlsplit(example.sync_url).path}/changes HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: Bearer {clinic.key}\r\nIdempotency-Key: k\r\n"
        "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
    )
    before = rows(clinic)
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection((parts.hostname, parts.port), 30))
            for _ in range(40)
        ]
        for connection in slow:
            connection.sendall(head.encode())
        for _ in range(3):
            time.sleep(1)
            for connection in slow:
                connection.sendall(b" ")
            assert_free(example, clinic)
            assert call(f"{example.url}/connexion", timeout=SOON_S).status == 200
    assert_free(example, clinic)
    assert rows(clinic) == before
