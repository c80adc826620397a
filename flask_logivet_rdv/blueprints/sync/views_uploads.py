"""What LogiVet uploads: changes as they come, and snapshots of everything."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.services import replies, snapshot_commit, snapshots
from flask_logivet_rdv.services.changes import SnapshotInProgress, TokenMismatch, apply_changes
from flask_logivet_rdv.services.transaction import Tx, transact
from flask_logivet_rdv.services.uploads import Change
from flask_logivet_rdv.state import state
from flask_logivet_rdv.telemetry import tell

from . import answers_uploads as answers
from .guard import Caller
from .payloads import MAX_CHANGES, Batch, ChangesHeaders
from .payloads_snapshots import MAX_PARTS, Commit, NewSnapshot, Part
from .problems import BadItem, ProblemError


def changes(caller: Caller, headers: ChangesHeaders, batch: Batch) -> answers.ChangesApplied:
    """Apply changes of the catalogue and the agenda, all or none.

    The catalogue is applied before the agenda, whatever the order they are sent in. The same
    Idempotency-Key with the same body gives the same answer for 48 hours, and applies once.
    """
    sent = batch.as_changes()

    def work(tx: Tx) -> answers.ChangesApplied:
        done = apply_changes(tx, batch.token, sent)
        if isinstance(done, TokenMismatch):
            raise ProblemError("token_mismatch")
        if isinstance(done, SnapshotInProgress):
            raise ProblemError("snapshot_in_progress")
        return answers.applied(done)

    return _once(caller, headers.idempotency_key, work, sent)


def open_snapshot(caller: Caller, asked: NewSnapshot) -> answers.SnapshotOpened:
    """Open a snapshot: the full truth, to be sent in parts and committed within the hour."""
    start = asked.busy_from.seconds if asked.busy_from else None
    end = asked.busy_to.ceiling if asked.busy_to else None
    made = transact(
        desk(),
        caller.account_id,
        lambda tx: snapshots.open_snapshot(tx, asked.kinds, start, end),
    )
    return answers.SnapshotOpened(id=made, part_size=MAX_CHANGES)


def put_part(caller: Caller, part: Part, *, snapshot_id: UUID, n: int) -> None:
    """Send a part of a snapshot, numbered from 1 to 1000; a part sent again is replaced."""
    if not 1 <= n <= MAX_PARTS:
        wrong = BadItem("range", f"Must be 1 to {MAX_PARTS}.", parameter="n")
        raise ProblemError("invalid", [wrong])
    rows = part.as_changes()
    refused = transact(
        desk(),
        caller.account_id,
        lambda tx: snapshots.put_part(tx, snapshot_id, n, rows),
    )
    if isinstance(refused, snapshots.Missing):
        raise ProblemError("no_such_snapshot")
    if isinstance(refused, snapshots.Closed):
        raise ProblemError("snapshot_closed")
    if refused is not None:
        words = "Must be one of the kinds that the snapshot was opened for."
        wrong_items = [BadItem("choice", words, f"/items/{i}/kind") for i in refused.items]
        raise ProblemError("invalid", wrong_items)


def commit_snapshot(caller: Caller, end: Commit, *, snapshot_id: UUID) -> answers.SnapshotApplied:
    """Apply a snapshot: it wins whatever the versions, and what it does not tell is deleted.

    Repeated, it gives the same answer. What was cut short is finished by repeating it.
    """
    done = snapshot_commit.commit_snapshot(desk(), caller.account_id, snapshot_id, end.parts)
    if isinstance(done, snapshots.Missing):
        raise ProblemError("no_such_snapshot")
    if isinstance(done, snapshot_commit.InProgress):
        raise ProblemError("snapshot_in_progress")
    if isinstance(done, snapshot_commit.Incomplete):
        wrong = BadItem("incomplete", "Some of these parts did not arrive.", "/parts")
        raise ProblemError("invalid", [wrong])
    tell("upload", "applied", caller.account_id, kind="snapshot", parts=end.parts)
    return answers.committed(done)


def _once(
    caller: Caller,
    key: str,
    work: Callable[[Tx], answers.ChangesApplied],
    sent: Sequence[Change],
) -> answers.ChangesApplied:
    """Do some work in a transaction, and keep its answer for who asks again with the same key.

    `sent` is what it works on. Raises ProblemError: 409 while it is done, 422 for another body,
    and what `work` raises.
    """
    session = state().db.session()
    held = _claimed(session, caller, key)
    told = partial(tell, "upload", account_id=caller.account_id, kind="changes", rows=len(sent))
    if isinstance(held, replies.Replay):
        told("again")
        return answers.ChangesApplied.model_validate(held.answer)

    def unit(tx: Tx) -> answers.ChangesApplied:
        answer = work(tx)
        replies.keep(tx, held, answer.model_dump(mode="json"))
        return answer

    try:
        agenda = all(change.kind == "busy" for change in sent)
        answer = transact(desk(), caller.account_id, unit, agenda=agenda)
    except replies.LostClaimError:
        raise ProblemError("in_flight") from None
    except BaseException as error:
        replies.release(session, held)
        if isinstance(error, ProblemError):
            told(error.code)
        raise
    told("applied", conflicts=len(answer.conflicts))
    return answer


def _claimed(session: Session, caller: Caller, key: str) -> replies.Claim | replies.Replay:
    body = replies.digest(request.get_data())
    now = int(state().clock().timestamp())
    held = replies.claim(session, caller.account_id, key, body, now)
    if isinstance(held, replies.InFlight):
        raise ProblemError("in_flight")
    if isinstance(held, replies.Reused):
        raise ProblemError("idempotency_key_reuse")
    return held
