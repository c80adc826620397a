"""The clinic's own text of a mail, from the host: whatever is wrong with it, the mail leaves."""

import logging
from dataclasses import asdict
from typing import Any

from flask_logivet_rdv.host import MailText
from flask_logivet_rdv.services.outbox import Claim
from flask_logivet_rdv.services.transaction import Desk, transact
from flask_logivet_rdv.services.warnings import mail_text_was_told, warn_of_mail_text
from flask_logivet_rdv.state import state

from .checking import MailTextProblem, check_mail_text

log = logging.getLogger(__name__)


def own_text(desk: Desk, claim: Claim, clinic_id: Any, lang: str) -> MailText | None:
    """Return the text that the host has for a mail, or None for the package's.

    It is None also when the host fails, or when its text cannot be sent as it is: the clinic is
    told once a day, in LogiVet's message centre. What the session holds is lost by that.
    """
    try:
        own = state().host.mail_text(clinic_id, claim.kind, lang)
        if own is None:
            return None
        problem = next((p for p in check_mail_text(claim.kind, own) if p.spoils), None)
    except Exception as error:  # noqa: BLE001 whatever the host raises, its client gets the mail
        log.error("The host's text of %s failed (%s).", claim.kind, type(error).__name__)
        problem = MailTextProblem("text", "host_error")
    if problem is None:
        return own
    desk.session.rollback()
    _tell(desk, claim, lang, problem)
    return None


def _tell(desk: Desk, claim: Claim, lang: str, problem: MailTextProblem) -> None:
    why = problem.words("en")
    log.error("The host's text of %s (%s) gives way to the package's: %s", claim.kind, lang, why)
    told = asdict(problem)
    try:
        if not mail_text_was_told(desk.session, claim.account_id, claim.kind, lang, desk.clock()):
            transact(
                desk, claim.account_id, lambda tx: warn_of_mail_text(tx, claim.kind, lang, told)
            )
    except Exception as error:  # noqa: BLE001 the mail matters more; the next one tells
        log.warning("The clinic could not be told (%s).", type(error).__name__)
        desk.session.rollback()
