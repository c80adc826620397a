"""What the benchmarks ask: the example portal with its limits on, and a bare Flask beside it."""

from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from host_example import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BARE, COLD = "/bare", "/cold"
AS_IN_PRODUCTION = {
    # counted, but never struck: everybody comes from one address
    "LOGIVET_RDV_LIMIT_PAGES": "10000000/minute",
    "LOGIVET_RDV_LIMIT_BOOKINGS": "10000000/hour",
    "LOGIVET_RDV_LIMIT_WIDGET": "10000000/hour",
    "LOGIVET_RDV_MAX_LIVE_PER_PHONE": 3,
    "LOGIVET_RDV_FORM_MIN_AGE": 3,
}


def application() -> "WSGIApplication":
    """Return the portal and, in the same process, what no part of it answers.

    Below `BARE` is a bare Flask; below `COLD` the portal again, which keeps no page.
    """
    cold = create_app(AS_IN_PRODUCTION | {"LOGIVET_RDV_KEPT_PAGES": 0})
    return DispatcherMiddleware(create_app(AS_IN_PRODUCTION), {BARE: _bare(), COLD: cold})


def _bare() -> Flask:
    made = Flask("bare")

    @made.get("/json")
    def json() -> dict[str, str]:
        return {"hello": "world", "what": "the least that Flask can answer"}

    return made
