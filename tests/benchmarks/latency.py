"""How long from « Réserver » until LogiVet's agenda shows the appointment.

    python -m host_example --data /tmp/latency --describe /tmp/latency.json &
    python -m tests.benchmarks.latency /tmp/latency.json 100

Prints the median and the 95th percentile, in milliseconds, of that many bookings made one after
the other through the widget's own pages; an agenda is looked at every 5 ms.
"""

import json
import statistics
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

WIDGET = "/services/online-appointment"
GIVE_UP_S = 10


def main(description: Path, count: int) -> None:
    """Book `count` times and print the figures."""
    demo = json.loads(description.read_text())
    clinic = demo["clinics"][0]
    base = demo["portal_url"] + WIDGET
    state = clinic["desktop_url"].rstrip("/") + "/etat.json"
    waits = [booked_until_seen(base, clinic["widget_id"], state, n) for n in range(count)]
    waits.sort()
    p95 = waits[int(len(waits) * 0.95) - 1]
    print(  # noqa: T201 what it is for
        f"{count} bookings: p50 {statistics.median(waits):.0f} ms, p95 {p95:.0f} ms,"
        f" max {waits[-1]:.0f} ms"
    )


def booked_until_seen(base: str, widget_id: str, state: str, n: int) -> float:
    """Return the milliseconds from sending the form until the agenda shows the booking."""
    fields = filled_form(base, widget_id, n)
    before = known(state)
    began = time.monotonic()
    post(f"{base}/details?widgetId={widget_id}&lang=fr", fields, base)
    while time.monotonic() - began < GIVE_UP_S:
        if known(state) - before:
            return (time.monotonic() - began) * 1000
        time.sleep(0.005)
    raise SystemExit(f"Booking {n} did not reach LogiVet within {GIVE_UP_S} s.")


def filled_form(base: str, widget_id: str, n: int) -> dict[str, str]:
    """Walk to the form as an owner does, and return its fields filled."""
    page = choose(base, widget_id)
    start = page.select_one("input[name=start]")
    query = {"widgetId": widget_id, "lang": "fr", **chosen(page), "start": start["value"]}
    form = get(f"{base}/details?{urllib.parse.urlencode(query)}").select_one("form[method=post]")
    hidden = {f["name"]: f.get("value", "") for f in form.select("input[name]")}
    return hidden | {
        "name": f"Propriétaire {n}",
        "email": f"proprietaire-{n}-{time.time_ns()}@exemple.ca",
        "pet_name": "Tom",
        "phone": "514 555-0134",
        "reason": "Vaccin",
        "consent": "y",
    }


def choose(base: str, widget_id: str) -> BeautifulSoup:
    """Return the calendar after « Canin », « Examen », « Dr John Dolittle »."""
    query = {"widgetId": widget_id, "lang": "fr"}
    for name, text in (("species", "Canin"), ("category", "Examen"), ("resource", "Dolittle")):
        page = get(f"{base}?{urllib.parse.urlencode(query)}")
        options = page.select(f"select[name={name}] option")
        query[name] = next(o["value"] for o in options if text in o.text)
    return get(f"{base}?{urllib.parse.urlencode(query)}")


def chosen(page: BeautifulSoup) -> dict[str, str]:
    """Return the values chosen in the three lists."""
    lists = ("species", "category", "resource")
    return {
        name: page.select_one(f"select[name={name}] option[selected]")["value"] for name in lists
    }


def known(state: str) -> set[str]:
    """Return the online bookings that LogiVet's agenda shows."""
    with urllib.request.urlopen(state) as answer:  # noqa: S310 loopback
        entries: list[dict[str, Any]] = json.load(answer)["entries"]
    return {entry["booking_id"] for entry in entries if entry["booking_id"]}


def get(url: str) -> BeautifulSoup:
    """Return a page."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 loopback
        return BeautifulSoup(answer.read(), "html.parser")


def post(url: str, fields: dict[str, str], base: str) -> None:
    """Send a form as the page's own browser would."""
    origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(base))
    request = urllib.request.Request(  # noqa: S310 loopback
        url, urllib.parse.urlencode(fields).encode(), {"Origin": origin}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 loopback
        if "/confirmation/" not in answer.url:
            raise SystemExit(f"Not booked: {answer.url}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
