"""A small portal that mounts the package, and a small LogiVet: the whole product on one machine."""

from collections.abc import Mapping
from typing import Any

from flask import Flask


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Return the portal, for any WSGI server; see `host_example.portal.create_app`."""
    # At the call, as the small LogiVet lives below this module and must do without the package.
    from .portal import create_app as portal

    return portal(test_config)
