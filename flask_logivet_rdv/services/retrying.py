"""Transactions that are tried again, whole, when the database asks for it."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .connection import each_for_itself

T = TypeVar("T")

ATTEMPTS = 5
_RETRY_STATES = frozenset({"40001", "40P01", "55P03"})
_RETRY_CODES = frozenset({1020, 1205, 1213})


def retried(session: Session, unit: Callable[[], T]) -> T:
    """Run `unit`, which commits, in a fresh transaction, and return its result.

    The whole of it is tried again, at most 5 times, after a deadlock, a lock time-out or a failed
    uniqueness. Raises what the last attempt raises.
    """
    for attempt in range(1, ATTEMPTS + 1):
        session.rollback()
        try:
            return unit()
        except sa.exc.DBAPIError as error:
            session.rollback()
            if attempt == ATTEMPTS or not _worth_retrying(error):
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 jitter, not a secret
        except BaseException:
            session.rollback()
            raise
    raise AssertionError("unreachable")


def alone(session: Session, statement: sa.UpdateBase) -> int:
    """Run one statement in a transaction of its own, see `retried`; return the rows it met."""

    def unit() -> int:
        each_for_itself(session)
        met: int = session.execute(statement).rowcount  # type: ignore[attr-defined]
        session.commit()
        return met

    return retried(session, unit)


def _worth_retrying(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error, sa.exc.IntegrityError):
        return True
    cause = error.orig
    code = cause.args[0] if cause is not None and cause.args else None
    # psycopg says sqlstate, psycopg2 pgcode
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return state in _RETRY_STATES or code in _RETRY_CODES or " locked" in str(cause)
