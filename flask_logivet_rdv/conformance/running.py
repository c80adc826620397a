"""A run: the clinic is looked at, the chapters are played, the clinic is left empty."""

from collections.abc import Sequence

from .plan import Chapter
from .session import Session
from .transcript import Transcript
from .wire import OfflineError


class RefusedError(Exception):
    """The run does not begin; the text says why."""


def run(s: Session, chapters: Sequence[Chapter], *, force: bool = False) -> Transcript:
    """Play chapters against an empty clinic, any clinic with `force`, and return the record.

    Raises RefusedError before anything is written, and OfflineError when no answer comes.
    """
    s.title("Before anything is written")
    _look(s, force=force)
    s.title("The clinic is emptied")
    opened = s.snapshot()
    if opened.status != 200:
        raise RefusedError(
            f"The clinic cannot be emptied ({opened.status}): the key needs the scopes"
            " events:read and agenda:write."
        )
    _keep_scene_of_this_portal(s)
    try:
        for chapter in chapters:
            s.play(chapter)
    finally:
        _leave(s)
    return s.transcript


def _look(s: Session, *, force: bool) -> None:
    hello = s.greet()
    if hello.status == 401:
        raise RefusedError("The portal refuses the key (401).")
    if hello.at("protocol") != 1:
        raise RefusedError(
            f"This is not the base address of a portal: /hello answers {hello.status}."
        )
    if hello.at("subscription") != "active":
        raise RefusedError("The clinic's subscription is not active.")
    events = s.get("/events", cursor=hello.at("cursor"), limit=1)
    bookings = s.get("/bookings")
    if 403 in (events.status, bookings.status):
        raise RefusedError("The key needs the scopes events:read and agenda:write.")
    never_uploaded = s.token.endswith(":0")
    empty = never_uploaded and events.at("events") == [] and bookings.at("bookings") == []
    if not empty and not force:
        raise RefusedError(
            "The clinic is not empty: it has had uploads, events or bookings. A run overwrites"
            " its catalogue and its agenda; to have that, say --force."
        )


def _keep_scene_of_this_portal(s: Session) -> None:
    """Do without the scene where a key that it makes is not known at the address.

    The database may be a copy of the portal's: acting on it would prove nothing.
    """
    if s.scene is None:
        return
    scene, key = s.scene, s.scene.create_key()
    if s.get("/hello", key=key).status != 200:
        s.scene = None
    scene.revoke_key(key)


def _leave(s: Session) -> None:
    """Cancel what was booked and empty the clinic, as far as the portal still answers."""
    s.title("The clinic is left empty")
    try:
        for booking_id in s.booked:
            body = {"reason": "", "notify_client": False}
            s.send("POST", f"/bookings/{booking_id}/cancel", body)
        s.snapshot()
    except OfflineError:
        return
