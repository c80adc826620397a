"""The portal's own tables: its clinics and the people who log in."""

import os
import uuid
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Boolean, ForeignKey, Integer, String, Text, Uuid
from sqlalchemy.dialects.mysql import MEDIUMTEXT
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash, generate_password_hash

from flask_logivet_rdv.host import MailText

# A portal's keys may be of any type; the tests run the package against both.
UUID_KEYS = os.environ.get("HOST_KEYS") == "uuid"
KEY = Uuid if UUID_KEYS else Integer
NEW_KEY = uuid.uuid4 if UUID_KEYS else None
LONG_TEXT = Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")


class Base(DeclarativeBase):
    """The declarative base of the portal's models."""


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Clinic(Model):
    """A veterinary clinic, customer of the portal."""

    __tablename__ = "clinic"

    id: Mapped[Any] = mapped_column(KEY, primary_key=True, default=NEW_KEY)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name_fr: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(254))
    time_zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(5))
    accent: Mapped[str] = mapped_column(String(7))
    users: Mapped[list["User"]] = relationship(back_populates="clinic", order_by="User.name")


class User(Model):
    """A person who logs in: staff of one clinic, or LogiVet's support (no clinic)."""

    __tablename__ = "user_account"

    id: Mapped[Any] = mapped_column(KEY, primary_key=True, default=NEW_KEY)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    clinic_id: Mapped[Any] = mapped_column(KEY, ForeignKey("clinic.id"), nullable=True, index=True)
    is_support: Mapped[bool] = mapped_column(Boolean, default=False)
    may_edit: Mapped[bool] = mapped_column(Boolean, default=True)
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    clinic: Mapped[Clinic | None] = relationship(back_populates="users")

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return the key that Flask-Login keeps in the session."""
        return str(self.id)

    def set_password(self, password: str) -> None:
        """Keep the hash of `password`."""
        self.password_hash = generate_password_hash(password)

    def has_password(self, password: str) -> bool:
        """Tell whether `password` is this user's."""
        return check_password_hash(self.password_hash, password)


class MailTemplate(Model):
    """A clinic's own text of one of the package's mails, in a language."""

    __tablename__ = "mail_template"

    clinic_id: Mapped[Any] = mapped_column(
        KEY, ForeignKey("clinic.id", ondelete="CASCADE"), primary_key=True
    )
    message: Mapped[str] = mapped_column(String(32), primary_key=True)
    locale: Mapped[str] = mapped_column(String(5), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(LONG_TEXT)
    html: Mapped[str | None] = mapped_column(LONG_TEXT)

    def mail_text(self) -> MailText:
        """Return it as the package takes it."""
        return MailText(self.subject, self.text, self.html)


def load_user(key: str) -> User | None:
    """Return the user whose session key is `key`, or None if it is unknown or malformed."""
    try:
        return db.session.get(User, uuid.UUID(key) if UUID_KEYS else int(key))
    except ValueError:
        return None
