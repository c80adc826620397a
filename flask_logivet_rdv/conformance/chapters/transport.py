"""Transport and keys: who is let in, and in what form everything is said."""

from typing import Any

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import catalogue
from flask_logivet_rdv.conformance.scene import Scene
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.wire import Answer, at

chapter = Chapter("transport", "Transport and keys")
READ, WRITE = "events:read", "agenda:write"
NOBODYS = "00000000-0000-4000-8000-000000000000"
MOVE = {
    "resource_id": "5",
    "start": "2030-03-18T17:30:00Z",
    "end": "2030-03-18T18:00:00Z",
    "notify_client": False,
}
READING = (("GET", "/events?cursor=0:0", None), ("GET", "/bookings", None))
WRITING = (
    ("POST", "/changes", {"token": "", "changes": []}),
    ("POST", "/snapshots", {"kinds": ["busy"]}),
    ("POST", f"/bookings/{NOBODYS}/cancel", {"notify_client": False}),
    ("POST", f"/bookings/{NOBODYS}/move", MOVE),
    ("POST", "/keys/rotate", None),
)
ENDPOINTS = {
    "/hello": ["get"],
    "/changes": ["post"],
    "/snapshots": ["post"],
    "/snapshots/{}/parts/{}": ["put"],
    "/snapshots/{}/commit": ["post"],
    "/events": ["get"],
    "/bookings": ["get"],
    "/bookings/{}/cancel": ["post"],
    "/bookings/{}/move": ["post"],
    "/keys/rotate": ["post"],
}
WITH_BODY = (
    "/changes",
    "/snapshots",
    "/snapshots/{}/parts/{}",
    "/snapshots/{}/commit",
    "/bookings/{}/cancel",
    "/bookings/{}/move",
)


@chapter.step(
    bearer="`Authorization: Bearer rdv_<key id>_<secret>` lets LogiVet in.",
    json="JSON in and out, UTF-8.",
    utc="Times are UTC `Z` on the way out.",
)
def let_in(s: Session) -> None:
    answer = s.get("/hello")
    s.holds("bearer", answer.status, 200)
    told = answer.media_type, type(answer.at("clinic", "name")).__name__
    s.holds("json", told, ("application/json", "str"))
    s.holds("utc", str(answer.at("server_time"))[-1:], "Z")


@chapter.step(
    no_key="401: without a key nobody is let in.",
    unknown_key="401: a key is looked up by its key id, an unknown one is refused.",
    wrong_secret="401: the key id without its secret is refused.",
    other_scheme="401: a key is presented as `Bearer` and in no other way.",
    in_query="A key is never accepted in a query string.",
)
def kept_out(s: Session) -> None:
    head, key_id, secret = s.key.split("_", 2)
    s.holds("no_key", s.get("/hello", key=None).problem, (401, "invalid_key"))
    unknown = f"{head}_{key_id[::-1]}0_{secret}"
    s.holds("unknown_key", s.get("/hello", key=unknown).problem, (401, "invalid_key"))
    wrong = f"{head}_{key_id}_{secret[:-8]}{'A' * 8}"
    s.holds("wrong_secret", s.get("/hello", key=wrong).problem, (401, "invalid_key"))
    basic = s.send("GET", "/hello", key=None, headers={"Authorization": f"Basic {s.key}"})
    s.holds("other_scheme", basic.problem, (401, "invalid_key"))
    query = s.send("GET", f"/hello?key={s.key}", key=None)
    s.holds("in_query", query.status in (400, 401))


@chapter.step(
    clinic="The clinic comes from the key, never from the body: one that names a clinic is"
    " refused.",
)
def whose_key(s: Session) -> None:
    body = {"token": s.token, "changes": [], "clinic": NOBODYS}
    s.holds("clinic", s.post_changes(body, s.name("clinic")).problem, (422, "invalid"))


@chapter.step(
    open="OpenAPI at `GET /openapi.json`, no key needed.",
    version="It is OpenAPI 3.1.",
    endpoints="It is complete: every endpoint.",
    statuses="It is complete: at every endpoint its success, 400, 401 and 503.",
    examples="It is complete: an example of every body that is sent.",
)
def described(s: Session) -> None:
    document = s.get("/openapi.json", key=None)
    s.holds("open", document.status, 200)
    s.holds("version", str(document.at("openapi"))[:4], "3.1.")
    found = _operations(document)
    told = sorted((path, method) for path, method, _ in found)
    s.holds("endpoints", told, sorted((p, m) for p, ms in ENDPOINTS.items() for m in ms))
    complete = {path for path, _, operation in found if _tells_statuses(operation)}
    s.holds("statuses", sorted(complete), sorted(ENDPOINTS))
    sample = "requestBody", "content", "application/json", "example"
    exemplified = {path for path, _, operation in found if at(operation, *sample)}
    s.holds("examples", sorted(exemplified), sorted(WITH_BODY))


@chapter.staged(
    read_scope="Scope `events:read` opens `events` and `bookings`.",
    read_only="403: without `agenda:write`, no `changes`, `snapshots`, `cancel`, `move`, `rotate`.",
    write_scope="Scope `agenda:write` opens `changes`.",
    write_only="403: without `events:read`, neither `events` nor `bookings`.",
    hello_needs_none="`hello` needs no scope.",
)
def scopes(s: Session, scene: Scene) -> None:
    reader, writer, none = scene.create_key(READ), scene.create_key(WRITE), scene.create_key()
    cursor = s.greet().at("cursor")
    opened = s.get("/events", key=reader, cursor=cursor), s.get("/bookings", key=reader)
    s.holds("read_scope", [answer.status for answer in opened], [200, 200])
    s.holds("read_only", _refused(s, WRITING, reader), {})
    body = {"token": s.token, "changes": [catalogue("category", s.name("scoped"))]}
    headers = {"Idempotency-Key": s.name("scoped")}
    sent = s.send("POST", "/changes", body, key=writer, headers=headers)
    s.holds("write_scope", sent.status, 200)
    s.holds("write_only", _refused(s, READING, writer), {})
    greeted = [s.get("/hello", key=key).status for key in (reader, writer, none)]
    s.holds("hello_needs_none", greeted, [200, 200, 200])
    for key in (reader, writer, none):
        scene.revoke_key(key)


@chapter.staged(revoked="Revocation acts at the next request.")
def revocation(s: Session, scene: Scene) -> None:
    key = scene.create_key(READ, WRITE)
    before = s.get("/hello", key=key)
    scene.revoke_key(key)
    after = s.get("/hello", key=key)
    s.holds("revoked", (before.status, after.status), (200, 401))


@chapter.staged(
    inactive_told="`hello` tells that the subscription is inactive.",
    inactive_refused="403 with an inactive subscription on `changes` and `snapshots`.",
    inactive_answers="`hello`, `events`, `bookings` go on answering.",
    active_again="Active again, it is as before.",
)
def subscription(s: Session, scene: Scene) -> None:
    cursor = s.greet().at("cursor")
    scene.subscribe(False)
    try:
        greeted = s.greet()
        s.holds("inactive_told", greeted.at("subscription"), "inactive")
        sent = s.upload(), s.send("POST", "/snapshots", {"kinds": ["busy"]})
        refused = (403, "subscription_inactive")
        s.holds("inactive_refused", [answer.problem for answer in sent], [refused, refused])
        read = greeted, s.get("/events", cursor=cursor), s.get("/bookings")
        s.holds("inactive_answers", [answer.status for answer in read], [200, 200, 200])
    finally:
        scene.subscribe(True)
    s.holds("active_again", s.greet().at("subscription"), "active")


@chapter.unless(
    lambda s: None if s.url.startswith("https:") else "the address that was given is not",
    https="HTTPS in production.",
)
def encrypted(s: Session) -> None:
    s.holds("https", s.get("/hello").status, 200)


chapter.beyond(
    "it is seen in the clinic's account alone",
    last_use="Last use (time, address, client version from `User-Agent`) is recorded and shown on"
    " the account page.",
)


def _operations(document: Answer) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the operations of the document: path below the base, variables unnamed, method."""
    found = []
    for path, methods in (document.at("paths") or {}).items():
        pattern = "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
        below = max((rule for rule in ENDPOINTS if pattern.endswith(rule)), key=len, default=path)
        found += [(below, method, operation) for method, operation in methods.items()]
    return found


def _tells_statuses(operation: dict[str, Any]) -> bool:
    codes = {*operation.get("responses", {})}
    return {"400", "401", "503"} <= codes and any(code.startswith("2") for code in codes)


def _refused(
    s: Session, calls: tuple[tuple[str, str, object], ...], key: str
) -> dict[str, tuple[int, object]]:
    """Return what was answered otherwise than by 403 `missing_scope`, by path."""
    answers = {
        path: s.send(
            method, path, body, key=key, headers={"Idempotency-Key": s.name("scope")}
        ).problem
        for method, path, body in calls
    }
    return {path: got for path, got in answers.items() if got != (403, "missing_scope")}
