"""`POST /keys/rotate`: a new key; the old one goes on for a day."""

from datetime import UTC, datetime, timedelta

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.wire import Answer

chapter = Chapter("rotation", "keys/rotate")
DAY = timedelta(hours=24)


def _hindrance(s: Session) -> str | None:
    if s.scene is not None or s.rotate:
        return None
    return "the key handed in would end within 24 h: ask for it with --rotate"


@chapter.unless(
    _hindrance,
    new_key="`POST /keys/rotate` answers a new key, `rdv_<key id>_<secret>`.",
    ends="It tells when the old one ends: 24 h later.",
    both_work="Two keys are valid during a rotation: the new one and the old one.",
    same_scopes="The new key has the scopes of the old one.",
    lost_answer="Asked again because the answer was lost, it gives another, as long as the new"
    " one was not used; the lost one is revoked.",
    in_use="Once the new one is in use, the old one no longer rotates: 409.",
)
def rotate(s: Session) -> None:
    key = s.scene.create_key("events:read", "agenda:write") if s.scene else s.key
    lost, done = (s.send("POST", "/keys/rotate", key=key) for _ in range(2))
    new = str(done.at("key"))
    s.holds("new_key", (done.status, new[:4], new != key), (200, "rdv_", True))
    s.holds("ends", abs(_ends(done) - s.today - DAY) < timedelta(minutes=10))
    s.holds("lost_answer", s.get("/hello", key=str(lost.at("key"))).status, 401)
    statuses = [s.get("/hello", key=used).status for used in (new, key)]
    s.holds("both_work", statuses, [200, 200])
    read, wrote = s.get("/bookings", key=new), s.send("POST", "/snapshots", b"{}", key=new)
    s.holds("same_scopes", [read.status, wrote.status], [200, 422])
    s.holds("in_use", s.send("POST", "/keys/rotate", key=key).status, 409)
    if s.scene:
        for used in (key, new):
            s.scene.revoke_key(used)
    else:
        s.new_key = s.key = new


chapter.beyond("it takes 24 hours", ended="The old key ends after 24 h.")


def _ends(answer: Answer) -> datetime:
    try:
        return datetime.fromisoformat(str(answer.at("expires_at")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
