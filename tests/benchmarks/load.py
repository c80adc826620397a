"""Asks one address as often as it answers, and tells how often that was and what it cost."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.processor import spent
from tests.support.served import Served

WRK = "wrk"
SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 8


@dataclass(frozen=True)
class Ask:
    """One thing to ask: its address, what is sent with it, and how many ask at once.

    `bodies` are forms, each of which is posted once; none makes it a GET.
    """

    url: str
    headers: tuple[str, ...] = ()
    bodies: Path | None = None
    connections: int = CONNECTIONS


@dataclass(frozen=True)
class Load:
    """What came of asking for a while. Times in milliseconds; `cpu` of the server's processes and
    `db_cpu` of the database's, per request; `other` are the answers that are neither 2xx nor 3xx.
    """

    requests: int
    rps: float
    p50: float
    p99: float
    cpu: float
    db_cpu: float
    other: int


def needed() -> None:
    """Raise SystemExit where wrk is not there."""
    if shutil.which(WRK) is None:
        raise SystemExit(f"The benchmarks need {WRK} (Debian, Ubuntu: apt install {WRK}).")


def ask(one: Ask, seconds: int, asked: Served) -> Load:
    """Ask for so long, or until the forms are used up."""
    command = [WRK, "-t1", f"-c{one.connections}", f"-d{seconds}s", "-s", str(SCRIPT)]
    for header in one.headers:
        command += ["-H", header]
    arguments = ["--", str(one.bodies)] if one.bodies else []
    before = spent(asked)
    done = subprocess.run(
        [*command, one.url, *arguments], capture_output=True, text=True, check=True
    )
    after = spent(asked)
    told = json.loads(done.stdout.splitlines()[-1])
    count = max(told["requests"], 1)
    cpu, db_cpu = ((b - a) * 1000 / count for a, b in zip(before, after, strict=True))
    return Load(
        told["requests"], told["requests"] / told["seconds"],
        told["p50"], told["p99"], cpu, db_cpu, told["other"],
    )  # fmt: skip
