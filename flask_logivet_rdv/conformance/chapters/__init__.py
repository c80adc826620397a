"""The chapters of the contract, in the order in which a client is built."""

from collections.abc import Collection, Sequence

from flask_logivet_rdv.conformance.plan import Chapter

from . import (
    actions,
    agenda,
    bookings,
    changes,
    clock,
    errors,
    events,
    hello,
    repeating,
    rotation,
    snapshots,
    transport,
    versions,
)

CHAPTERS: Sequence[Chapter] = tuple(
    module.chapter
    for module in (
        transport,
        hello,
        changes,
        repeating,
        versions,
        clock,
        snapshots,
        events,
        bookings,
        agenda,
        actions,
        rotation,
        errors,
    )
)


def chosen(names: Collection[str]) -> list[Chapter]:
    """Return what `names` choose of the chapters: chapters, and steps by their checks.

    Raises LookupError for a name that is neither.
    """
    known = {chapter.name for chapter in CHAPTERS}
    known |= {check for chapter in CHAPTERS for step in chapter.steps for check in step.checks}
    for name in names:
        if name not in known:
            raise LookupError(name)
    return [part for chapter in CHAPTERS if (part := chapter.part(names)).steps]
