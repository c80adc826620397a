"""`GET /hello`: who is there, and where an upload and a reading go on."""

from datetime import UTC, datetime

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.session import Session

chapter = Chapter("hello", "hello")
MEMBERS = [
    "acknowledged", "clinic", "cursor", "limits", "protocol", "server_time", "subscription",
    "token",
]  # fmt: skip
LIMITS = {
    "changes_per_request": 500,
    "bytes_per_request": 524288,
    "events_per_page": 200,
    "wait_s": 25,
    "snapshot_parts": 1000,
}


@chapter.step(
    protocol="`protocol` is 1.",
    members="It tells `server_time`, `clinic`, `subscription`, `token`, `cursor`, `acknowledged`"
    " and `limits`.",
    clinic="`clinic` has its `name`, its `time_zone` and its `locale`, `fr` or `en`.",
    subscription="`subscription` is `active`.",
    limits="`limits`: 500 changes and 524288 bytes a request, 200 events a page, 25 s, 1000 parts.",
    server_time="`server_time` is an instant.",
)
def greeted(s: Session) -> None:
    hello = s.get("/hello")
    s.holds("protocol", hello.at("protocol"), 1)
    s.holds("members", sorted(hello.json or {}), MEMBERS)
    clinic = hello.at("clinic") or {}
    known = {name: bool(clinic.get(name)) for name in ("name", "time_zone")}
    known["locale"] = clinic.get("locale") in ("fr", "en")
    s.holds("clinic", known, {"name": True, "time_zone": True, "locale": True})
    s.holds("subscription", hello.at("subscription"), "active")
    s.holds("limits", hello.at("limits"), LIMITS)
    s.holds("server_time", _is_instant(hello.at("server_time")))


@chapter.step(
    cursor="`cursor` is the oldest one that still works, from which everything is read again.",
    steady="Asked again, `hello` changes neither `token` nor `cursor`.",
)
def where_to_go_on(s: Session) -> None:
    first, second = s.get("/hello"), s.get("/hello")
    read = s.get("/events", cursor=first.at("cursor"))
    s.holds("cursor", read.status, 200)
    places = [(hello.status, hello.at("token"), hello.at("cursor")) for hello in (first, second)]
    s.holds("steady", places[1], (200, *places[0][1:]))


def _is_instant(text: object) -> bool:
    try:
        return datetime.fromisoformat(str(text)).utcoffset() == UTC.utcoffset(None)
    except ValueError:
        return False
