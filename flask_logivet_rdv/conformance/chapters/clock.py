"""`X-Client-Time`: LogiVet's clock beside the portal's."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.wire import Answer

chapter = Chapter("clock", "The clock")


@chapter.step(
    right="A clock less than 5 minutes off makes nothing.",
    never_refused="LogiVet may send `X-Client-Time`; a skew over 5 minutes is never a refusal.",
    noticed="It produces a `notice`.",
    portal_decides="The portal's clock alone decides: what it tells is its own time.",
    not_a_time="What is no time is left alone.",
)
def skewed(s: Session) -> None:
    cursor, recent = s.caught_up(), s.noticed_lately()
    now = s.today
    told = _hello_at(s, now - timedelta(minutes=4)), s.events(cursor)
    s.holds("right", (told[0].status, told[1]), (200, []))
    s.holds("not_a_time", s.send("GET", "/hello", headers={"X-Client-Time": "noon"}).status, 200)
    off = _hello_at(s, now - timedelta(hours=3))
    s.holds("never_refused", off.status, 200)
    s.holds("portal_decides", (_moment(off) - now).total_seconds() < 60)
    types = [event.get("type") for event in s.events(cursor)]
    if recent and not types:
        s.untried("noticed", "the clinic was sent notices in the last hour, maybe of its clock")
    else:
        s.holds("noticed", types, ["notice"])


def _hello_at(s: Session, moment: datetime) -> Answer:
    header = format_datetime(moment.astimezone(UTC), usegmt=True)
    return s.send("GET", "/hello", headers={"X-Client-Time": header})


def _moment(answer: Answer) -> datetime:
    try:
        return datetime.fromisoformat(str(answer.at("server_time")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
