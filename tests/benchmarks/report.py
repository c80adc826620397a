"""What was measured, beside the bare route of the same round, and whether it is good enough."""

import json
import platform
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.cases import Case
from tests.benchmarks.load import Load

MEASURED_WITH = ("flask", "sqlalchemy", "gunicorn", "psycopg", "pymysql")


@dataclass
class Row:
    """The loads of one case, and those of the bare route in the same rounds."""

    case: Case
    loads: list[Load] = field(default_factory=list)
    bare: list[Load] = field(default_factory=list)

    def of(self, name: str) -> float:
        """Return the median of a figure."""
        return statistics.median(getattr(load, name) for load in self.loads)

    @property
    def rps_ratio(self) -> float:
        """Return which part of the bare route's requests a second was answered."""
        return self._ratio(lambda load: load.rps)

    @property
    def cpu_ratio(self) -> float:
        """Return how many times the bare route's processor a request cost, with its database."""
        return self._ratio(lambda load: load.cpu + load.db_cpu)

    def _ratio(self, figure: Any) -> float:
        pairs = zip(self.loads, self.bare, strict=True)
        return statistics.median(figure(load) / figure(bare) for load, bare in pairs)

    @property
    def other(self) -> int:
        """Return how many answers were neither 2xx nor 3xx."""
        return sum(load.other for load in self.loads)

    @property
    def met(self) -> bool:
        """Tell whether the goal was reached."""
        goal = self.case.goal
        return (
            not self.other
            and self.rps_ratio >= goal.rps
            and self.cpu_ratio <= goal.cpu
            and self.of("p50") <= goal.p50_ms
        )


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a table."""
    yield "| what | rps | x bare | p50 / p99 ms | CPU ms app + db | x bare | goal | met |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.case.name} | {row.of('rps'):.0f} | {row.rps_ratio:.3f}"
            f" | {row.of('p50'):.1f} / {row.of('p99'):.1f}"
            f" | {row.of('cpu'):.2f} + {row.of('db_cpu'):.2f} | {row.cpu_ratio:.1f}"
            f" | {_goal(row)} | {'yes' if row.met else 'NO'} |"
        )


def _goal(row: Row) -> str:
    goal = row.case.goal
    parts = (
        (f">= {goal.rps}x rps", goal.rps > 0),
        (f"<= {goal.cpu}x CPU", goal.cpu < float("inf")),
        (f"p50 <= {goal.p50_ms} ms", goal.p50_ms < float("inf")),
    )
    return ", ".join(text for text, asked in parts if asked) or "-"


def written(path: Path, results: dict[str, list[Row]]) -> None:
    """Write all that was measured, and with what, as JSON."""
    said = {
        "machine": {"cores": psutil.cpu_count(), "system": platform.platform()},
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in MEASURED_WITH},
        "results": {
            database: [
                {
                    "what": row.case.name,
                    "rps_ratio": row.rps_ratio,
                    "cpu_ratio": row.cpu_ratio,
                    "met": row.met,
                    "rounds": [asdict(load) for load in row.loads],
                    "bare": [asdict(load) for load in row.bare],
                }
                for row in rows
            ]
            for database, rows in results.items()
        },
    }
    path.write_text(json.dumps(said, indent=1) + "\n")
