"""gunicorn's settings, ``--config python:host_example.serving``: see docs/operations.md."""

import gc
from typing import Any


def post_worker_init(_worker: Any) -> None:
    """Take what was loaded for good out of the collector's rounds: a fifth of a page's time."""
    gc.collect()
    gc.freeze()
