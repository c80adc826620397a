"""One request and its answer, by the standard library alone."""

import http.client
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

AGENT = "LogiVet/1.0 (conformance)"
PATIENCE_S = 60.0


class OfflineError(Exception):
    """No answer came; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent below the base address: `body` is bytes as they are, or a JSON value."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes | None:
        """Return the bytes of the body, None for no body."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Answer:
    """What came back after `seconds`; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    @cached_property
    def json(self) -> Any:
        """Return the body's value, None where it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode(errors="replace")

    @property
    def media_type(self) -> str:
        """Return the media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def problem(self) -> tuple[int, Any]:
        """Return the status and the problem's code, None without one."""
        return self.status, self.at("code")

    def at(self, *path: str | int) -> Any:
        """Return the value at a path of the JSON, None where there is none."""
        return at(self.json, *path)


def at(value: Any, *path: str | int) -> Any:
    """Return what stands in a JSON value at a path of names and places, None for nothing."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def exchange(base_url: str, request: Request) -> Answer:
    """Send a request and return the answer, whatever its status. Raises OfflineError."""
    base = urlsplit(base_url.rstrip("/"))
    secure = base.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(base.hostname or "", base.port, timeout=PATIENCE_S)
    try:
        connection.connect()
        path, headers = base.path + request.path, dict(request.headers)
        # a body that is too large may be refused before all of it was sent
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(request.method, path, request.data, headers)
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise OfflineError(str(error) or type(error).__name__) from error
    finally:
        connection.close()
