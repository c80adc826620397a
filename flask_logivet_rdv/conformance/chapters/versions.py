"""Versions and tombstones: replays and reorderings converge."""

from flask_logivet_rdv.conformance.plan import Chapter
from flask_logivet_rdv.conformance.rows import KINDS, Row, busy, catalogue, delete, item
from flask_logivet_rdv.conformance.session import Session
from flask_logivet_rdv.conformance.wire import Answer

chapter = Chapter("versions", "Tombstones, versions, reordering")


@chapter.step(
    older="An older version answers `stale`, of every kind.",
    equal="An equal version answers `unchanged`, of every kind.",
    newer="A newer version is applied, of every kind.",
    nothing_changed="Older and equal versions change nothing, though they tell something else.",
)
def older_and_equal(s: Session) -> None:
    ids = {kind: s.name("versioned") for kind in KINDS}
    s.upload(*_rows(s, ids, 5, 0))
    s.holds("older", _by_kind(s.upload(*_rows(s, ids, 4, 1))), dict.fromkeys(KINDS, "stale"))
    equal = _by_kind(s.upload(*_rows(s, ids, 5, 1)))
    s.holds("equal", equal, dict.fromkeys(KINDS, "unchanged"))
    s.holds("newer", _by_kind(s.upload(*_rows(s, ids, 6, 2))), dict.fromkeys(KINDS, "applied"))
    s.upload(*_rows(s, ids, 5, 3), *_rows(s, ids, 6, 3))
    told = s.snapshot(*map(item, _rows(s, ids, 6, 2)))
    unchanged = {kind: told.at("counts", kind, "unchanged") for kind in KINDS}
    s.holds("nothing_changed", unchanged, dict.fromkeys(KINDS, 1))


@chapter.step(
    tombstone="A delete leaves a tombstone that remembers its version: an older or equal one"
    " brings nothing back.",
    comes_back="A newer one does.",
    delete_first="A delete that comes before the row that it deletes wins over it.",
    stale_delete="An older delete deletes nothing.",
)
def tombstones(s: Session) -> None:
    ids = {kind: s.name("deleted") for kind in KINDS}
    s.upload(*_rows(s, ids, 1, 0))
    s.upload(*_deletes(ids, 5))
    s.holds(
        "tombstone",
        (_by_kind(s.upload(*_rows(s, ids, 4, 1))), _by_kind(s.upload(*_rows(s, ids, 5, 1)))),
        (dict.fromkeys(KINDS, "stale"), dict.fromkeys(KINDS, "unchanged")),
    )
    back = _by_kind(s.upload(*_rows(s, ids, 6, 1)))
    s.holds("comes_back", back, dict.fromkeys(KINDS, "applied"))
    early = {kind: s.name("early") for kind in KINDS}
    s.upload(*_deletes(early, 2))
    late = _by_kind(s.upload(*_rows(s, early, 1, 0)))
    s.holds("delete_first", late, dict.fromkeys(KINDS, "stale"))
    told = _by_kind(s.upload(*_deletes(ids, 3)))
    s.holds("stale_delete", told, dict.fromkeys(KINDS, "stale"))


@chapter.step(
    reordered="Versions that arrive in any order, repeated, in one batch or in several, end as the"
    " newest.",
)
def reordering(s: Session) -> None:
    ids = {kind: s.name("shuffled") for kind in KINDS}
    for versions in ((2,), (1,), (4, 3), (2, 4)):
        s.upload(*(row for version in versions for row in _rows(s, ids, version, version)))
    told = s.snapshot(*map(item, _rows(s, ids, 4, 4)))
    unchanged = {kind: told.at("counts", kind, "unchanged") for kind in KINDS}
    s.holds("reordered", unchanged, dict.fromkeys(KINDS, 1))


def _rows(s: Session, ids: dict[str, str], version: int, saying: int) -> list[Row]:
    """Return a row of each kind; `saying` tells one content from another."""
    name, clock = f"Examen {saying}", f"1{saying}:00"
    return [
        *(catalogue(kind, ids[kind], version, name) for kind in KINDS[:3]),
        busy(ids["busy"], s.instant(14, clock), s.instant(14, "20:00"), version),
    ]


def _deletes(ids: dict[str, str], version: int) -> list[Row]:
    return [delete(kind, ids[kind], version) for kind in KINDS]


def _by_kind(answer: Answer) -> dict[str, object]:
    return {result["kind"]: result["status"] for result in answer.at("results") or []}
