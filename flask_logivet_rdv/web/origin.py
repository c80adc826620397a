"""Which posts come from our own pages: what protects forms that have no cookie."""

from flask import Request

from flask_logivet_rdv.state import state


def same_origin(request: Request) -> bool:
    """Tell whether a browser sent this request from a page of ours.

    `Sec-Fetch-Site` decides where there is one; an older browser's `Origin` must be the public
    one of the settings. A request with neither is refused.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == state().settings.public_origin
