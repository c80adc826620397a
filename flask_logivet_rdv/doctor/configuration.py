"""Settings that are valid, but that no portal in production should have."""

from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from flask import Flask

from flask_logivet_rdv.config import LOOPBACK, PREFIX, Settings
from flask_logivet_rdv.messages.mail import default_sender
from flask_logivet_rdv.state import state

from .finding import Finding, Level

NAME = "settings"


def look(app: Flask) -> Iterator[Finding]:
    """Yield a finding for each setting that is worth one, or that none is."""
    settings = state().settings
    found = [*_of_mail(app, settings), *_of_secrets(app, settings)]
    if not (app.debug or app.testing):
        found += _of_development(settings)
    yield from found
    if not found:
        yield Finding(NAME, Level.OK, f"Mounted here: {', '.join(settings.blueprints)}.")


def _of_mail(app: Flask, settings: Settings) -> Iterator[Finding]:
    if settings.mail_from is None:
        try:
            default_sender()
        except RuntimeError as error:
            yield _finding("MAIL_FROM", Level.ERROR, f"No mail can leave. {error}")
    if app.extensions["mail"].suppress and not app.testing:
        told = "Mails are taken for sent, and go nowhere. Remove MAIL_SUPPRESS_SEND."
        yield Finding(f"{NAME}: MAIL_SUPPRESS_SEND", Level.WARNING, told)


def _of_secrets(app: Flask, settings: Settings) -> Iterator[Finding]:
    if not app.secret_key:
        told = "It is not set: no form can be signed, and nobody can book."
        yield Finding(f"{NAME}: SECRET_KEY", Level.ERROR, told)
    elif settings.email_key == app.secret_key:
        told = "It is SECRET_KEY: when that one changes, every address is counted from 0 again."
        yield _finding("EMAIL_KEY", Level.WARNING, told)


def _of_development(settings: Settings) -> Iterator[Finding]:
    for key, url in (("PUBLIC_URL", settings.public_url), ("ACCOUNT_URL", settings.account_url)):
        if url and urlsplit(url).hostname in LOOPBACK:
            told = f"{url} is reached from this machine only. Set the address that people use."
            yield _finding(key, Level.WARNING, told)
    if settings.dev_domains:
        told = "Loopback and IP hosts are taken as sites of a clinic. Set it in development only."
        yield _finding("DEV_DOMAINS", Level.WARNING, told)
    off = [
        f"{PREFIX}{field.name.upper()}"
        for field in fields(Settings)
        if field.name.startswith("limit_") and getattr(settings, field.name) is None
    ]
    if off:
        told = f"Nothing slows a robot down: {', '.join(off)}."
        yield Finding(f"{NAME}: limits", Level.WARNING, told)


def _finding(key: str, level: Level, told: str) -> Finding:
    return Finding(f"{NAME}: {PREFIX}{key}", level, told)
