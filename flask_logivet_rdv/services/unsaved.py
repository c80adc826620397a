"""Whether a session holds work that waits for a commit, flushed or not."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, scoped_session

_UNSAVED = "logivet_rdv_unsaved"
_WRITES = re.compile(r"\s*(insert|update|delete|replace|merge)\b", re.IGNORECASE)


def holds_work(session: Session) -> bool:
    """Tell whether anything in a session, flushed or not, waits for a commit."""
    return _UNSAVED in session.info or _changed(session)


def mark_unsaved(session: Session) -> None:
    """Say that something was written past the session, which sees only what goes through it."""
    session.info[_UNSAVED] = True


def _changed(session: Session) -> bool:
    rows_changed = any(session.is_modified(row) for row in session.dirty)
    return bool(session.new or session.deleted or rows_changed)


def watch(factory: scoped_session[Any]) -> None:
    """Have the host's sessions remember flushed work: `new` and `dirty` forget it at a flush."""
    for event, listener in (
        ("after_flush", _mark_flush),
        ("do_orm_execute", _mark_statement),
        ("after_commit", _clear),
        ("after_soft_rollback", _clear),
    ):
        if not sa.event.contains(factory, event, listener):
            sa.event.listen(factory, event, listener)


def _mark_flush(session: Session, *_: object) -> None:
    # a row set to what it was is flushed too
    if _changed(session):
        mark_unsaved(session)


def _mark_statement(state: ORMExecuteState) -> None:
    text = state.statement.text if isinstance(state.statement, sa.TextClause) else ""
    if state.is_insert or state.is_update or state.is_delete or _WRITES.match(text):
        mark_unsaved(state.session)


def _clear(session: Session, ended: SessionTransaction | None = None) -> None:
    # the end of a savepoint says nothing of what came before it
    savepoint = ended.nested if ended else session.in_nested_transaction()
    if not savepoint:
        session.info.pop(_UNSAVED, None)
