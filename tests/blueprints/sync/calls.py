"""What LogiVet sends, and how it reads the answers."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PREFIX = "/api/logivet/v1"


@dataclass
class Desktop:
    """A LogiVet with the key of a clinic: what it sends and what it is answered."""

    client: FlaskClient
    key: str
    _numbers: Any = field(default_factory=count)

    def get(self, path: str, **kw: Any) -> TestResponse:
        return self.client.get(PREFIX + path, headers=self._headers(), **kw)

    def post(self, body: Any, headers: dict[str, str] | None = None) -> TestResponse:
        """Post to `changes` a body: bytes or text as they are, anything else as JSON."""
        sent = body if isinstance(body, bytes | str) else json.dumps(body)
        key = {"Idempotency-Key": f"upload-{next(self._numbers)}"}
        given = self._headers() | {"Content-Type": "application/json"} | key | (headers or {})
        kept = {name: value for name, value in given.items() if value is not None}
        return self.client.post(f"{PREFIX}/changes", data=sent, headers=kept)

    def send(self, method: str, path: str, body: Any) -> TestResponse:
        """Send a body as JSON to any other address."""
        return self.client.open(PREFIX + path, method=method, json=body, headers=self._headers())

    def snapshot(self, *items: dict[str, Any], part_size: int = 500, **opened: Any) -> TestResponse:
        """Send a whole snapshot, of all kinds unless told, and return the answer to its commit."""
        opened = {"kinds": ["category", "species", "resource", "busy"]} | opened
        path = f"/snapshots/{self.send('POST', '/snapshots', opened).json['id']}"
        parts = [items[n : n + part_size] for n in range(0, len(items), part_size)] or [()]
        for n, part in enumerate(parts, start=1):
            answer = self.send("PUT", f"{path}/parts/{n}", {"items": list(part)})
            assert answer.status_code == 204, answer.text
        return self.send("POST", f"{path}/commit", {"parts": len(parts)})

    def upload(self, *changes: dict[str, Any]) -> TestResponse:
        """Post changes with the token that `hello` gives."""
        return self.post({"token": self.hello()["token"], "changes": list(changes)})

    def hello(self) -> dict[str, Any]:
        return self.get("/hello").json

    def events(self, cursor: str | None = None, **asked: Any) -> TestResponse:
        query = {"cursor": cursor or self.hello()["cursor"]} | asked
        return self.get("/events", query_string=query)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def upsert(kind: str, row: str, version: int, **data: Any) -> dict[str, Any]:
    return {"op": "upsert", "kind": kind, "id": row, "version": version, "data": data}


def item(change: dict[str, Any]) -> dict[str, Any]:
    """A row of a snapshot, from its upsert."""
    return {name: value for name, value in change.items() if name != "op"}


def delete(kind: str, row: str, version: int) -> dict[str, Any]:
    return {"op": "delete", "kind": kind, "id": row, "version": version}


def busy(row: str, begins: str, ends: str, version: int = 1, **data: Any) -> dict[str, Any]:
    """A busy range of Dr Dolittle between two wall times of Wednesday, March 18, 2026."""
    begins, ends = (clock if clock.count(":") > 1 else f"{clock}:00" for clock in (begins, ends))
    given = {
        "resource_id": "r2",
        "type": "appointment",
        "start": f"2026-03-18T{begins}-04:00",
        "end": f"2026-03-18T{ends}-04:00",
    }
    return upsert("busy", row, version, **(given | data))


def assert_problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    problem = json.loads(answer.data)
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert problem["status"] == status
    assert {"type", "title", "detail", "instance"} <= problem.keys()
    return problem
