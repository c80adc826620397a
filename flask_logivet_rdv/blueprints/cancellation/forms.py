"""The form of a cancellation: a reason, and a signature that shows the form was read."""

from dataclasses import dataclass
from enum import StrEnum

from flask import Request, current_app
from itsdangerous import Signer
from werkzeug.exceptions import RequestEntityTooLarge

from flask_logivet_rdv.web.text import paragraphs, unfit, visible

SALT = "logivet-rdv-cancel"
MAX_REASON = 500
MAX_BODY = 16 * 1024


class Problem(StrEnum):
    """What is wrong with a posted form; its words are the template's."""

    EMPTY = "empty"
    LONG = "long"
    UNFIT = "unfit"
    HUGE = "huge"
    UNSIGNED = "unsigned"
    FOREIGN = "foreign"
    FAILED = "failed"


STATUSES = {Problem.HUGE: 413, Problem.FOREIGN: 403, Problem.FAILED: 503}


@dataclass(frozen=True, slots=True)
class CancelForm:
    """The form of one link: `reason` as typed and cleaned, and what is wrong with it."""

    link: str
    reason: str = ""
    problem: Problem | None = None

    @property
    def signature(self) -> str:
        """Return the hidden field, which needs no cookie: it is valid for this link alone."""
        return _signer().get_signature(self.link).decode()

    @property
    def status(self) -> int:
        """Return the HTTP status under which the form is shown."""
        return STATUSES.get(self.problem, 422) if self.problem else 200


def read_form(link: str, request: Request) -> CancelForm:
    """Return the posted form of a link, with its problem if it has one."""
    request.max_content_length = MAX_BODY
    try:
        fields = request.form
    except RequestEntityTooLarge:
        return CancelForm(link, problem=Problem.HUGE)
    typed = fields.get("reason", "")
    once = all(len(values) == 1 for values in fields.listvalues())
    signed = once and _signer().verify_signature(link, fields.get("signature", ""))
    return CancelForm(link, paragraphs(typed), _problem(typed, signed=signed))


def _problem(typed: str, *, signed: bool) -> Problem | None:
    reason = paragraphs(typed)
    if not visible(reason):
        return Problem.EMPTY
    if unfit(typed):
        return Problem.UNFIT
    if len(reason) > MAX_REASON:
        return Problem.LONG
    return None if signed else Problem.UNSIGNED


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", SALT)
