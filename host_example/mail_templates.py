"""« Gabarits de courriel »: the clinic's own texts of the package's mails."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from flask_logivet_rdv import (
    MailText,
    MailTextProblem,
    check_mail_text,
    default_mail_text,
    mail_messages,
    mail_placeholders,
    preview_mail_text,
)

from .models import MailTemplate, db
from .texts import say

mail_templates = Blueprint("mail_templates", __name__, url_prefix="/compte/gabarits")
LANGUAGES = {"fr": "français", "en": "anglais"}
Page = str | tuple[str, int] | Response


@mail_templates.get("")
def overview() -> str:
    """List the messages, and whose text each has in each language."""
    mine = MailTemplate.clinic_id == current_user.clinic_id
    own = {
        (row.message, row.locale) for row in db.session.scalars(db.select(MailTemplate).where(mine))
    }
    return render_template(
        "portal/mail_templates.html", messages=_messages(), languages=LANGUAGES, own=own
    )


@mail_templates.route("/<message>/<locale>", methods=["GET", "POST"])
def edit(message: str, locale: str) -> Page:
    """Show a text, check it, show it as a client would see it, save it, or go back to ours."""
    clinic_id = current_user.clinic_id
    if clinic_id is None or message not in _messages() or locale not in LANGUAGES:
        abort(404)
    key = (clinic_id, message, locale)
    row = db.session.get(MailTemplate, key)
    saved = row.mail_text() if row else None
    if request.method == "GET":
        return _page(*key, saved, shown=saved)
    if not current_user.may_edit:
        return _page(*key, saved, shown=saved), 403
    if request.form.get("op") == "default":
        return _keep(*key, None)
    typed = _typed(request.form)
    if problems := check_mail_text(message, typed):
        return _page(*key, saved, typed=typed, problems=problems), 422
    if request.form.get("op") == "preview":
        return _page(*key, saved, typed=typed, shown=typed)
    return _keep(*key, typed)


def _typed(form: Mapping[str, str]) -> MailText:
    """Return what was typed; browsers end its lines as mails do."""
    subject, text, html = (
        form.get(name, "").replace("\r\n", "\n") for name in ("subject", "text", "html")
    )
    return MailText(subject, text, html if html.strip() else None)


def _keep(clinic_id: Any, message: str, locale: str, text: MailText | None) -> Response:
    """Save a text, or forget it for None; our own text, sent back unchanged, is none."""
    row = db.session.get(MailTemplate, (clinic_id, message, locale))
    if text is None or text == default_mail_text(clinic_id, message, locale):
        if row:
            db.session.delete(row)
        told = say("Les courriels partiront avec le texte par défaut.")
    else:
        new = MailTemplate(clinic_id=clinic_id, message=message, locale=locale)
        new.subject, new.text, new.html = text.subject, text.text, text.html
        db.session.merge(new)
        told = say("Le gabarit est enregistré.")
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        if db.session.get(MailTemplate, (clinic_id, message, locale)) is None:
            raise
        # a colleague saved the first text of their own just now
        return _keep(clinic_id, message, locale, text)
    flash(told, "success")
    return redirect(url_for(".edit", message=message, locale=locale), 303)


def _page(
    clinic_id: Any,
    message: str,
    locale: str,
    saved: MailText | None,
    *,
    typed: MailText | None = None,
    shown: MailText | None = None,
    problems: list[MailTextProblem] | None = None,
) -> str:
    """Return the form with what was typed, and a preview of `shown` unless there are problems."""
    default = default_mail_text(clinic_id, message, locale)
    return render_template(
        "portal/mail_template.html",
        title=_messages()[message],
        locale=locale,
        spoken=say(LANGUAGES[locale]),
        placeholders=mail_placeholders(message, _language()),
        is_own=saved is not None,
        default=default,
        typed=typed or saved or default,
        problems=_by_field(problems or []),
        preview=None if problems else preview_mail_text(clinic_id, message, locale, shown),
        may_edit=current_user.may_edit,
    )


def _by_field(problems: list[MailTextProblem]) -> dict[str, list[str]]:
    by_field: dict[str, list[str]] = {}
    for problem in problems:
        by_field.setdefault(problem.field, []).append(problem.words(_language()))
    return by_field


def _messages() -> dict[str, str]:
    return mail_messages(_language())


def _language() -> str:
    return str(get_locale())
