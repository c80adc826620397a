"""`Idempotency-Key`: what is sent again is done once."""

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import busy, catalogue
from flask_logivet_rdv.conformance.session import Session

chapter = Chapter("idempotency", "Idempotency")


@chapter.step(
    required="`Idempotency-Key` is required (422 without).",
    visible="It has 1–200 visible ASCII characters.",
)
def the_header(s: Session) -> None:
    body = {"token": s.token, "changes": [catalogue("category", s.name("keyed"))]}
    s.holds("required", s.post_changes(body, None).problem, (422, "invalid"))
    wrong = [s.post_changes(body, key).status for key in ("k" * 201, "two words", "cl\xe9")]
    longest = s.post_changes(body, s.name("k").ljust(200, "~")).status
    s.holds("visible", [*wrong, longest], [422, 422, 422, 200])


@chapter.step(
    same_reply="The same key with the same body gives the stored reply.",
    applied_once="It is applied once: the token stays.",
    other_body="The same key with another body answers 422 `idempotency_key_reuse`.",
    per_key="Another key is another request.",
)
def sent_again(s: Session) -> None:
    key, first = s.name("again"), catalogue("category", s.name("once"))
    body = {"token": s.token, "changes": [first]}
    done, again = s.post_changes(body, key), s.post_changes(body, key)
    s.holds("same_reply", (again.status, again.json), (200, done.json))
    s.holds("applied_once", (done.status, s.greet().at("token")), (200, done.at("token")))
    other = {"token": s.token, "changes": [catalogue("category", s.name("other"))]}
    s.holds("other_body", s.post_changes(other, key).problem, (422, "idempotency_key_reuse"))
    s.holds("per_key", s.post_changes(other, s.name("fresh")).status, 200)


@chapter.step(
    conflict_not_stored="Other answers than 200 are not stored: a 409 is never replayed.",
    invalid_not_stored="Nor is a 422.",
)
def refusals_are_not_kept(s: Session) -> None:
    key, change = s.name("refused"), catalogue("category", s.name("kept"))
    missed = s.upload(change, idempotency=key, token="0:0")
    then = s.upload(change, idempotency=key)
    s.holds("conflict_not_stored", (missed.status, then.status), (409, 200))
    key = s.name("refused")
    wrong = s.upload(change | {"id": ""}, idempotency=key)
    right = s.upload(catalogue("category", s.name("kept")), idempotency=key)
    s.holds("invalid_not_stored", (wrong.status, right.status), (422, 200))


@chapter.step(
    in_flight="While the first is still running, the same key answers 409 `in_flight` with"
    " `retry_after_s`, or else the stored reply.",
    raced_once="Sent twice at once, it is applied once.",
)
def sent_twice_at_once(s: Session) -> None:
    start, end, key = s.instant(13, "15:00"), s.instant(13, "15:30"), s.name("race")
    rows = [busy(s.name("raced"), start, end) for _ in range(400)]
    body = {"token": s.token, "changes": rows}
    begun = s.meanwhile(lambda: s.post_changes(body, key))
    answers = [s.post_changes(body, key), begun.result()]
    done = next((answer for answer in answers if answer.status == 200), answers[0])
    others = [answer for answer in answers if answer.json != done.json and not _waits(answer)]
    s.holds("in_flight", (done.status, [answer.problem for answer in others]), (200, []))
    again = s.post_changes(body, key)
    told = again.status, again.json, s.greet().at("token")
    s.holds("raced_once", told, (200, done.json, done.at("token")))


chapter.beyond("it takes 48 hours", kept="200 replies are kept 48 h.")


def _waits(answer: object) -> bool:
    problem, wait = getattr(answer, "problem", None), getattr(answer, "json", None) or {}
    return problem == (409, "in_flight") and isinstance(wait.get("retry_after_s"), int)
