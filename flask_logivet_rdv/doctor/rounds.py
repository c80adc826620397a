"""The doctor's rounds: every check in turn; one that fails is a finding, and the rest goes on."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask

from . import clinics, configuration, database, languages, mails, queue, tables, wall, zones
from .finding import Finding, Level

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """A subject. `look` is run in an application context of its own."""

    name: str
    look: Callable[[Flask], Iterable[Finding]]
    reads_database: bool = True


DATABASE = "database"
CHECKS = (
    Check("settings", configuration.look, reads_database=False),
    Check("languages", languages.look, reads_database=False),
    Check("autogenerate", tables.look_at_shield, reads_database=False),
    Check("redis", queue.look, reads_database=False),
    Check(DATABASE, database.look),
    Check("tables", tables.look),
    Check("time zones", zones.look),
    Check("login wall", wall.look),
    Check("mails", mails.look),
    Check("clinics", clinics.look),
)
"""In the order an operator reads: what this process is, what it stands on, what goes through it."""


def run(app: Flask) -> list[Finding]:
    """Return what every check finds in an application; raises nothing."""
    findings: list[Finding] = []
    away = False
    for check in CHECKS:
        if away and check.reads_database:
            told = "Not checked, as the database does not answer."
            findings.append(Finding(check.name, Level.ERROR, told))
            continue
        try:
            with app.app_context():
                findings += check.look(app)
        except Exception as error:
            log.debug("The check of %s failed.", check.name, exc_info=True)
            findings.append(_failed(check, error))
            away = away or check.name == DATABASE
    return findings


def _failed(check: Check, error: Exception) -> Finding:
    """Return the finding of a check that raised; an error's own words may hold anything."""
    what = type(error).__name__
    if check.name == DATABASE:
        told = f"It does not answer ({what}). See SQLALCHEMY_DATABASE_URI, and whether it runs."
    else:
        told = f"Could not be checked ({what}). What to mend may stand above."
    return Finding(check.name, Level.ERROR, told)
