"""One process of racers: reads a round of forms a line, books them at once, writes what came of it.

python -m tests.races.racer DATABASE_URL FOLDER ACCOUNT_ID
"""

import json
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services.booking import Booked, book
from flask_logivet_rdv.services.booking_form import BookingForm, Consent
from flask_logivet_rdv.services.transaction import transact
from tests.support.portal import Clock, make_portal


def form(fields: dict[str, Any]) -> BookingForm:
    """Return a form from what travelled as JSON."""
    ids = {name: uuid.UUID(fields[name]) for name in ("species", "category", "resource")}
    return BookingForm(**fields | ids | {"consent": Consent(**fields["consent"])})


def main(url: str, folder: str, account: str) -> None:
    """Race until stdin ends."""
    app, account_id = make_portal(Path(folder), url, Clock()), uuid.UUID(account)

    def attempt(asked: BookingForm, start: threading.Barrier) -> str:
        with app.app_context():
            start.wait()
            result = transact(jobs.desk(), account_id, lambda tx: book(tx, asked))
            return "booked" if isinstance(result, Booked) else str(result.reason)

    print("ready", flush=True)  # noqa: T201 the parent waits for it
    for line in sys.stdin:
        forms = [form(fields) for fields in json.loads(line)]
        barrier = threading.Barrier(len(forms))
        with ThreadPoolExecutor(len(forms)) as pool:
            results = list(pool.map(attempt, forms, [barrier] * len(forms)))
        print(json.dumps(results), flush=True)  # noqa: T201 the parent reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
