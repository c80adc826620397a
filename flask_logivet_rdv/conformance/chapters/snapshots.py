"""Snapshots: the full truth, in parts, that wins over what is stored."""

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import Row, busy, catalogue, item
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.wire import Answer

chapter = Chapter("snapshots", "Snapshots")
NOBODYS = "00000000-0000-4000-8000-000000000000"
MISMATCH, AT_WORK = "token_mismatch", "snapshot_in_progress"
LARGE = 4


@chapter.step(
    opened="`POST /snapshots` answers 201 with an `id` and `part_size` 500.",
    part="`PUT /snapshots/{id}/parts/{n}` answers 204.",
    not_yet="Nothing is visible before commit.",
    committed="`POST /snapshots/{id}/commit` answers 200 with another `token`, `counts` and"
    " `conflicts`.",
    counts="`counts` tell what was added, changed, removed and unchanged of each kind; repeating a"
    " part replaced it.",
    again="It gives again the same answer if it is repeated.",
    old_token="The token before it is no longer the last: 409 `token_mismatch`.",
)
def the_whole_way(s: Session) -> None:
    same, other, gone = (catalogue("category", s.name(of)) for of in ("same", "other", "gone"))
    s.snapshot(*map(item, (same, other, gone)))
    before = s.token
    opened = s.send("POST", "/snapshots", {"kinds": ["category"]})
    s.holds("opened", (opened.status, opened.at("part_size")), (201, 500))
    path = f"/snapshots/{opened.at('id')}"
    first = s.send("PUT", f"{path}/parts/1", {"items": [item(gone)]})
    changed = catalogue("category", other["id"], 2, "Chirurgie")
    rows = [item(same), item(changed), item(catalogue("category", s.name("new")))]
    second = s.send("PUT", f"{path}/parts/1", {"items": rows})
    s.holds("part", (first.status, second.status), (204, 204))
    s.holds("not_yet", s.upload(gone).at("results", 0, "status"), "unchanged")
    before = s.token
    done = s.commit(path, 1)
    members = sorted(done.json or {}), done.at("token") != before
    s.holds("committed", (done.status, *members), (200, ["conflicts", "counts", "token"], True))
    counts = {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}
    s.holds("counts", done.at("counts"), {"category": counts})
    repeated = s.commit(path, 1)
    s.holds("again", (repeated.status, repeated.json), (200, done.json))
    late = s.upload(catalogue("category", s.name("late")), token=before)
    s.holds("old_token", late.problem, (409, MISMATCH))


@chapter.step(
    wins="A snapshot wins whatever the versions: a restored desktop sends older ones.",
    stored="They become the stored ones.",
    forgotten="What is absent is deleted, and tombstones of its kinds are forgotten.",
)
def whatever_the_versions(s: Session) -> None:
    kept, gone = s.name("kept"), s.name("gone")
    s.upload(catalogue("category", kept, 9), catalogue("category", gone, 9))
    done = s.snapshot(item(catalogue("category", kept, 1, "Chirurgie")), kinds=["category"])
    s.holds("wins", done.at("counts", "category", "changed"), 1)
    then = s.upload(catalogue("category", kept, 2), catalogue("category", gone, 1))
    s.holds("stored", then.at("results", 0, "status"), "applied")
    s.holds("forgotten", then.at("results", 1, "status"), "applied")


@chapter.step(
    kinds="Only what is of its kinds is deleted.",
    window="Of busy, only what lies inside the window `[busy_from, busy_to)` is deleted.",
)
def only_what_it_tells(s: Session) -> None:
    species, inside, outside = s.name("dog"), s.name("inside"), s.name("outside")
    s.snapshot()
    rows = [
        catalogue("species", species),
        busy(inside, s.instant(15, "15:00"), s.instant(15, "16:00")),
        busy(outside, s.instant(17, "15:00"), s.instant(17, "16:00")),
    ]
    s.upload(*rows)
    window = {"busy_from": s.instant(15), "busy_to": s.instant(16)}
    done = s.snapshot(kinds=["busy"], **window)
    held = s.upload(*rows)
    statuses = {result["id"]: result["status"] for result in held.at("results") or []}
    s.holds("kinds", statuses.get(species), "unchanged")
    told = done.at("counts", "busy", "removed"), statuses.get(inside), statuses.get(outside)
    s.holds("window", told, (1, "applied", "unchanged"))


@chapter.step(
    missing_part="422: parts that did not arrive.",
    other_kind="422: an item of a kind that the snapshot does not tell.",
    part_number="422: parts are numbered from 1 to 1000.",
    too_many="413: more than `part_size` items in a part.",
    unknown="404: a snapshot that is unknown, or another clinic's.",
)
def what_is_refused(s: Session) -> None:
    path = f"/snapshots/{s.send('POST', '/snapshots', {'kinds': ['category']}).at('id')}"
    s.holds("missing_part", s.commit(path, 2).problem, (422, "invalid"))
    species = {"items": [item(catalogue("species", s.name("dog")))]}
    s.holds("other_kind", s.send("PUT", f"{path}/parts/1", species).problem, (422, "invalid"))
    nothing: dict[str, list[Row]] = {"items": []}
    numbers = [s.send("PUT", f"{path}/parts/{n}", nothing).status for n in (0, 1001)]
    s.holds("part_number", numbers, [422, 422])
    many = {"items": [item(catalogue("category", s.name("many"))) for _ in range(501)]}
    s.holds("too_many", s.send("PUT", f"{path}/parts/1", many).status, 413)
    nobodys = f"/snapshots/{NOBODYS}"
    answers = s.send("PUT", f"{nobodys}/parts/1", nothing), s.commit(nobodys, 1)
    s.holds("unknown", [answer.status for answer in answers], [404, 404])


@chapter.step(
    in_progress="`changes` while it is applied answers 409 `snapshot_in_progress`.",
    large="A snapshot of many parts is applied whole.",
)
def while_it_is_applied(s: Session) -> None:
    path = f"/snapshots/{s.send('POST', '/snapshots', {'kinds': ['busy']}).at('id')}"
    start, end = s.instant(18, "15:00"), s.instant(18, "15:30")
    for n in range(1, LARGE + 1):
        rows = [item(busy(s.name("large"), start, end)) for _ in range(500)]
        s.send("PUT", f"{path}/parts/{n}", {"items": rows})
    commit = s.meanwhile(lambda: s.commit(path, LARGE))
    seen: list[object] = []
    while not commit.done() and AT_WORK not in seen:
        seen.append(_told(s.upload(busy(s.name("meanwhile"), start, end))))
    done = commit.result()
    if AT_WORK in seen or set(seen) - {200, MISMATCH}:
        s.holds("in_progress", next((told for told in seen if told != 200), None), AT_WORK)
    else:
        s.untried("in_progress", "the portal applied the snapshot before anything else arrived")
    s.holds("large", done.at("counts", "busy", "added"), 500 * LARGE)


chapter.beyond(
    "it takes an hour, or a crash of the portal",
    expires="An unfinished snapshot expires after an hour.",
    resumes="It is applied in chunks, additions first, removals last, and resumes after a crash.",
)


def _told(answer: Answer) -> object:
    return answer.status if answer.status == 200 else answer.at("code")
