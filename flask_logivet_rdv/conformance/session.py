"""A session: LogiVet's part against one portal. It sends, records and judges."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

from .plan import Chapter, Step
from .rows import KINDS, Row
from .scene import Narrated, Scene
from .transcript import Act, Entry, Exchange, Outcome, Title, Transcript, Verdict
from .wire import AGENT, Answer, Request, exchange

OWN = ""
"""Stands for the session's own key."""
MOST_PAGES = 1000
"""Pages of 200: more than a clinic has of anything."""
Listener = Callable[[Entry], None]


class StepError(Exception):
    """A step cannot go on; the text says why."""


SURPRISES = (StepError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an answer that is not of the contract's shape ends a step with."""


class Session:
    """What LogiVet knows of a portal: its address, its key, the last token.

    `listener` is given each entry of the transcript as it comes.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        scene: Scene | None = None,
        rotate: bool = False,
        listener: Listener = lambda _: None,
    ) -> None:
        self.url, self.key, self.rotate = url, key, rotate
        self.scene: Scene | None = scene and Narrated(scene, lambda text: self._record(Act(text)))
        self.transcript, self._listener = Transcript(), listener
        self.token = self.cursor = ""
        self.today = datetime.now(UTC)
        self.new_key: str | None = None
        self.booked: list[str] = []
        self._run, self._numbers = secrets.token_hex(4), count(1)
        self._notices: list[str] = []
        self._waiting: dict[str, str] = {}
        self._sentences: Mapping[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = OWN,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request with the session's key, another one, or None; record and return it all.

        Raises OfflineError when no answer comes.
        """
        given = {"Accept": "application/json", "User-Agent": AGENT}
        used = self.key if key == OWN else key
        if used is not None:
            given["Authorization"] = f"Bearer {used}"
        if body is not None:
            given["Content-Type"] = "application/json"
        request = Request(method, path, body, given | dict(headers or {}))
        began = time.monotonic()
        got = exchange(self.url, request)
        answer = Answer(got.status, got.headers, got.body, time.monotonic() - began)
        self._record(Exchange(request, answer))
        return answer

    def get(self, path: str, *, key: str | None = OWN, **query: Any) -> Answer:
        """Send a GET with a query."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path, key=key)

    def meanwhile(self, work: Callable[[], Answer]) -> "Future[Answer]":
        """Begin to send something beside what follows."""
        pool = ThreadPoolExecutor(1)
        begun = pool.submit(work)
        pool.shutdown(wait=False)
        return begun

    def greet(self) -> Answer:
        """Say hello, and remember the token and the portal's day."""
        answer = self.get("/hello")
        self.token = answer.at("token") or ""
        with suppress(ValueError):  # the chapter of hello tells what is no instant
            self.today = datetime.fromisoformat(str(answer.at("server_time")))
        return answer

    def upload(
        self, *changes: Row, idempotency: str | None = None, token: str | None = None
    ) -> Answer:
        """Send changes with the last token and a fresh Idempotency-Key, unless others are given."""
        body = {"token": self.token if token is None else token, "changes": list(changes)}
        return self.post_changes(body, idempotency or self.name("upload"))

    def post_changes(self, body: Any, idempotency: str | None) -> Answer:
        """Send a body to `changes`, and remember the token of the answer."""
        headers = {} if idempotency is None else {"Idempotency-Key": idempotency}
        return self._token_of(self.send("POST", "/changes", body, headers=headers))

    def snapshot(self, *items: Row, kinds: Sequence[str] = KINDS, **window: str) -> Answer:
        """Send a whole snapshot, and return the answer to its commit."""
        opened = self.send("POST", "/snapshots", {"kinds": list(kinds), **window})
        path = f"/snapshots/{opened.at('id')}"
        parts = [items[n : n + 500] for n in range(0, len(items), 500)] or [()]
        for n, part in enumerate(parts, start=1):
            self.send("PUT", f"{path}/parts/{n}", {"items": list(part)})
        return self.commit(path, len(parts))

    def commit(self, path: str, parts: int) -> Answer:
        """Commit a snapshot, and remember the token of the answer."""
        return self._token_of(self.send("POST", f"{path}/commit", {"parts": parts}))

    def caught_up(self) -> str:
        """Read the feed on to its end, and return the cursor there. Raises StepError."""
        self.cursor = self.cursor or str(self.greet().at("cursor"))
        for _ in range(MOST_PAGES):
            page = self.get("/events", cursor=self.cursor)
            self.cursor = page.at("cursor") or self.cursor
            self._notices += [e["at"] for e in page.at("events") or [] if e["type"] == "notice"]
            if not page.at("has_more"):
                return self.cursor
        raise StepError("the feed does not end")

    def noticed_lately(self) -> bool:
        """Tell whether a notice of the last hour was read in the feed."""
        return any(at > self.instant_before(hours=1) for at in self._notices)

    def events(self, cursor: str) -> list[dict[str, Any]]:
        """Return the events after a cursor."""
        return self.get("/events", cursor=cursor).at("events") or []

    def bookings(self, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield all bookings, page by page. Raises StepError."""
        for page in range(1, MOST_PAGES):
            answer = self.get("/bookings", page=page, **query)
            yield from answer.at("bookings") or []
            if not answer.at("has_more"):
                return
            query["as_of"] = answer.at("as_of")
        raise StepError("the bookings do not end")

    def instant(self, days: int, clock: str = "00:00") -> str:
        """Return an instant so many days from the portal's today, as ``2026-03-18T13:30:00Z``."""
        return f"{self.today + timedelta(days=days):%Y-%m-%d}T{clock}:00Z"

    def instant_before(self, hours: int) -> str:
        """Return the instant so many hours before the portal's now."""
        return f"{self.today - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"

    def name(self, of: str) -> str:
        """Return a name that this run and no other has given."""
        return f"{of}-{self._run}-{next(self._numbers)}"

    def holds(self, check: str, came: Any, expected: Any = True) -> None:
        """Judge a check of the step being played: what came is what was expected, or not."""
        outcome = Outcome.HOLDS if came == expected else Outcome.FAILS
        self._judge(check, outcome, expected=expected, came=came)

    def untried(self, check: str, reason: str) -> None:
        """Tell why a check of the step being played could not be tried."""
        self._judge(check, Outcome.UNTRIED, reason=reason)

    def title(self, text: str) -> None:
        """Begin a part of the record."""
        self._record(Title(text))

    def play(self, chapter: Chapter) -> None:
        """Play a chapter. Raises OfflineError."""
        self.title(chapter.title)
        if any(step.hindrance(self) is None for step in chapter.steps):
            self.greet()
        for step in chapter.steps:
            self._play(step)

    def _play(self, step: Step) -> None:
        self._waiting = {name.rpartition(".")[2]: name for name in step.checks}
        self._sentences = step.checks
        hindrance = step.hindrance(self)
        if hindrance is not None:
            for check in list(self._waiting):
                self.untried(check, hindrance)
            return
        ended = "the step never came to it"
        try:
            step.play(self)
        except SURPRISES as error:
            ended = f"the step ended before: {error or type(error).__name__}"
        for check in list(self._waiting):
            self._judge(check, Outcome.FAILS, expected="to be tried", came=ended)

    def _judge(self, check: str, outcome: Outcome, **found: Any) -> None:
        name = self._waiting.pop(check)
        self._record(Verdict(name, self._sentences[name], outcome, **found))

    def _token_of(self, answer: Answer) -> Answer:
        self.token = answer.at("token") or self.token
        return answer

    def _record(self, entry: Entry) -> None:
        self.transcript.entries.append(entry)
        self._listener(entry)
