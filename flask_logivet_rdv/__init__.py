"""« Rendez-vous en ligne »: online booking that mounts into a veterinary portal."""

__version__ = "0.1.0"

from .extension import LogivetRdv
from .host import Actor, ClinicFacts, FlaskLoginHost, Host, Layout, MailText
from .messages.checking import MailTextProblem, check_mail_text
from .messages.mail_texts import (
    default_mail_text,
    mail_messages,
    mail_placeholders,
    preview_mail_text,
)

__all__ = [
    "Actor",
    "ClinicFacts",
    "FlaskLoginHost",
    "Host",
    "Layout",
    "LogivetRdv",
    "MailText",
    "MailTextProblem",
    "check_mail_text",
    "default_mail_text",
    "mail_messages",
    "mail_placeholders",
    "preview_mail_text",
]
