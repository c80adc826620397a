"""What the portal tells us about its users and clinics: a protocol, and a Flask-Login default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import sqlalchemy as sa

DEFAULT_LOCALE = "fr"
DEFAULT_ZONE = "America/Toronto"
NAMES = ("name", "name_fr", "name_en")


@dataclass(frozen=True, slots=True)
class Actor:
    """The person at the keyboard of an account page. `clinic_id` is None outside any clinic.

    `is_support` is a person of LogiVet's support, who opens clinics and makes their keys; such a
    person belongs to no clinic.
    """

    user_id: Any
    name: str
    clinic_id: Any | None
    may_edit: bool = True
    is_support: bool = False
    locale: str = DEFAULT_LOCALE


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    """What pages and mails say of a clinic. `accent` is ``#rrggbb`` or None."""

    name_fr: str
    name_en: str
    phone: str | None = None
    address: str | None = None
    email: str | None = None
    time_zone: str = DEFAULT_ZONE
    locale: str = DEFAULT_LOCALE
    accent: str | None = None

    def name(self, locale: str) -> str:
        """Return the name in a locale, or in the other one where it is missing."""
        first, second = self.name_fr, self.name_en
        if not locale.startswith("fr"):
            first, second = second, first
        return first or second


@dataclass(frozen=True, slots=True)
class Layout:
    """How account pages enter the portal: its base template, and which of its blocks to fill.

    `blocks` maps ours (``title``, ``head``, ``content``, ``scripts``) to the names in the host's
    base; None for a block that the base does not have.
    """

    base: str = "logivet_rdv/base.html"
    blocks: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail in words: as the portal's « Gabarits de courriel » gives it, or filled.

    `subject` and `text` are plain text, `html` a page or a piece of one, None for a mail of plain
    text. What `flask_logivet_rdv.mail_placeholders` names is filled where it stands in braces.
    """

    subject: str
    text: str
    html: str | None = None


class Host(Protocol):
    """What the package asks of the portal. Everything else it knows by itself."""

    def actor(self) -> Actor | None:
        """Return the person of the current request, or None when nobody is logged in."""

    def clinics(self, ids: Sequence[Any]) -> Mapping[Any, ClinicFacts]:
        """Return the facts of clinics by their id; unknown ids are left out."""

    def layout(self) -> Layout:
        """Return how account pages enter the portal's own layout."""

    def mail_text(self, clinic_id: Any, message: str, locale: str) -> MailText | None:
        """Return the clinic's own text of a message, or None for the package's."""


@runtime_checkable
class FindsClinics(Protocol):
    """What a portal may offer besides: without it, LogiVet's support names a clinic by its id."""

    def find_clinics(self, text: str, limit: int) -> Mapping[Any, ClinicFacts]:
        """Return at most `limit` clinics whose name holds a text, by their id, in order."""


class FlaskLoginHost:
    """A host with Flask-Login whose users and clinics have the usual attribute names."""

    def __init__(self, db: Any, clinic: type) -> None:
        self.db, self.clinic = db, clinic

    def actor(self) -> Actor | None:
        """Return Flask-Login's current user, by the attributes ``name``, ``clinic_id``, …."""
        from flask_login import current_user  # only a host that uses Flask-Login has it

        if not current_user.is_authenticated:
            return None
        user = current_user
        return Actor(
            user_id=user.id,
            name=getattr(user, "name", None) or str(user.get_id()),
            clinic_id=getattr(user, "clinic_id", None),
            may_edit=bool(getattr(user, "may_edit", True)),
            is_support=bool(getattr(user, "is_support", False)),
            locale=getattr(user, "locale", None) or DEFAULT_LOCALE,
        )

    def clinics(self, ids: Sequence[Any]) -> Mapping[Any, ClinicFacts]:
        """Return the facts of clinics from the attributes their rows happen to have."""
        return {
            row.id: self._facts(row)
            for row in self.db.session.query(self.clinic).filter(self.clinic.id.in_(ids))  # type: ignore[attr-defined]
        }

    def find_clinics(self, text: str, limit: int) -> Mapping[Any, ClinicFacts]:
        """Return clinics by the columns ``name``, ``name_fr`` and ``name_en`` that they have."""
        columns: Any = sa.inspect(self.clinic, raiseerr=True).column_attrs
        names = [columns[name].class_attribute for name in NAMES if name in columns]
        if not names:
            return {}
        found = self.db.session.query(self.clinic).filter(
            sa.or_(*(name.icontains(text, autoescape=True) for name in names))
        )
        return {row.id: self._facts(row) for row in found.order_by(names[0]).limit(limit)}

    def layout(self) -> Layout:
        """Return the package's own bare layout."""
        return Layout()

    def mail_text(self, clinic_id: Any, message: str, locale: str) -> MailText | None:
        """Return None: the package's own texts."""
        return None

    @staticmethod
    def _facts(row: Any) -> ClinicFacts:
        name = getattr(row, "name", "")
        return ClinicFacts(
            name_fr=getattr(row, "name_fr", name) or "",
            name_en=getattr(row, "name_en", name) or "",
            phone=getattr(row, "phone", None),
            address=getattr(row, "address", None),
            email=getattr(row, "email", None),
            time_zone=getattr(row, "time_zone", None) or DEFAULT_ZONE,
            locale=getattr(row, "locale", None) or DEFAULT_LOCALE,
            accent=getattr(row, "accent", None),
        )
