"""Response headers at the WSGI layer: the only place that wins over a host's own, in any order.

It also holds on the host's 404, 405 and 500 under our prefixes, keeps cookies out of the public
pages, and turns 404 and 405 under the sync prefix into problem+json.
"""

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask_logivet_rdv.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FRAME_ANCESTORS = "logivet_rdv.frame_ancestors"
"""Key of the WSGI environment: who may frame this answer; absent, nobody."""

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
PRIVATE = {"Cache-Control": "no-store"}
DROPPED = frozenset(
    {
        "set-cookie",
        "x-frame-options",
        "content-security-policy",
        # its reports would name addresses that hold tokens
        "content-security-policy-report-only",
    }
)
Headers = list[tuple[str, str]]


class HeaderLayer:
    """Wraps the host's WSGI application."""

    def __init__(self, wsgi: "WSGIApplication", settings: Settings) -> None:
        self.wsgi = wsgi
        self.widget, self.account = settings.widget_prefix, settings.account_prefix
        self.sync = settings.sync_prefix
        self.script = f"{self.widget}/embed.js"

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request, with our headers where the path is ours."""
        path = environ.get("PATH_INFO", "")
        if _under(path, self.sync):
            return self._sync(environ, start_response)
        for prefix, rewrite in ((self.widget, self._public), (self.account, _account)):
            if _under(path, prefix):
                return self.wsgi(environ, _rewriting(environ, start_response, rewrite))
        return self.wsgi(environ, start_response)

    def _public(self, environ: "WSGIEnvironment", headers: Headers) -> Headers:
        """Return the headers of the widget (framable by its domains) or of a cancellation page."""
        path = environ["PATH_INFO"]
        kept = [(k, v) for k, v in headers if k.lower() not in DROPPED]
        kept = _same_for_every_session(kept)
        cancelling = _under(path, f"{self.widget}/annuler")
        ancestors = "'none'" if cancelling else environ.get(FRAME_ANCESTORS, "'none'")
        personal = cancelling or _under(path, f"{self.widget}/confirmation")
        extra = {
            "Content-Security-Policy": CSP + ancestors,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin" if personal else "strict-origin-when-cross-origin",
        }
        if cancelling:
            extra["X-Frame-Options"] = "DENY"
        if path == self.script:
            # the clinics' pages load it, whatever the host thinks of its own files
            extra["Cross-Origin-Resource-Policy"] = "cross-origin"
        if not self._for_everyone(path):
            extra |= PRIVATE
        return _with(kept, extra)

    def _for_everyone(self, path: str) -> bool:
        """Tell whether an address is a file or a style sheet, which caches may keep."""
        folders = ("static", "theme")
        return path == self.script or any(
            _under(path, f"{self.widget}/{folder}") for folder in folders
        )

    def _sync(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answered: list[Any] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[..., Any]:
            answered[:] = [status, headers, exc_info]
            return lambda _: None

        body = self.wsgi(environ, start)
        first = iter(body)
        chunk = next(first, b"")
        status, headers, exc_info = answered
        kind = next((v for k, v in headers if k.lower() == "content-type"), "")
        headers = [(k, v) for k, v in headers if k.lower() not in {"set-cookie", "location"}]
        headers = _with(headers, {"X-Content-Type-Options": "nosniff"} | PRIVATE)
        if status[:3] in {"404", "405"} and "problem+json" not in kind:
            _close(body)
            payload = _problem(int(status[:3]), environ["PATH_INFO"])
            sized = {
                "Content-Type": "application/problem+json",
                "Content-Length": str(len(payload)),
            }
            start_response(status, _with(headers, sized))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [payload]
        start_response(status, headers, exc_info)
        return _Chained(chunk, first, body)


class _Chained:
    """A body whose first chunk was already read; closes what it came from."""

    def __init__(self, first: bytes, rest: Iterable[bytes], body: Iterable[bytes]) -> None:
        self.first, self.rest, self.body = first, rest, body

    def __iter__(self) -> Any:
        yield self.first
        yield from self.rest

    def close(self) -> None:
        """Close the application's own body."""
        _close(self.body)


def _account(environ: "WSGIEnvironment", headers: Headers) -> Headers:
    """Forbid framing of the account pages, and keep the host's other policies."""
    kept = [(k, v) for k, v in headers if k.lower() != "x-frame-options"]
    kept.append(("Content-Security-Policy", "frame-ancestors 'none'"))
    return _with(
        kept,
        {
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        },
    )


def _same_for_every_session(headers: Headers) -> Headers:
    """Return headers whose `Vary` does not name the cookie, which a public page never reads."""
    vary = [name.strip() for k, v in headers if k.lower() == "vary" for name in v.split(",")]
    others = [name for name in vary if name.lower() != "cookie"]
    kept = [(k, v) for k, v in headers if k.lower() != "vary"]
    return [*kept, ("Vary", ", ".join(others))] if others else kept


def _under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _with(headers: Headers, extra: dict[str, str]) -> Headers:
    names = {name.lower() for name in extra}
    return [(k, v) for k, v in headers if k.lower() not in names] + list(extra.items())


def _rewriting(
    environ: "WSGIEnvironment",
    start_response: "StartResponse",
    rewrite: Callable[["WSGIEnvironment", Headers], Headers],
) -> "StartResponse":
    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        return start_response(status, rewrite(environ, headers), exc_info)

    return start


def _problem(status: int, path: str) -> bytes:
    title = {404: "Not Found", 405: "Method Not Allowed"}[status]
    problem = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": "There is no such address in this interface."
        if status == 404
        else "This address does not accept that method.",
        "instance": path,
        "code": "not_found" if status == 404 else "method_not_allowed",
    }
    return json.dumps(problem).encode()


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
