"""What the benchmarks ask: the example portal with its limits on, and a bare Flask beside it."""

from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from flask_logivet_rdv.services.offering import KeptOffers
from flask_logivet_rdv.shelf import Shelf
from flask_logivet_rdv.state import in_process
from flask_logivet_rdv.web.kept import kept_pages
from host_example import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BARE, COLD, NOTHING = "/bare", "/cold", "/nothing"
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

    Below `BARE` is a bare Flask; below `COLD` the portal again, to which each page is as if an
    appointment were made since the last; below `NOTHING` as if its process had just begun.
    """
    cold, nothing = create_app(AS_IN_PRODUCTION), create_app(AS_IN_PRODUCTION)
    with cold.app_context():
        kept_pages().pages.most = 0
    with nothing.app_context():
        kept_pages().pages.most = kept_pages().frames.most = 0
        in_process("offers", lambda: KeptOffers(Shelf(0)))
        in_process("tenants", lambda: Shelf(0))
    apart = {BARE: _bare(), COLD: cold, NOTHING: nothing}
    return DispatcherMiddleware(create_app(AS_IN_PRODUCTION), apart)


def _bare() -> Flask:
    made = Flask("bare")

    @made.get("/json")
    def json() -> dict[str, str]:
        return {"hello": "world", "what": "the least that Flask can answer"}

    return made
