"""``flask rdv``: the operator's commands, a module for each subject."""

from . import clinics, conformance, doctor, i18n, keys, mails, privacy, running, settings, tables
from .group import rdv

__all__ = [
    "clinics",
    "conformance",
    "doctor",
    "i18n",
    "keys",
    "mails",
    "privacy",
    "rdv",
    "running",
    "settings",
    "tables",
]
