"""What LogiVet is answered when it uploads: what became of each row, and what is in conflict."""

from uuid import UUID

from pydantic import BaseModel, Field

from flask_logivet_rdv.services.changes import Applied
from flask_logivet_rdv.services.snapshot_commit import Committed
from flask_logivet_rdv.services.uploads import Kind, Status

from .fields import Token


class ResultOut(BaseModel):
    """What became of one change."""

    kind: Kind
    id: str
    status: Status = Field(
        description="applied; unchanged: that very version was stored already; stale: a greater"
        " version is stored. The last two change nothing."
    )


class ConflictOut(BaseModel):
    """An online booking, which is kept, under an entry that does not mirror it: tell a person."""

    booking_id: UUID
    busy_id: str = Field(description="Your key of the agenda entry.")


class ChangesApplied(BaseModel):
    """The batch was applied, all of it."""

    token: Token = Field(description="To be sent with the next `changes`.")
    results: list[ResultOut] = Field(description="One per change, in the order they were sent.")
    conflicts: list[ConflictOut] = Field(description="Those that this batch made.")


class SnapshotOpened(BaseModel):
    """The snapshot is open: send its parts, then commit it within the hour."""

    id: UUID
    part_size: int = Field(description="The most items that a part may hold.")


class CountsOut(BaseModel):
    """How many rows of a kind a snapshot changed."""

    added: int
    changed: int
    removed: int
    unchanged: int


class SnapshotApplied(BaseModel):
    """The snapshot is what is stored now."""

    token: Token = Field(description="To be sent with the next `changes`.")
    counts: dict[Kind, CountsOut] = Field(description="By kind, for each kind of the snapshot.")
    conflicts: list[ConflictOut] = Field(description="All that stand, not only the new ones.")


def applied(done: Applied) -> ChangesApplied:
    """Return the answer to a batch."""
    return ChangesApplied(
        token=done.token,
        results=[ResultOut(kind=r.kind, id=r.id, status=r.status) for r in done.results],
        conflicts=[ConflictOut(booking_id=b, busy_id=k) for b, k in done.conflicts],
    )


def committed(done: Committed) -> SnapshotApplied:
    """Return the answer to a snapshot."""
    return SnapshotApplied.model_validate(
        {
            "token": done.token,
            "counts": done.counts,
            "conflicts": [{"booking_id": b, "busy_id": k} for b, k in done.conflicts],
        }
    )
