"""The running demo: started as its user starts it, and what can be read from the outside."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# The demo's own servers are what is tested, whatever the tests around it use.
NOT_INHERITED = {"DATABASE_URL", "REDIS_URL", "MAIL_SERVER", "MAIL_PORT", "RDV_DEMO_DATA"}


@dataclass(frozen=True)
class Clinic:
    name: str
    email: str
    password: str
    widget_id: str
    desktop_url: str
    page_url: str

    def desktop(self) -> dict[str, Any]:
        """What LogiVet knows now: `connected`, `pending`, `entries`, `messages`."""
        url = f"{self.desktop_url}etat.json"
        with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310 the demo's own
            return json.load(reply)

    def entry(self, name: str) -> dict[str, Any] | None:
        """The agenda's entry of the online booking of `name`, or None."""
        bookings = (e for e in self.desktop()["entries"] if e["booking_id"])
        return next((e for e in bookings if e["title"].startswith(name)), None)

    def messages(self, name: str) -> list[dict[str, str]]:
        """The messages that speak of `name`, newest first."""
        return [m for m in self.desktop()["messages"] if name in m["body"]]


@dataclass(frozen=True)
class Demo:
    folder: Path
    portal_url: str
    site_url: str
    mail_dir: Path
    first: Clinic
    second: Clinic

    def widget_url(self, clinic: Clinic, lang: str = "fr") -> str:
        path = "/services/online-appointment"
        return f"{self.portal_url}{path}?widgetId={clinic.widget_id}&lang={lang}"

    def mails(self, address: str) -> list[EmailMessage]:
        """The mails that `address` received, oldest first."""
        files = sorted(self.mail_dir.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        mails = [BytesParser(policy=policy.default).parsebytes(f.read_bytes()) for f in files]
        return [mail for mail in mails if mail["To"] and address in mail["To"]]

    @contextmanager
    def staff_reads(self, locale: str) -> Iterator[None]:
        """The portal, which owns its users' language, gives all of them `locale` meanwhile."""
        self._set_locale(locale)
        try:
            yield
        finally:
            self._set_locale("fr")

    def _set_locale(self, locale: str) -> None:
        database = sqlite3.connect(self.folder / "portal.sqlite3", timeout=15)
        with contextlib.closing(database), database:
            database.execute("UPDATE user_account SET locale = ?", (locale,))


def until(wanted: Callable[[], Any], seconds: float) -> float:
    """Wait until `wanted()` is true, looking every 20 ms; return the seconds that it took."""
    start = time.monotonic()
    while not wanted():
        assert time.monotonic() - start < seconds, f"nothing came within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - start


@contextmanager
def launched(folder: Path) -> Iterator[Demo]:
    """Run `python -m host_example` in `folder`; it must start within a minute, stop within 5 s."""
    told = folder / "demo.json"
    command = [sys.executable, "-m", "host_example", "--port", str(free_ports())]
    command += ["--data", str(folder / "data"), "--describe", str(told)]
    environment = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: told.exists() or process.poll() is not None, 60)
        assert told.exists(), (folder / "log").read_text()
        yield described(json.loads(told.read_text(encoding="utf-8")), folder / "data")
        process.terminate()
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


def described(told: dict[str, Any], folder: Path) -> Demo:
    first, second = (
        Clinic(
            name=clinic["name"],
            email=clinic["login"]["email"],
            password=clinic["login"]["password"],
            widget_id=clinic["widget_id"],
            desktop_url=clinic["desktop_url"],
            page_url=f"{told['site_url']}/{clinic['slug']}/",
        )
        for clinic in told["clinics"]
    )
    mail_dir = Path(told["mail_dir"])
    return Demo(folder, told["portal_url"], told["site_url"], mail_dir, first, second)


def free_ports() -> int:
    """Return a port that is free, as are the two after it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
            try:
                for following in (port + 1, port + 2):
                    socket.create_server(("127.0.0.1", following)).close()
            except (OSError, OverflowError):
                continue
        return port
