"""Many desktops in one process: each asks for its clinic's events, obeys the answer, asks again.

    python -m tests.benchmarks.desktops < what.json

Reads from its standard input one line, what to do (see `Orders`), and says `ready` once each
desktop has asked. The next line, as in `500 5.0`, says how many events there are: when they came,
or after so many seconds, it writes what it saw (see `Seen`) as JSON. It has no threads and no
library, so that a thousand desktops cost little beside the server that is measured.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field

BEGIN_AT_ONCE = 50
PATIENCE_S = 60
AND_NO_MORE_S = 0.5


@dataclass(frozen=True)
class Orders:
    """Where the portal is, the desktops' keys, the cursor they begin at, the pages to look at."""

    host: str
    port: int
    sync: str
    keys: list[str]
    cursor: str
    wait_s: int = 25
    pages: list[str] = field(default_factory=list)
    page_every_s: float = 0.2


@dataclass
class Seen:
    """What came: `events` as (desktop, seq, monotonic time), `pages` as (path, seconds).

    `held` and `refused` count answers without events; `failures` are what went wrong.
    """

    events: list[tuple[int, int, float]] = field(default_factory=list)
    pages: list[tuple[str, float]] = field(default_factory=list)
    held: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)


class Desktops:
    """The desktops of one portal."""

    def __init__(self, orders: Orders) -> None:
        self.orders, self.seen = orders, Seen()
        self.entrance = asyncio.Semaphore(BEGIN_AT_ONCE)
        self.asking = 0

    async def run(self, told: "asyncio.Future[str]") -> None:
        """Run them all, and the visitors, until told how much there is and all of it came."""
        tasks = [asyncio.create_task(self._desktop(n)) for n in range(len(self.orders.keys))]
        while self.asking < len(tasks) and not any(task.done() for task in tasks):
            await asyncio.sleep(0.05)
        tell("ready")
        tasks += [asyncio.create_task(self._visitor(page)) for page in self.orders.pages]
        count, late_s = (await told).split()
        deadline = time.monotonic() + float(late_s)
        while len(self.seen.events) < int(count) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        await asyncio.sleep(AND_NO_MORE_S)
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(outcome, asyncio.CancelledError):
                self.seen.failures.append(repr(outcome))

    async def _desktop(self, n: int) -> None:
        key, cursor = self.orders.keys[n], self.orders.cursor
        async with self.entrance:
            await self._ask(key, cursor, 0)
        self.asking += 1
        while True:
            page = await self._ask(key, cursor, self.orders.wait_s)
            now = time.monotonic()
            self.seen.events += [(n, one["seq"], now) for one in page["events"]]
            self.seen.held += not page["events"] and not page["poll_after_s"]
            self.seen.refused += bool(page["poll_after_s"])
            cursor = page["cursor"]
            await asyncio.sleep(page["poll_after_s"])

    async def _visitor(self, path: str) -> None:
        """Look at a page again and again, at its own pace whatever the page takes."""
        while True:
            began = time.monotonic()
            await self._get(path)
            took = time.monotonic() - began
            self.seen.pages.append((path, took))
            await asyncio.sleep(max(0, self.orders.page_every_s - took))

    async def _ask(self, key: str, cursor: str, wait_s: int) -> dict:
        path = f"{self.orders.sync}/events?cursor={cursor}&wait={wait_s}"
        return json.loads(await self._get(path, key))

    async def _get(self, path: str, key: str | None = None) -> bytes:
        """Return the body of a page, on a connection of its own. Raises for all but a success."""
        orders = self.orders
        reader, writer = await asyncio.open_connection(orders.host, orders.port)
        try:
            bearer = f"Authorization: Bearer {key}\r\n" if key else ""
            head = f"GET {path} HTTP/1.1\r\nHost: {orders.host}:{orders.port}\r\n"
            writer.write(f"{head}Connection: close\r\n{bearer}\r\n".encode())
            answer = await asyncio.wait_for(reader.read(-1), PATIENCE_S)
        finally:
            writer.close()
        status, _, rest = answer.partition(b"\r\n")
        if b" 200 " not in status:
            raise RuntimeError(f"{path}: {answer[:300]!r}")
        return rest.partition(b"\r\n\r\n")[2]


def tell(line: str) -> None:
    """Say a line to the process that started this one."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main() -> None:
    """Do what the two lines of the input say."""
    loop = asyncio.get_running_loop()
    told = loop.create_future()
    desktops = Desktops(Orders(**json.loads(sys.stdin.readline())))
    loop.add_reader(sys.stdin, lambda: told.done() or told.set_result(sys.stdin.readline()))
    await desktops.run(told)
    tell(json.dumps(asdict(desktops.seen)))


if __name__ == "__main__":
    asyncio.run(main())
