"""A portal that breaks one rule: it stands before a right one and passes everything else on."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Asked:
    """A request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def saying(self, value: Any) -> "Asked":
        """Return the request with another body."""
        return replace(self, body=json.dumps(value).encode())


@dataclass(frozen=True)
class Answered:
    """An answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def saying(self, value: Any, status: int | None = None) -> "Answered":
        """Return the answer with another body."""
        text = value if isinstance(value, bytes) else json.dumps(value).encode()
        return replace(self, body=text, status=status or self.status)


Right = Callable[[Asked], Answered]
Rule = Callable[[Right, Asked], Answered]


@contextmanager
def breaking(rule: Rule, sync_url: str) -> Iterator[str]:
    """Serve the interface at `sync_url` with one rule broken, and give its address."""
    base = urlsplit(sync_url)

    def right(asked: Asked) -> Answered:
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=40)
        try:
            connection.request(asked.method, asked.path, asked.body or None, asked.headers)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, headers, answer.read())
        finally:
            connection.close()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            given = {name.lower(): value for name, value in self.headers.items()}
            kept = {name: value for name, value in given.items() if name not in HOP}
            answer = rule(right, Asked(self.command, self.path, kept, self.rfile.read(size)))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 http.server names them

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{base.path}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
