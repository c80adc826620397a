"""`POST /changes`: batches, all or nothing, with the last token."""

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import KINDS, Row, busy, catalogue, delete, item, named
from flask_logivet_rdv.conformance.rows import upsert as row
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.wire import Answer

chapter = Chapter("changes", "changes")
TYPES = ("appointment", "note", "unavailability", "reservation")
MISMATCH = (409, "token_mismatch")


@chapter.step(
    applied="A batch answers 200 with a result for each change, in the order they were sent.",
    conflicts="It tells the `conflicts`; there are none.",
    token="It gives another token, to be sent with the next `changes`.",
    hello="`hello` tells the same token.",
)
def batch(s: Session) -> None:
    before, doctor = s.token, s.name("doctor")
    sent = [
        row("category", s.name("exam"), 3, {"name": named("Examen", "Exam"), "active": True}),
        row(
            "species",
            s.name("dog"),
            1,
            {"name": named("Canin", "Canine"), "short_name": named("Can", "Can")},
        ),
        row(
            "resource",
            doctor,
            8,
            {"name": named("Dr Dolittle", "Dr Dolittle"), "active": True, "position": 2},
        ),
        busy(s.name("range"), s.instant(8, "17:30"), s.instant(8, "18:00"), resource=doctor),
        delete("category", s.name("gone"), 4),
    ]
    answer = s.upload(*sent)
    s.holds("applied", answer.at("results"), [_result(change) for change in sent])
    s.holds("conflicts", answer.at("conflicts"), [])
    s.holds("token", (answer.status, answer.at("token") not in (None, before)), (200, True))
    s.holds("hello", s.get("/hello").at("token"), s.token)


@chapter.step(
    defaults="`data` is the whole row; `active` defaults to true, `position` to 0.",
    one_language="Names may miss one language (the other is shown).",
    offsets="Times are RFC 3339 with an offset on the way in: the same instant is the same range.",
)
def what_a_row_tells(s: Session) -> None:
    doctor, dog, range_id = s.name("doctor"), s.name("dog"), s.name("range")
    brief = row("resource", doctor, 1, {"name": named("Dr House", "Dr House")})
    french = row("species", dog, 1, {"name": named("Canin")})
    local = f"{s.instant(9, '13:30')[:-1]}-04:00", f"{s.instant(9, '14:00')[:-1]}-04:00"
    s.upload(brief, french, busy(range_id, *local, resource=doctor))
    whole = {"name": named("Dr House", "Dr House"), "active": True, "position": 0}
    told = s.snapshot(
        item(row("resource", doctor, 1, whole)),
        item(row("species", dog, 1, {"name": named("Canin", "Canin")})),
        item(busy(range_id, s.instant(9, "17:30"), s.instant(9, "18:00"), resource=doctor)),
    )
    for check, kind in (("defaults", "resource"), ("one_language", "species"), ("offsets", "busy")):
        s.holds(check, told.at("counts", kind, "unchanged"), 1)


@chapter.step(
    kinds="`kind` is `category`, `species`, `resource` or `busy`; a key is unique per kind.",
    types="`type` of busy is `appointment`, `note`, `unavailability` or `reservation`.",
    unassigned="`resource_id: null` is the « Non assigné » column: accepted.",
    unknown_resource="A busy range on a resource that is unknown is stored: it never jams a batch.",
    in_order="Within a batch, the catalogue is applied before the agenda.",
    longest="Ranges of 366 days are accepted, and keys of 64 characters.",
)
def what_is_accepted(s: Session) -> None:
    same, doctor = s.name("same"), s.name("late")
    start, end = s.instant(10, "15:00"), s.instant(10, "15:30")
    of_each = [*(catalogue(kind, same) for kind in KINDS[:3]), busy(same, start, end)]
    s.holds("kinds", _statuses(s.upload(*of_each)), ["applied"] * 4)
    typed = [busy(s.name(kind), start, end) for kind in TYPES]
    for change, kind in zip(typed, TYPES, strict=True):
        change["data"]["type"] = kind
    s.holds("types", _statuses(s.upload(*typed)), ["applied"] * 4)
    s.holds("unassigned", _statuses(s.upload(busy(s.name("nobody"), start, end))), ["applied"])
    unknown = busy(s.name("unknown"), start, end, resource=s.name("nobody"))
    s.holds("unknown_resource", _statuses(s.upload(unknown)), ["applied"])
    backwards = busy(s.name("early"), start, end, resource=doctor), catalogue("resource", doctor)
    s.holds("in_order", _statuses(s.upload(*backwards)), ["applied"] * 2)
    longest = busy(s.name("long").ljust(64, "x"), s.instant(0), s.instant(366))
    s.holds("longest", _statuses(s.upload(longest)), ["applied"])


@chapter.step(
    empty_range="422: `end` is after `start`.",
    too_long_range="422: a range is at most 366 days long.",
    no_offset="422: a time without an offset.",
    unknown_type="422: another `type` or `kind`.",
    key_length="422: a key has 1 to 64 characters.",
    unknown_member="422: a member that the protocol does not know.",
    no_name="422: a row without a name.",
)
def what_is_refused(s: Session) -> None:
    def told(**changed: object) -> tuple[int, object]:
        change = busy(s.name("bad"), s.instant(10, "15:00"), s.instant(10, "15:30"))
        data = change["data"] | changed.pop("data", {})
        return s.upload(change | changed | {"data": data}).problem

    invalid = (422, "invalid")
    s.holds("empty_range", told(data={"end": s.instant(10, "15:00")}), invalid)
    s.holds("too_long_range", told(data={"end": s.instant(377)}), invalid)
    s.holds("no_offset", told(data={"start": s.instant(10, "14:00")[:-1]}), invalid)
    others = told(data={"type": "holiday"}), told(kind="invoice")
    s.holds("unknown_type", others, (invalid, invalid))
    s.holds("key_length", (told(id=""), told(id="x" * 65)), (invalid, invalid))
    s.holds("unknown_member", told(data={"colour": "red"}), invalid)
    nameless = row("category", s.name("bad"), 1, {"active": True})
    s.holds("no_name", s.upload(nameless).problem, invalid)


@chapter.step(
    every_bad_item="The answer lists every bad item, not only the first, by its JSON pointer.",
    nothing_applied="A batch is all or nothing: with one bad item nothing is applied.",
    still_current="It leaves the token as it was.",
)
def all_or_nothing(s: Session) -> None:
    start, end, before = s.instant(11, "15:00"), s.instant(11, "15:30"), s.token
    good, ended = catalogue("category", s.name("good")), s.instant(11, "14:00")
    bad = [busy(s.name("bad"), start, ended), busy(s.name("bad"), f"{start[:-1]}", end)]
    answer = s.upload(good, *bad)
    pointers = [str(error.get("pointer")) for error in answer.at("errors") or []]
    listed = {pointer[: len("/changes/0")] for pointer in pointers}
    s.holds("every_bad_item", sorted(listed), ["/changes/1", "/changes/2"])
    s.holds("still_current", s.greet().at("token"), before)
    s.holds("nothing_applied", _statuses(s.upload(good)), ["applied"])


@chapter.step(
    stale_token="A token that is not the last one answers 409 `token_mismatch`.",
    unknown_token="A token that was never given answers 409 `token_mismatch`.",
    stale_changes_nothing="What came with it was not applied.",
    last_token="`token` is the last token the server gave: with it, it goes on.",
    advances="It advances only by what is applied.",
)
def tokens(s: Session) -> None:
    old, late = s.token, catalogue("category", s.name("late"))
    s.upload(catalogue("category", s.name("first")))
    last = s.token
    s.holds("stale_token", s.upload(late, token=old).problem, MISMATCH)
    s.holds("unknown_token", s.upload(late, token="0:0").problem, MISMATCH)
    s.holds("advances", s.greet().at("token"), last)
    answer = s.upload(late)
    s.holds("last_token", answer.status, 200)
    s.holds("stale_changes_nothing", _statuses(answer), ["applied"])


@chapter.step(
    five_hundred="A request holds 500 changes.",
    too_many="413: more than 500 changes.",
    too_large="413: more than 524288 bytes.",
)
def limits(s: Session) -> None:
    start, end = s.instant(12, "15:00"), s.instant(12, "15:30")
    many = [busy(s.name("many"), start, end) for _ in range(501)]
    s.holds("five_hundred", len(s.upload(*many[:500]).at("results") or []), 500)
    s.holds("too_many", s.upload(*many).status, 413)
    s.holds("too_large", s.post_changes(b" " * 524_289, s.name("large")).status, 413)


def _statuses(answer: Answer) -> list[object]:
    return [result.get("status") for result in answer.at("results") or []]


def _result(change: Row) -> Row:
    return {"kind": change["kind"], "id": change["id"], "status": "applied"}
