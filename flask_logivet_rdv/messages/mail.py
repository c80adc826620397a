"""Sending: the host's Flask-Mail, with a time limit and headers that no input can add to."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.utils import parseaddr
from types import TracebackType

import flask_mail
from flask import current_app

from flask_logivet_rdv.host import MailText

from .plain import one_line

TIMEOUT_S = 20
"""For each step of the conversation, of which there are about ten: well within a lease."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom. `sender_address` None is MAIL_DEFAULT_SENDER.

    `calendar` is the attached entry, `method` its iTIP method.
    """

    message_id: str
    sender_name: str
    sender_address: str | None
    to: str
    reply_to: str | None
    calendar: bytes
    method: str


AS_ENCODED = policy.SMTP.clone(refold_source="none")


class Message(flask_mail.Message):
    """Flask-Mail's message, its headers left as they were encoded.

    Folding them again decodes a name first: a comma in it then makes two addresses of one.
    """

    def as_bytes(self) -> bytes:
        """Return the message as it travels."""
        return self._message().as_bytes(policy=AS_ENCODED)


class Connection(flask_mail.Connection):
    """Flask-Mail's connection, which gives up on a server that hangs."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """Connect as Flask-Mail does, with a time limit, leaving no socket behind on failure."""
        mail = self.mail
        kind = smtplib.SMTP_SSL if mail.use_ssl else smtplib.SMTP
        host = kind(mail.server, mail.port or 0, timeout=TIMEOUT_S)
        try:
            host.set_debuglevel(int(mail.debug))
            if mail.use_tls:
                host.starttls()
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Take leave; a mail that was accepted is sent, however the server says goodbye."""
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()
            self.host.close()


def send(letter: MailText, envelope: Envelope) -> None:
    """Send a letter through the host's Flask-Mail.

    Raises smtplib's errors and OSError, flask_mail.BadHeaderError or UnicodeEncodeError for an
    address that no mail can go to, RuntimeError when no sender is configured.
    """
    address = envelope.sender_address or default_sender()
    message = Message(
        subject=letter.subject,
        sender=address,
        recipients=[envelope.to],
        body=letter.text,
        html=letter.html,
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    name = one_line(envelope.sender_name, 80)
    # given to the constructor, a pair is joined unquoted: a comma in the name would lose the rest
    message.sender = (name, address)
    if envelope.reply_to:
        message.reply_to = (name, one_line(envelope.reply_to))
    message.msgId = envelope.message_id
    message.attach(
        "rendez-vous.ics",
        f"text/calendar; charset=utf-8; method={envelope.method}",
        envelope.calendar,
    )
    with Connection(current_app.extensions["mail"]) as connection:
        connection.send(message, envelope_from=address)


def default_sender() -> str:
    """Return the bare address of MAIL_DEFAULT_SENDER: a text or a (name, address) pair.

    Raises RuntimeError when there is none.
    """
    given = current_app.extensions["mail"].default_sender
    address = given[1] if isinstance(given, tuple) else parseaddr(given or "")[1]
    if not address:
        raise RuntimeError("Set LOGIVET_RDV_MAIL_FROM or MAIL_DEFAULT_SENDER: mails need a sender.")
    return str(address)
