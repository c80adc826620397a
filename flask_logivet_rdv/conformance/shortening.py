"""What may be shown of a value: never a key, and not more than a person reads."""

import re
from typing import Any

LONGEST_TEXT = 120
LONGEST_LIST = 5
_KEY = re.compile(r"rdv_([0-9A-Za-z]{0,2})[0-9A-Za-z]*_[0-9A-Za-z_-]+")


def masked(value: Any) -> Any:
    """Return a JSON value in which each key is told by its first two signs, ``rdv_ab…``."""
    if isinstance(value, str):
        return _KEY.sub(r"rdv_\1…", value)
    if isinstance(value, dict):
        return {masked(name): masked(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [masked(held) for held in value]
    return value


def shortened(value: Any) -> Any:
    """Return a JSON value with long texts cut and long lists ended by how many more there are."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: shortened(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        more = [f"… and {len(value) - 2} more"] if len(value) > LONGEST_LIST else []
        return [shortened(held) for held in (value[:2] if more else value)] + more
    return value
