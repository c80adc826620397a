"""The one write path: lock the clinic, read the clock, decide, write, commit, notify."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import (
    Session,
    make_transient_to_detached,
)
from sqlalchemy.orm.attributes import instance_dict, manager_of_class, set_committed_value
from sqlalchemy.orm.util import identity_key

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Audit, Base, ClinicAccount, Event, Outbox
from flask_logivet_rdv.scheduling.rules import Rules
from flask_logivet_rdv.shelf import Shelf

from .connection import on_postgresql
from .offering import KeptOffers
from .retrying import retried
from .together import Row, insert_together
from .unsaved import holds_work, mark_unsaved

T = TypeVar("T")
PLANNED_ONCE: sa.ColumnClause[str] = sa.literal_column(
    "set_config('plan_cache_mode', 'force_generic_plan', true)"
)


class UnsavedWorkError(RuntimeError):
    """The host left unsaved work in the session, which our rollback would lose."""


class UnknownAccountError(LookupError):
    """There is no such clinic account."""


class Notify(Protocol):
    """Wakes the mail drain and LogiVet's waiters after a commit; never raises, never slow."""

    def __call__(self, account_id: uuid.UUID, *, mail: bool, events: bool) -> None:
        """Tell that mails or events of an account wait."""


class Mailed(Protocol):
    """What a mail in the outbox needs to know of its booking."""

    @property
    def id(self) -> uuid.UUID:
        """Return which one it is."""

    @property
    def version(self) -> int:
        """Return which version of it the mail tells of."""

    @property
    def language(self) -> str:
        """Return the language of its client."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How many upcoming bookings, and confirmations in a day, one e-mail address may have.

    `live_by_phone`: how many upcoming bookings in one clinic a telephone number may have, None any.
    """

    live: int = 3
    confirmations: int = 5
    live_by_phone: int | None = 3


@dataclass(frozen=True, slots=True)
class Desk:
    """What a write needs from outside: the host's session, a clock (aware UTC), the rules."""

    session: Session
    clock: Callable[[], datetime]
    rules: Rules
    notify: Notify
    caps: Caps = field(default_factory=Caps)
    offers: KeptOffers = field(default_factory=KeptOffers)


@dataclass(slots=True)
class Tx:
    """A write under the clinic's lock. Verbs take it and never commit, so they compose.

    `event`, `mail` and `audit` are the only ways to write those rows. A verb that refuses
    just returns: when none has written anything, the whole transaction is rolled back.
    """

    session: Session
    account: ClinicAccount
    now: datetime
    rules: Rules
    caps: Caps
    offers: KeptOffers
    agenda: bool = False
    mails: int = 0
    events: int = 0
    audits: int = 0
    _together: list[Row] | None = None
    _feed: int | None = None

    @property
    def account_id(self) -> uuid.UUID:
        """Return the tenant."""
        return self.account.id

    @property
    def instant(self) -> int:
        """Return now in UTC seconds."""
        return int(self.now.timestamp())

    def event(self, kind: str, booking_id: uuid.UUID | None = None, **facts: Any) -> None:
        """Append an event to LogiVet's feed; `facts` must hold nothing personal."""
        self.events += 1
        seq = self._feed = (self._feed or self.account.event_seq) + 1
        if self._together is None:
            self.account.event_seq, self._feed = seq, None
        self.insert(
            Event,
            account_id=self.account_id,
            seq=seq,
            id=uuid.uuid4(),
            type=kind,
            booking_id=booking_id,
            facts=facts,
            at=self.instant,
        )

    def mail(self, kind: str, booking: Mailed, not_before: int | None = None) -> None:
        """Put a mail to a booking's client in the outbox: one of a kind for each version of it.

        It is due at `not_before` (UTC seconds), or now, and the worker is then woken.
        """
        self.mails += not_before is None
        self.insert(
            Outbox,
            account_id=self.account_id,
            id=uuid.uuid4(),
            dedupe_key=f"booking:{booking.id}:{kind}:v{booking.version}",
            kind=kind,
            locale=booking.language,
            booking_id=booking.id,
            state="pending",
            attempts=0,
            not_before=self.instant if not_before is None else not_before,
        )

    def insert(self, model: type[Base], **values: Any) -> None:
        """Write a row: with the session's next flush, or with the others `together`."""
        if self._together is None:
            self.session.add(model(**values))
        else:
            self._together.append((model, values))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write the rows of a block at its end, see `insert_together` for what they name.

        Of a block that raises, none is written. Raises RuntimeError within another such block.
        """
        if self._together is not None:
            raise RuntimeError("These rows are written together already.")
        rows: list[Row] = []
        self._together = rows
        try:
            yield
            feed = self._feed or self.account.event_seq
        finally:
            self._together = self._feed = None
        self.session.flush()
        insert_together(self.session, rows, self.account_id, feed)
        set_committed_value(self.account, "event_seq", feed)
        mark_unsaved(self.session)

    def audit(self, subject: str, actor: Actor | None, before: Any, after: Any) -> None:
        """Record a change of settings; `actor` None is LogiVet or an operator.

        Raises RuntimeError in a write that promised to leave the settings alone.
        """
        if self.agenda:
            raise RuntimeError(f"A write of the agenda changes the settings: {subject}.")
        self.audits += 1
        self.session.add(
            Audit(
                account_id=self.account_id,
                revision=self.account.revision,
                n=self.audits,
                at=self.now,
                subject=subject,
                actor_kind="user" if actor else "system",
                user_id=actor.user_id if actor else None,
                actor_name=actor.name[:200] if actor else "LogiVet",
                before=before,
                after=after,
            )
        )


def transact(
    desk: Desk, account_id: uuid.UUID, work: Callable[[Tx], T], *, agenda: bool = False
) -> T:
    """Run `work` under the clinic's lock in a transaction of its own, and return its result.

    It may run several times, see `retried`: it then reads what the winner wrote. When it writes
    nothing, nothing changes, not even the revision. `agenda` promises that it leaves alone the
    clinic's settings, and what an owner may choose from: what is kept of them stays valid.
    Raises UnsavedWorkError when the host left work in the session, UnknownAccountError, and what
    `work` raises.
    """
    session = desk.session
    if holds_work(session):
        raise UnsavedWorkError(
            "The session holds work that is not committed. flask_logivet_rdv begins each write"
            " with a rollback, to lock the clinic before anything is read: code that runs before"
            " it in the same request, such as a before_request hook, must commit what it writes."
        )

    def unit() -> tuple[Tx, T]:
        tx = _locked(desk, account_id, agenda)
        result = work(tx)
        if holds_work(session):
            session.commit()
        else:
            session.rollback()
        return tx, result

    tx, result = retried(session, unit)
    if tx.mails or tx.events:
        desk.notify(account_id, mail=bool(tx.mails), events=bool(tx.events))
    return result


def _locked(desk: Desk, account_id: uuid.UUID, agenda: bool) -> Tx:
    """Take the lock with the first statement, whatever the database; read the clock after it.

    MariaDB's snapshot begins with the first read: one before the lock makes the lock useless.
    """
    session, connection = desk.session, desk.session.connection()
    returning = connection.dialect.update_returning
    lock = _lock(agenda, returning, agenda and on_postgresql(session))
    locked = connection.execute(lock, {"account": account_id})
    if not returning:
        account = session.get(ClinicAccount, account_id, populate_existing=True)
    elif row := locked.first():
        account = _as_read(session, row)
    else:
        account = None
    if account is None:
        raise UnknownAccountError(str(account_id))
    offers = desk.offers if agenda else KeptOffers(Shelf(0))  # its own settings may change them
    return Tx(session, account, desk.clock(), desk.rules, desk.caps, offers, agenda)


@cache
def _lock(agenda: bool, returning: bool, planned_once: bool) -> Any:
    """Return the statement, of the table: to the session the lock alone is nothing to commit.

    `planned_once` has PostgreSQL plan what follows in the transaction once for all parameters: as
    it weighs a day of a small clinic against one of any, it would plan each booking's questions
    anew, at the price of all their answers.
    """
    account = cast("sa.Table", ClinicAccount.__table__)
    counters = [account.c.revision] + [account.c.settings_revision] * (not agenda)
    grown = {counter: counter + 1 for counter in counters}
    lock = sa.update(account).where(account.c.id == sa.bindparam("account")).values(grown)
    if not returning:
        return lock
    return lock.returning(*account.c, *[PLANNED_ONCE] * planned_once)


def _as_read(session: Session, row: sa.Row[Any]) -> ClinicAccount:
    """Return the session's account as a row has it: half the cost of what an ORM's update does."""
    values = dict(zip(ClinicAccount.__table__.c.keys(), row, strict=False))
    known = session.identity_map.get(identity_key(ClinicAccount, values["id"]))
    if known is None:
        account: ClinicAccount = manager_of_class(ClinicAccount).new_instance()
        instance_dict(account).update(values)
        make_transient_to_detached(account)
        session.add(account)
        return account
    for name, value in values.items():
        set_committed_value(known, name, value)
    return known
