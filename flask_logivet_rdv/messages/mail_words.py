"""The mails in words, for the account: what they are, and why they do not leave."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from flask_logivet_rdv.i18n import lazy_gettext
from flask_logivet_rdv.services.booking import CONFIRMATION
from flask_logivet_rdv.services.by_clinic import CANCELLED_BY_CLINIC, MOVED_BY_CLINIC
from flask_logivet_rdv.services.cancelling import CANCELLATION
from flask_logivet_rdv.services.reminding import REMINDER

KINDS: Mapping[str, LazyString] = {
    CONFIRMATION: lazy_gettext("Confirmation"),
    CANCELLATION: lazy_gettext("Cancellation by the client"),
    CANCELLED_BY_CLINIC: lazy_gettext("Cancellation by the clinic"),
    MOVED_BY_CLINIC: lazy_gettext("Move by the clinic"),
    REMINDER: lazy_gettext("Reminder"),
}
REFUSED = lazy_gettext("The mail server refused the client's address: check it with them.")
IMPOSSIBLE = lazy_gettext("No email can be sent to this address: check it with the client.")
MESSAGE_REFUSED = lazy_gettext("The mail server refused the message.")
NOT_ALLOWED = lazy_gettext(
    "The portal may not send through its mail server: LogiVet's support can put that right."
)
AWAY = lazy_gettext("The mail server did not answer.")
UNFORESEEN = lazy_gettext("Something unforeseen kept the email from leaving.")
_ERRORS: Mapping[str, LazyString] = {
    "SMTPRecipientsRefused": REFUSED,
    "BadHeaderError": IMPOSSIBLE,
    "UnicodeEncodeError": IMPOSSIBLE,
    "SMTPDataError": MESSAGE_REFUSED,
    "SMTPSenderRefused": NOT_ALLOWED,
    "SMTPAuthenticationError": NOT_ALLOWED,
    "SMTPServerDisconnected": AWAY,
    "SMTPConnectError": AWAY,
    "ConnectionRefusedError": AWAY,
    "ConnectionResetError": AWAY,
    "TimeoutError": AWAY,
    "gaierror": AWAY,
    "OSError": AWAY,
}


def kind_words(kind: str) -> str:
    """Return what a mail is, in the language being spoken; an unknown kind by its name."""
    return str(KINDS.get(kind, kind))


def error_words(error: str) -> str:
    """Return why a mail did not leave, by the name of what it met, in the language spoken."""
    return str(_ERRORS.get(error, UNFORESEEN))
