"""Mails, calendar entries and notices: texts in a language, from facts."""

from .delivery import deliver

__all__ = ["deliver"]
