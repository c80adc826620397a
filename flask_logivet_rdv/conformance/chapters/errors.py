"""Errors: `application/problem+json`, with codes that a program may rely on."""

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import busy, catalogue
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.wire import Answer

chapter = Chapter("errors", "Errors")
MEMBERS = {"type", "title", "status", "detail", "instance", "code"}
TYPED = "Ne-me-repetez-pas"


@chapter.step(
    malformed="400: malformed JSON.",
    unauthorized="401: the key.",
    not_found="404: an unknown address under this prefix.",
    method="405: a method that the address does not accept.",
    mismatch="409: `token_mismatch`.",
    resync="410: `resync`.",
    too_large="413: too large.",
    not_json="415: not JSON.",
    invalid="422: invalid.",
    problem_json="All of them are `application/problem+json`, 404 and 405 too.",
    members="Each has `type`, `title`, `status`, `detail`, `instance` and `code`.",
    status="`status` is the status of the answer.",
)
def every_status(s: Session) -> None:
    kept = {"Idempotency-Key": s.name("error")}
    plain = kept | {"Content-Type": "text/plain"}
    body = {"token": s.token, "changes": []}
    answers = {
        "malformed": s.send("POST", "/changes", b'{"token": ', headers=kept),
        "unauthorized": s.get("/hello", key=None),
        "not_found": s.get("/nowhere"),
        "method": s.send("DELETE", "/hello"),
        "mismatch": s.upload(catalogue("category", s.name("error")), token="0:0"),
        "resync": s.get("/events", cursor="0:0"),
        "too_large": s.post_changes(b" " * 524_289, s.name("large")),
        "not_json": s.send("POST", "/changes", body, headers=plain),
        "invalid": s.send("POST", "/changes", {"token": 7}, headers=kept),
    }
    expected = (
        (400, "malformed_json"), (401, "invalid_key"), (404, "not_found"),
        (405, "method_not_allowed"), (409, "token_mismatch"), (410, "resync"),
        (413, "body_too_large"), (415, "unsupported_media_type"), (422, "invalid"),
    )  # fmt: skip
    for (check, answer), told in zip(answers.items(), expected, strict=True):
        s.holds(check, answer.problem, told)
    types = {check: answer.media_type for check, answer in answers.items()}
    s.holds("problem_json", types, dict.fromkeys(answers, "application/problem+json"))
    lacking = {check: sorted(MEMBERS - {*(answer.json or {})}) for check, answer in answers.items()}
    s.holds("members", {check: names for check, names in lacking.items() if names}, {})
    other = [check for check, answer in answers.items() if answer.at("status") != answer.status]
    s.holds("status", other, [])


@chapter.step(
    errors="`errors[]` tell each bad item by its `pointer`, with a `code` and a `detail`.",
    no_echo="The body never echoes input.",
    no_urls="It holds no library URLs.",
)
def bad_items(s: Session) -> None:
    change = busy(TYPED, TYPED, s.instant(9, "15:30"))
    change["data"] |= {"type": TYPED, TYPED: TYPED}
    answers = [
        s.upload(change, catalogue("category", s.name("good"))),
        s.post_changes(f'{{"token": "{TYPED}'.encode(), s.name("echo")),
        s.get("/events", cursor=TYPED),
        s.get("/bookings", status=TYPED),
        s.get("/hello", key=f"rdv_{TYPED}_{TYPED}"),
    ]
    pointers = sorted(str(error.get("pointer")) for error in answers[0].at("errors") or [])
    complete = all({"code", "detail"} <= error.keys() for error in answers[0].at("errors") or [{}])
    named = {"/changes/0/data/start", "/changes/0/data/type"}
    s.holds("errors", (sorted(named - {*pointers}), complete), ([], True))
    refused = [400 <= answer.status < 500 for answer in answers]
    s.holds("no_echo", (refused, [a.status for a in answers if TYPED in a.text]), ([True] * 5, []))
    urls = [answer.status for answer in answers if "://" in _but_type(answer)]
    s.holds("no_urls", (refused, urls), ([True] * 5, []))


chapter.beyond(
    "it takes a portal that is busy or down",
    busy="429 and 503 tell `Retry-After` and `retry_after_s`.",
)


def _but_type(answer: Answer) -> str:
    """Return the text of a problem without its `type`, which may be an address of the portal's."""
    return answer.text.replace(str(answer.at("type") or ""), "")
