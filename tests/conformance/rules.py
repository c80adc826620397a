"""The rules of the contract, each broken in a way of its own, and the check that finds it."""

import itertools
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.conformance.wrong import Answered, Asked, Right, Rule

BROKEN: dict[str, Callable[[], Rule]] = {}
"""For each check that must fail, what makes a fresh portal that breaks its rule."""


def breaks(check: str) -> Callable[[Callable[[], Rule]], Callable[[], Rule]]:
    def noted(make: Callable[[], Rule]) -> Callable[[], Rule]:
        assert check not in BROKEN
        BROKEN[check] = make
        return make

    return noted


def always(rule: Rule) -> Callable[[], Rule]:
    """A portal without a memory of its own."""
    return lambda: rule


def answer(check: str, path: str, *, to: int, say: Callable[[Asked, Any], Any], status: int = 0):
    """Break a rule by what is said on a path (a pattern) where the answer is the status `to`."""

    def rule(right: Right, asked: Asked) -> Answered:
        done = right(asked)
        if done.status == to and re.fullmatch(rf"\w+ /api/logivet/v1{path}", _line(asked)):
            return done.saying(say(asked, done.json), status or to)
        return done

    breaks(check)(always(rule))


def _line(asked: Asked) -> str:
    return f"{asked.method} {asked.path}"


def _applied(asked: Asked, _problem: Any) -> Any:
    changes = asked.json["changes"]
    results = [{"kind": c["kind"], "id": c["id"], "status": "applied"} for c in changes]
    return {"token": asked.json["token"], "results": results, "conflicts": []}


def _echoed(asked: Asked, problem: Any) -> Any:
    return problem | {"detail": f"{problem['detail']} {asked.body.decode()}"}


def _of_library(_asked: Asked, problem: Any) -> Any:
    return problem | {"errors": [e | {"url": "https://a.b/c"} for e in problem.get("errors", [])]}


def _without(*names: str) -> Callable[[Asked, Any], Any]:
    return lambda _, said: {name: value for name, value in said.items() if name not in names}


def _with(**members: Any) -> Callable[[Asked, Any], Any]:
    return lambda _, said: said | members


def _with_gaps(_asked: Asked, said: Any) -> Any:
    return said | {"events": [e | {"seq": e["seq"] * 2} for e in said["events"]]}


def _new_ids(_asked: Asked, said: Any) -> Any:
    return said | {"events": [e | {"id": str(uuid.uuid4())} for e in said["events"]]}


def _first_bad_item(_asked: Asked, said: Any) -> Any:
    return said | {"errors": said.get("errors", [])[:1]}


def _booking(**members: Any) -> Callable[[Asked, Any], Any]:
    return lambda _, said: {"booking": said["booking"] | members}


def _no_conflict_events(_asked: Asked, said: Any) -> Any:
    return said | {"events": [e for e in said["events"] if e["type"] != "booking.conflict"]}


EMPTY = {"events": [], "cursor": "0:0", "has_more": False, "server_time": "", "poll_after_s": 0}
EVENTS, CHANGES, COMMIT = r"/events.*", "/changes", "/snapshots/.*/commit"

answer("changes.stale_token", CHANGES, to=409, say=_applied, status=200)
answer("changes.every_bad_item", CHANGES, to=422, say=_first_bad_item)
answer("errors.no_echo", CHANGES, to=422, say=_echoed)
answer("errors.no_urls", CHANGES, to=422, say=_of_library)
answer("errors.members", EVENTS, to=410, say=_without("code"))
answer("hello.limits", "/hello", to=200, say=_without("limits"))
answer("hello.members", "/hello", to=200, say=_with(debug=True))
answer("transport.read_only", "/keys/rotate", to=403, say=lambda *_: {}, status=200)
answer("transport.utc", "/hello", to=200, say=_with(server_time="2026-03-16T10:00:00-04:00"))
answer("transport.endpoints", "/openapi.json", to=200, say=_with(paths={}))
answer("events.asking", "/hello", to=200, say=_with(acknowledged="0:0"))
answer("events.from_the_future", EVENTS, to=410, say=lambda *_: EMPTY, status=200)
answer("events.in_order", EVENTS, to=200, say=_with_gaps)
answer("events.ids", EVENTS, to=200, say=_new_ids)
answer("events.unknown_booking", EVENTS, to=200, say=_with(events=[]))
answer("snapshots.opened", "/snapshots", to=201, say=_with(part_size=200))
answer("snapshots.unknown", "/snapshots/.*", to=404, say=lambda *_: {}, status=200)
answer("bookings.needs_as_of", "/bookings.*", to=422, say=lambda *_: {}, status=200)
answer("agenda.accepted", CHANGES, to=200, say=_with(conflicts=[]))
answer("agenda.conflict_event", EVENTS, to=200, say=_no_conflict_events)
answer("actions.taken", "/bookings/.*/move", to=409, say=lambda *_: {}, status=200)
answer("actions.cancelled", "/bookings/.*/cancel", to=200, say=_booking(cancelled_by="client"))


@breaks("errors.problem_json")
@always
def pages_for_errors(right: Right, asked: Asked) -> Answered:
    done = right(asked)
    if done.status in (404, 405):
        return replace(done, headers={"content-type": "text/html"}, body=b"<h1>Not here</h1>")
    return done


@breaks("transport.in_query")
@always
def takes_a_key_in_the_address(right: Right, asked: Asked) -> Answered:
    path, _, key = asked.path.partition("?key=")
    headers = asked.headers | ({"authorization": f"Bearer {key}"} if key else {})
    return right(replace(asked, path=path, headers=headers))


@breaks("transport.wrong_secret")
def knows_keys_by_their_id_alone() -> Rule:
    known: dict[str, str] = {}

    def rule(right: Right, asked: Asked) -> Answered:
        key = asked.headers.get("authorization", "").removeprefix("Bearer ")
        key_id = key[: key.rfind("_", 0, 24)]
        known.setdefault(key_id, key)
        given = {"authorization": f"Bearer {known[key_id]}"} if key else {}
        return right(replace(asked, headers=asked.headers | given))

    return rule


@breaks("idempotency.same_reply")
@always
def forgets_what_it_answered(right: Right, asked: Asked) -> Answered:
    fresh = {"idempotency-key": uuid.uuid4().hex} if "idempotency-key" in asked.headers else {}
    return right(replace(asked, headers=asked.headers | fresh))


@breaks("idempotency.other_body")
def replays_whatever_the_body() -> Rule:
    kept: dict[str, Answered] = {}

    def rule(right: Right, asked: Asked) -> Answered:
        key = asked.headers.get("idempotency-key", "")
        if key not in kept:
            done = right(asked)
            if done.status != 200 or not key:
                return done
            kept[key] = done
        return kept[key]

    return rule


@breaks("idempotency.conflict_not_stored")
def replays_a_409() -> Rule:
    kept: dict[str, Answered] = {}

    def rule(right: Right, asked: Asked) -> Answered:
        key = asked.headers.get("idempotency-key", "")
        done = kept.get(key) or right(asked)
        if done.status == 409 and key:
            kept[key] = done
        return done

    return rule


def newest_wins() -> Rule:
    """Each change is sent on with a version greater than all before it."""
    versions = itertools.count(1000)

    def rule(right: Right, asked: Asked) -> Answered:
        body = asked.json
        if asked.path.endswith(CHANGES) and isinstance(body, dict) and body.get("changes"):
            body["changes"] = [change | {"version": next(versions)} for change in body["changes"]]
            return right(asked.saying(body))
        return right(asked)

    return rule


for found in ("versions.older", "versions.equal", "versions.tombstone", "versions.reordered"):
    breaks(found)(newest_wins)


@breaks("snapshots.again")
def forgets_a_commit() -> Rule:
    done: set[str] = set()

    def rule(right: Right, asked: Asked) -> Answered:
        answered = right(asked)
        if asked.path.endswith("/commit") and asked.path in done:
            return answered.saying({}, 404)
        if asked.path.endswith("/commit") and answered.status == 200:
            done.add(asked.path)
        return answered

    return rule


@breaks("snapshots.window")
@always
def deletes_outside_the_window(right: Right, asked: Asked) -> Answered:
    if asked.path.endswith("/snapshots") and isinstance(asked.json, dict):
        return right(asked.saying({"kinds": asked.json["kinds"]}))
    return right(asked)


@breaks("events.woken")
@always
def wakes_nobody(right: Right, asked: Asked) -> Answered:
    wait = re.search(r"wait=(\d+)", asked.path)
    if wait is None:
        return right(asked)
    once = replace(asked, path=asked.path.replace(wait[0], "wait=0"))
    done = right(once)
    if done.status == 200 and not done.json["events"]:
        time.sleep(min(int(wait[1]), 25))
        done = right(once)
        return done.saying(done.json | {"poll_after_s": 0})
    return done


@breaks("events.clamped")
@always
def refuses_large_limits(right: Right, asked: Asked) -> Answered:
    if "limit=1000" in asked.path:
        return right(replace(asked, path=asked.path.replace("limit=1000", "limit=x")))
    return right(asked)


@breaks("clock.never_refused")
@always
def refuses_a_wrong_clock(right: Right, asked: Asked) -> Answered:
    done = right(asked)
    return done.saying({}, 400) if "x-client-time" in asked.headers else done


@breaks("clock.noticed")
@always
def does_not_look_at_the_clock(right: Right, asked: Asked) -> Answered:
    kept = {name: value for name, value in asked.headers.items() if name != "x-client-time"}
    return right(replace(asked, headers=kept))


@breaks("agenda.vanished")
@always
def a_vanished_mirror_cancels(right: Right, asked: Asked) -> Answered:
    """The bookings are told cancelled once the full state is read after a delete."""
    done = right(asked)
    if "/bookings" in asked.path and done.status == 200:
        said = done.json
        told = [held | {"status": "cancelled"} for held in said.get("bookings", [])]
        return done.saying(said | {"bookings": told})
    return done


@breaks("actions.move_again")
@always
def moves_again(right: Right, asked: Asked) -> Answered:
    done = right(asked)
    if asked.path.endswith("/move") and done.status == 200:
        stamp = {"version": time.monotonic_ns()}
        return done.saying({"booking": done.json["booking"] | stamp})
    return done


@breaks("rotation.both_work")
def ends_the_old_key_at_once() -> Rule:
    used: dict[str, str] = {}

    def rule(right: Right, asked: Asked) -> Answered:
        key = asked.headers.get("authorization", "")
        done = right(asked)
        if used.get(key) and asked.path.endswith("/hello"):
            return done.saying({}, 401)
        if asked.path.endswith("/keys/rotate") and done.status == 200:
            used[key] = "rotated"
        return done

    return rule


@breaks("rotation.ends")
@always
def ends_it_in_a_minute(right: Right, asked: Asked) -> Answered:
    done = right(asked)
    if asked.path.endswith("/keys/rotate") and done.status == 200:
        return done.saying(done.json | {"expires_at": "2026-03-16T14:01:00Z"})
    return done
