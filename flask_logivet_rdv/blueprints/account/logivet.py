"""What the first page says of LogiVet: when it was heard, and what a person has to decide there."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask_logivet_rdv.i18n import Words, lazy_gettext, local, words
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.services.bookings import in_either
from flask_logivet_rdv.services.contact import Contact, Heard, contact
from flask_logivet_rdv.services.disagreements import Disagreement, disagreements
from flask_logivet_rdv.state import state

from .visit import Visit

KINDS = {
    "appointment": lazy_gettext("appointment"),
    "note": lazy_gettext("note"),
    "unavailability": lazy_gettext("unavailability"),
    "reservation": lazy_gettext("reserved time"),
}
TOO_LONG = timedelta(minutes=15)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Decision:
    """A booking as staff knows it, and what LogiVet's agenda has there or instead."""

    booking: str
    entries: Sequence[str]


@dataclass(frozen=True, slots=True)
class Logivet:
    """The section: lines (label, text, whether it is bad), warnings, what a person decides."""

    lines: Sequence[tuple[str, str, bool]]
    warnings: Sequence[str]
    conflicts: Sequence[Decision]
    misplaced: Sequence[Decision]


def logivet(visit: Visit) -> Logivet:
    """Return the section of a clinic that has an account."""
    here = state()
    now, session = here.clock(), here.db.session()
    found = contact(session, visit.account_id)
    undecided = disagreements(session, visit.account_id, now, MOST_SHOWN)
    spoken = _Spoken(words(visit.lang), visit.time_zone, now)
    return Logivet(
        lines=list(spoken.lines(found)),
        warnings=list(spoken.warnings(found)),
        conflicts=spoken.decisions(one for one in undecided if not one.mirrors),
        misplaced=spoken.decisions(one for one in undecided if one.mirrors),
    )


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Sentences in a language, their times in the clinic's zone, at a moment."""

    say: Words
    zone_name: str
    now: datetime

    def lines(self, found: Contact) -> Iterator[tuple[str, str, bool]]:
        """Yield what is known of a contact."""
        yield _("Last contact"), self._heard(found.heard), False
        if found.uploaded_at:
            yield _("Last sync"), self.say.date_and_time(self._wall(found.uploaded_at)), False
        if not self._forgotten(found):
            yield _("Appointments"), self._received(found.read_at), False

    def warnings(self, found: Contact) -> Iterator[str]:
        """Yield what somebody should look at."""
        if found.uploaded_at is None:
            yield _("No data received from LogiVet yet.")
        elif self.now - found.uploaded_at > TOO_LONG:
            parts = self._parts(found.uploaded_at)
            yield _(
                "Last synced on {date} at {time}. Recent busy times may be missing.",
                date=parts["date"],
                time=parts["time"].removesuffix("."),  # of « a.m. »
            )
        if self._forgotten(found) and found.unread_since:
            count = self.say.trn(
                "{n} appointment not yet received in LogiVet.",
                "{n} appointments not yet received in LogiVet.",
                found.unread,
            )
            oldest = _(
                "The oldest has been waiting since {date} at {time}: check that LogiVet is open and"
                " connected.",
                **self._parts(datetime.fromtimestamp(found.unread_since, UTC)),
            )
            yield f"{count} {oldest}"

    def decisions(self, found: Iterable[Disagreement]) -> list[Decision]:
        """Return disagreements in words, those of one booking together."""
        entries: dict[uuid.UUID, list[str]] = {}
        bookings: dict[uuid.UUID, str] = {}
        for one in found:
            bookings.setdefault(one.booking_id, self._booking(one))
            entries.setdefault(one.booking_id, []).append(self._entry(one))
        return [Decision(text, entries[key]) for key, text in bookings.items()]

    def _booking(self, one: Disagreement) -> str:
        start, end = (local(at, one.time_zone) for at in (one.starts_at, one.ends_at))
        lang = self.say.lang
        names = (one.label("category", lang), one.pet_name, one.label("resource", lang))
        return f"{self._span(start, end, None)} – {', '.join(filter(None, names))}"

    def _entry(self, one: Disagreement) -> str:
        start, end = (local(at, one.time_zone) for at in (one.entry_starts_at, one.entry_ends_at))
        span = self._span(start, end, local(one.starts_at, one.time_zone).date())
        names = one.entry_resource
        where = in_either(names, self.say.lang) if names else _("Unassigned")
        what = f"{span}, {where}" if one.mirrors else f"{KINDS[one.entry_kind]}, {span}"
        return _("In the agenda: {what}", what=what)

    def _forgotten(self, found: Contact) -> bool:
        """Tell whether a booking has been waiting for LogiVet for too long."""
        since = found.unread_since
        return since is not None and self.now.timestamp() - since > TOO_LONG.total_seconds()

    def _heard(self, heard: Heard | None) -> str:
        if heard is None:
            return _("Never")
        return ", ".join(filter(None, (self.say.date_and_time(self._wall(heard.at)), heard.agent)))

    def _received(self, read_at: datetime | None) -> str:
        if read_at is None:
            return _("None received in the agenda yet")
        if self._wall(read_at).date() == self._wall(self.now).date():
            return _("Received in the agenda at {time}", time=self.say.time(self._wall(read_at)))
        return _("Received in the agenda on {date} at {time}", **self._parts(read_at))

    def _span(self, start: datetime, end: datetime, understood: date | None) -> str:
        """Return a range of time, without its day where that is `understood`."""
        say = self.say
        if start.date() != end.date():
            return _("{start} to {end}", start=say.date_and_time(start), end=say.date_and_time(end))
        hours = {"h1": say.time(start), "h2": say.time(end)}
        if start.date() == understood:
            return _("{h1} to {h2}", **hours)
        return _("{date}, {h1} to {h2}", date=say.weekday_date(start), **hours)

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(zone(self.zone_name))

    def _parts(self, moment: datetime) -> dict[str, str]:
        wall = self._wall(moment)
        return {"date": self.say.plain_date(wall), "time": self.say.time(wall)}
