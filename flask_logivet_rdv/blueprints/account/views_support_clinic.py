"""LogiVet's support: one clinic, its subscription and the keys of its LogiVet (S5)."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.i18n import Words, current_language, words
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.models import ClinicAccount, SyncKey
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.services.accounts import account_row, set_subscription
from flask_logivet_rdv.services.contact import Heard, last_heard
from flask_logivet_rdv.services.disagreements import conflicts_by_account
from flask_logivet_rdv.services.keys import create_key, list_keys, revoke_key
from flask_logivet_rdv.services.standing import Standing, standings
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state

from .forms import read_submission
from .layout import Problem, support_page
from .views_support import name_of


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the page shows it; never its secret."""

    id: str
    scopes: str
    created: str
    state: str
    used: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Clinic:
    """The part of the page of a clinic; `new_key` in clear on the answer that made it, only.

    A subscription that is not in force yet can be switched off, one that has ended switched on.
    """

    account_id: uuid.UUID
    in_force: bool
    can_end: bool
    subscription: str
    zone: str
    lines: Sequence[tuple[str, str, bool]]
    keys: Sequence[KeyRow]
    ended_keys: Sequence[KeyRow]
    new_key: str | None


def clinic(actor: Actor, account_id: uuid.UUID) -> Response:
    """Show how a clinic stands, and its keys."""
    return _clinic(actor, account_id)


def subscription(actor: Actor, account_id: uuid.UUID) -> Response:
    """Switch a clinic's subscription on or off."""
    _account(account_id)
    sent = read_submission("save")
    wanted = sent.fields.get("active")
    if wanted not in ("0", "1"):
        abort(400)
    if sent.problems:
        return _clinic(actor, account_id, sent.problems)
    transact(jobs.desk(), account_id, lambda tx: set_subscription(tx, wanted == "1", actor))
    flash(_("Changes saved."), "success")
    return redirect(url_for(".support_clinic", account_id=account_id), 303)


def new_key(actor: Actor, account_id: uuid.UUID) -> Response:
    """Make a key, and show it on this answer only, which no cache may keep."""
    _account(account_id)
    sent = read_submission("save")
    if sent.problems:
        return _clinic(actor, account_id, sent.problems)
    key = transact(jobs.desk(), account_id, lambda tx: create_key(tx, actor=actor))
    answer = _clinic(actor, account_id, new_key=key)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def revocation(actor: Actor, account_id: uuid.UUID, key_id: str) -> Response:
    """Revoke a key of the clinic."""
    _account(account_id)
    sent = read_submission("save")
    if sent.problems:
        return _clinic(actor, account_id, sent.problems)
    if not transact(jobs.desk(), account_id, lambda tx: revoke_key(tx, key_id, actor)):
        abort(404)
    flash(_("The key rdv_{key} is revoked.", key=key_id), "success")
    return redirect(url_for(".support_clinic", account_id=account_id), 303)


def _account(account_id: uuid.UUID) -> ClinicAccount:
    found = account_row(state().db.session(), account_id)
    if found is None:
        abort(404)
    return found


def _clinic(
    actor: Actor,
    account_id: uuid.UUID,
    problems: Sequence[Problem] = (),
    new_key: str | None = None,
) -> Response:
    here = state()
    session, now, account = here.db.session(), here.clock(), _account(account_id)
    say = words(current_language())
    told = _Told(say, zone(account.time_zone), now)
    rows = [told.key(key) for key in list_keys(session, account_id)]
    sheet = Clinic(
        account_id=account_id,
        in_force=account.subscribed(int(now.timestamp())),
        can_end=account.active and not told.over(account),
        subscription=told.subscription(account),
        zone=say.zone_name(account.time_zone),
        lines=list(told.lines(standings(session, now, account_id)[0], _found(account_id, now))),
        keys=[row for row in rows if not row.ended],
        ended_keys=[row for row in rows if row.ended],
        new_key=new_key,
    )
    facts = here.host.clinics([account.clinic_id])
    return support_page(
        "support_clinic.html",
        sheet,
        title=_("Support – {name}", name=name_of(account.clinic_id, facts)),
        may_write=actor.may_edit,
        problems=problems,
    )


def _found(account_id: uuid.UUID, now: datetime) -> tuple[Heard | None, int]:
    session = state().db.session()
    conflicts = conflicts_by_account(session, [account_id], now)
    return last_heard(session, account_id).get(account_id), conflicts.get(account_id, 0)


@dataclass(frozen=True, slots=True)
class _Told:
    """A clinic's figures in a language, their times in the clinic's zone, at a moment."""

    say: Words
    zone: tzinfo
    now: datetime

    def over(self, account: ClinicAccount) -> bool:
        """Tell whether the subscription's last day is past."""
        return account.active_until is not None and account.active_until <= self.now.timestamp()

    def subscription(self, account: ClinicAccount) -> str:
        """Return the state of the subscription, with the date that decides it."""
        instant, from_, until = self.now.timestamp(), account.active_from, account.active_until
        if not account.active:
            return self.say.trp("subscription", "Off")
        if from_ is not None and instant < from_:
            return _("Begins on {moment}", moment=self._at(from_))
        if until is None:
            return self.say.trp("subscription", "On")
        if self.over(account):
            return self.say.trp("subscription", "Ended on {moment}", moment=self._at(until))
        return _("On until {moment}", moment=self._at(until))

    def lines(
        self, standing: Standing, found: tuple[Heard | None, int]
    ) -> Iterator[tuple[str, str, bool]]:
        """Yield labels and texts, and whether somebody should look at it."""
        heard, conflicts = found
        # Translators: no email, no appointment: masculine in French
        none, feed, mails = _("None"), standing.unfetched, standing.mails
        yield _("Clinic number"), str(standing.clinic_id), False
        yield "widgetId", str(standing.account_id), False
        yield _("Last contact"), self._heard(heard), heard is None
        uploaded = standing.uploaded_at
        yield _("Last sync"), self._moment(uploaded) if uploaded else _("Never"), not uploaded
        waiting = none
        if feed.since is not None:
            since = self._at(feed.since)
            waiting = _("{n}, since {moment}", n=feed.events, moment=since)
        yield _("Events not fetched"), waiting, feed.events > 0
        yield _("Conflicts with the agenda"), str(conflicts or none), conflicts > 0
        yield _("Emails waiting"), str(mails.waiting or none), False
        yield _("Undelivered emails"), str(mails.dead or none), mails.dead > 0

    def key(self, key: SyncKey) -> KeyRow:
        """Return a key as the page shows it."""
        ended = key.revoked_at or key.expires_at
        over = key.revoked_at is not None or (ended is not None and ended <= self.now)
        return KeyRow(
            id=key.key_id,
            scopes=", ".join(key.scopes),
            created=self._moment(key.created_at),
            state=self._key_state(key, over),
            used=self._used(key),
            ended=over,
        )

    def _key_state(self, key: SyncKey, over: bool) -> str:
        if key.revoked_at is not None:
            return _("Revoked on {moment}", moment=self._moment(key.revoked_at))
        if key.expires_at is None:
            return self.say.trp("key", "Valid")
        until = self._moment(key.expires_at)
        if over:
            return self.say.trp("key", "Ended on {moment}", moment=until)
        return _("Valid until {moment}", moment=until)

    def _used(self, key: SyncKey) -> str:
        if key.last_used_at is None:
            return _("Never used")
        parts = (self._moment(key.last_used_at), key.last_used_agent, key.last_used_ip)
        return ", ".join(filter(None, parts))

    def _heard(self, heard: Heard | None) -> str:
        if heard is None:
            return _("Never")
        return ", ".join(filter(None, (self._moment(heard.at), heard.agent, heard.address)))

    def _at(self, instant: int) -> str:
        return self._moment(datetime.fromtimestamp(instant, UTC))

    def _moment(self, moment: datetime) -> str:
        return self.say.date_and_time(moment.astimezone(self.zone))
