"""`python -m host_example`: the whole product on one machine."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .launch import LaunchError, Options, prepare, run
from .portal_host import LOOKS
from .servers import BusyPortError
from .settings import DEFAULT_DATA, DEFAULT_LAYOUT

HIGHEST = 65_533


def port(text: str) -> int:
    """Return a port that leaves room for the two that follow it."""
    number = int(text)
    if not 0 < number <= HIGHEST:
        raise argparse.ArgumentTypeError(f"1–{HIGHEST}")
    return number


def options(arguments: Sequence[str] | None = None) -> tuple[Options, bool]:
    """Return the launcher's options, and whether only to prepare the data."""
    parser = argparse.ArgumentParser(prog="python -m host_example", description=__doc__)
    add = parser.add_argument
    add("--port", type=port, default=8700, metavar="N",
        help="portal on N, clinic site on N+1, LogiVet on N+2 (default 8700)")  # fmt: skip
    add("--data", type=Path, default=DEFAULT_DATA, metavar="DIR",
        help=f"where everything is kept (default {DEFAULT_DATA})")  # fmt: skip
    add("--reset", action="store_true", help="empty the data folder first")
    add("--no-desktop", dest="desktop", action="store_false",
        help="do not run LogiVet: another client takes its place")  # fmt: skip
    add("--layout", choices=tuple(LOOKS),
        default=os.environ.get("RDV_DEMO_LAYOUT") or DEFAULT_LAYOUT,
        help=f"the portal's own look (default {DEFAULT_LAYOUT})")  # fmt: skip
    add("--describe", type=Path, metavar="FILE", help="write a JSON description once ready")
    add("--prepare", action="store_true", help="make or update tables and data, then exit")
    given = vars(parser.parse_args(arguments))
    only_prepare = given.pop("prepare")
    return Options(**given), only_prepare


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run until stopped; return the process's exit code."""
    chosen, only_prepare = options()
    signal.signal(signal.SIGTERM, _stop)
    try:
        (prepare if only_prepare else run)(chosen)
    except (BusyPortError, LaunchError) as error:
        print(error, file=sys.stderr)  # noqa: T201 a program speaks to its user
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
