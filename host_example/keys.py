"""The clear sync keys of the demo's clinics: made once, in a file that only its owner reads."""

import json
import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

from flask_logivet_rdv.services.keys import authenticate, create_key
from flask_logivet_rdv.services.transaction import Desk, transact

FILE = "keys.json"


def sync_key(desk: Desk, folder: Path, slug: str, account_id: uuid.UUID) -> str:
    """Return the key of a clinic: the one kept in `folder`, or a new one if it is of no use."""
    kept: dict[str, str] = {}
    path = folder / FILE
    if path.exists():
        kept = json.loads(path.read_text())
    holder = authenticate(desk.session, kept.get(slug, ""), datetime.now(UTC))
    if holder is not None and holder.account.id == account_id:
        return kept[slug]
    key = transact(desk, account_id, create_key)
    _write(path, kept | {slug: key})
    return key


def _write(path: Path, keys: dict[str, str]) -> None:
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as new:
        json.dump(keys, new, indent=2)
    part.rename(path)
