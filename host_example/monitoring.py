"""What Prometheus reads of the portal: for this machine only, as a proxy would see to."""

from ipaddress import ip_address

from flask import Blueprint, Flask, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from werkzeug.wrappers import Response

from flask_logivet_rdv import metrics

monitoring = Blueprint("monitoring", __name__)
SEEN = "monitoring.registry"


def init_app(app: Flask) -> None:
    """Count what this process does, and answer at /metrics."""
    registry = CollectorRegistry()
    metrics.expose(app, registry)
    app.extensions[SEEN] = registry
    app.register_blueprint(monitoring)


@monitoring.get("/metrics")
def show() -> Response:
    """Show the counters and gauges to who asks from this machine."""
    if not ip_address(request.remote_addr or "::").is_loopback:
        abort(404)
    return Response(generate_latest(current_app.extensions[SEEN]), content_type=CONTENT_TYPE_LATEST)
