"""Web sites of any name in one process, over https and http, for a Chromium that believes in them.

The widget's portal is `widget.test`; every other name is a site that frames what it is asked to.
"""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlencode

import trustme
from flask import Flask, render_template_string, request

from tests.support.listening import listening

PORTAL = "widget.test"
OURS = f"https://{PORTAL}"
OTHER_PORT = 8443
PAGE = """<!doctype html>
<html lang="fr">
  <title>Clinique</title>
  <link rel="icon" href="data:,">
  <h1>Clinique</h1>
  <script>
    const steps = [], messages = [];
    addEventListener("message", (e) => messages.push([e.origin, JSON.stringify(e.data)]));
    document.addEventListener("rdv:step", (e) => steps.push([e.target.title, e.detail]));
  </script>
  {% for address in frames %}
    <iframe src="{{ address }}" title="{{ loop.index }}"
            style="width:100%;min-height:720px;border:0"
            {% if sandbox is not none %}sandbox="{{ sandbox }}"{% endif %}></iframe>
    {% if script %}<script src="{{ script }}" async></script>{% endif %}
  {% endfor %}
  {{ extra|safe }}
</html>"""


def site() -> Flask:
    """Return the application of all sites but the portal; what a page shows is in its address."""
    app = Flask("sites")

    @app.get("/")
    def page() -> tuple[str, dict[str, str]]:
        asked = request.args
        body = render_template_string(
            PAGE,
            frames=asked.getlist("frame"),
            script=asked.get("script"),
            sandbox=asked.get("sandbox"),
            extra=asked.get("extra", ""),
        )
        policy = asked.get("policy", "strict-origin-when-cross-origin")
        return body, {"Referrer-Policy": policy}

    return app


def address(origin: str, *frames: str, **more: str) -> str:
    """Return the address of a page of a site that frames these addresses."""
    asked = [("frame", frame) for frame in frames] + list(more.items())
    return f"{origin}/?{urlencode(asked)}"


@contextmanager
def served(portal: Any) -> Iterator[list[str]]:
    """Serve the portal and the sites; give the arguments with which Chromium finds them."""
    sites = site()

    def by_name(environ: Any, start_response: Any) -> Any:
        name = environ.get("HTTP_HOST", "").partition(":")[0]
        return (portal if name == PORTAL else sites)(environ, start_response)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(PORTAL).configure_cert(context)
    with ExitStack() as running:
        https = running.enter_context(listening(by_name, context))
        http = running.enter_context(listening(by_name, None))
        rules = [f"MAP *:{port} 127.0.0.1:{https}" for port in (443, OTHER_PORT)]
        rules.append(f"MAP *:80 127.0.0.1:{http}")
        yield [
            f"--host-resolver-rules={', '.join(rules)}",
            "--ignore-certificate-errors",
            "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
        ]
