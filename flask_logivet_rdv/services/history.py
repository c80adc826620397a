"""Who changed which settings, when, from what to what, and incidents: the audit, read."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Audit, Category, Resource, Species

from .transaction import Tx

Names = dict[str, tuple[str, str]]
"""The French and English names of a clinic's rows, those that are gone too, by id."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of settings.

    `actor` is the name of the person at that time, or LogiVet; `before` and `after` are as the
    verb that made it wrote them. `revision` and `n` give its place in the clinic's history.
    """

    revision: int
    n: int
    at: datetime
    subject: str
    by_user: bool
    actor: str
    before: Any
    after: Any


def history(
    session: Session,
    account_id: uuid.UUID,
    subjects: Sequence[str] = (),
    *,
    before: tuple[int, int] | None = None,
    limit: int = 50,
) -> tuple[list[Change], bool]:
    """Return at most `limit` changes of a clinic, the newest first, and whether older ones follow.

    Only those of `subjects`, where a final ``*`` stands for anything; `before` is the place
    (revision, n) of the last one that is known.
    """
    older: sa.ColumnElement[bool] = sa.true()
    if before is not None:
        older = sa.tuple_(Audit.revision, Audit.n) < sa.tuple_(*before)
    rows = session.scalars(
        sa.select(Audit)
        .where(Audit.account_id == account_id, _among(subjects), older)
        .order_by(Audit.revision.desc(), Audit.n.desc())
        .limit(limit + 1)
    ).all()
    return [_change(row) for row in rows[:limit]], len(rows) > limit


def changed_since(tx: Tx, subject: str, revision: int) -> list[Change]:
    """Return what people changed of a subject after a page of that revision was made.

    What LogiVet changed does not count: its deletions are told apart.
    """
    rows = tx.session.scalars(
        sa.select(Audit)
        .where(
            Audit.account_id == tx.account_id,
            Audit.subject == subject,
            Audit.revision > revision,
            Audit.actor_kind == "user",
        )
        .order_by(Audit.revision, Audit.n)
    )
    return [_change(row) for row in rows]


def names(session: Session, account_id: uuid.UUID) -> Names:
    """Return the names of all categories, species and resources of a clinic, in one query."""
    parts = (
        sa.select(model.id, model.name_fr, model.name_en).where(model.account_id == account_id)
        for model in (Category, Species, Resource)
    )
    return {str(key): (fr, en) for key, fr, en in session.execute(sa.union_all(*parts))}


def _among(subjects: Sequence[str]) -> sa.ColumnElement[bool]:
    if not subjects:
        return sa.true()
    return sa.or_(
        *(
            Audit.subject.startswith(subject[:-1], autoescape=True)
            if subject.endswith("*")
            else Audit.subject == subject
            for subject in subjects
        )
    )


def _change(row: Audit) -> Change:
    return Change(
        revision=row.revision,
        n=row.n,
        at=row.at,
        subject=row.subject,
        by_user=row.actor_kind == "user",
        actor=row.actor_name,
        before=row.before,
        after=row.after,
    )
