"""The first page: the domains of the clinic's site, and the code to put there (A0)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import language, languages, words
from flask_logivet_rdv.models import Category, Resource, Species
from flask_logivet_rdv.services.catalogue import count_bookable, living
from flask_logivet_rdv.services.saving import Saved
from flask_logivet_rdv.services.settings import save_domains
from flask_logivet_rdv.services.undelivered import given_up_ahead
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.widget_code import widget_code

from .clash import Clash, save
from .forms import name_in, read_submission
from .forms_domains import DomainsForm, read_domains
from .layout import show
from .logivet import Logivet, logivet
from .vanished import left_out
from .visit import NO_ACCOUNT, Visit


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the set-up list: done once something is counted.

    Resources count once they can be booked: one that is enabled but lost its hours does not.
    """

    label: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Code:
    """What goes into the clinic's site, for a widget in one language (S61, S63).

    `sample` is a text for the page around it (S66).
    """

    lang: str
    html: str
    sample: str
    preview: str
    mailto: str


@dataclass(frozen=True, slots=True)
class Home:
    """The part of this page; `undelivered` says that mails were given up, or nothing."""

    form: DomainsForm
    steps: Sequence[Step]
    codes: Sequence[Code]
    resizing: str
    lang: str
    logivet: Logivet | None
    undelivered: str


def home(visit: Visit) -> Response:
    """Show the domains and the code; save the domains (S56–S64)."""
    if request.method != "POST":
        return _home(visit, DomainsForm(visit.domains))
    sent = read_submission("save", "add", "remove")
    form = read_domains(sent, dev=state().settings.dev_domains)
    again = partial(_home, visit, form, unsaved=(form.domains, form.typed) != (visit.domains, ""))
    if form.problems:
        return again(problems=form.problems)
    if sent.op != "save":
        return again(focus="domain")
    saved = save(
        visit, "domains", sent.base, lambda tx: save_domains(tx, form.domains, visit.actor)
    )
    if isinstance(saved, Clash):
        return again(**saved.frame(visit))
    return saved_page(visit, saved, url_for(".home"))


def saved_page(visit: Visit, saved: Saved, where: str) -> Response:
    """Go back to a page that was saved, and name what LogiVet deleted meanwhile."""
    flash(_("Changes saved."), "success")
    for told in left_out(visit, saved.vanished):
        flash(told, "warning")
    return redirect(where, 303)


def resource_title(visit: Visit, resource: Resource) -> str:
    """Return the title of a resource's pages (S40)."""
    return _("Resource – {name}", name=name_in(visit.lang, resource))


def _home(visit: Visit, form: DomainsForm, **frame: Any) -> Response:
    settings = state().settings
    resize = f"{settings.public_base}{settings.widget_prefix}/embed.js"
    has_account = visit.account_id != NO_ACCOUNT
    sheet = Home(
        form=form,
        steps=_steps(visit),
        codes=[_code(visit.account_id, lang) for lang in languages()] if has_account else [],
        resizing=f'<script src="{resize}" async></script>',
        lang=language(visit.clinic.locale),
        logivet=logivet(visit) if has_account else None,
        undelivered=_undelivered(visit) if has_account else "",
    )
    return show(
        visit,
        "home.html",
        sheet,
        title=_("Online appointments"),
        here=url_for(".home"),
        **frame,
    )


def _undelivered(visit: Visit) -> str:
    here = state()
    now = int(here.clock().timestamp())
    count = given_up_ahead(here.db.session(), visit.account_id, now)
    trn = words(visit.lang).trn
    text = trn("{n} email could not be delivered.", "{n} emails could not be delivered.", count)
    return text if count else ""


def _steps(visit: Visit) -> list[Step]:
    session = state().db.session()
    categories = living(session, Category, visit.account_id)
    species = living(session, Species, visit.account_id)
    resources = count_bookable(session, visit.account_id)
    return [
        Step(_("Categories online"), sum(c.online for c in categories), url_for(".categories")),
        Step(_("Species online"), sum(s.online for s in species), url_for(".species")),
        Step(_("Resources enabled"), resources, url_for(".resources")),
        Step(_("Domains"), len(visit.domains), "#domains"),
    ]


def _code(widget_id: uuid.UUID, lang: str) -> Code:
    settings = state().settings
    html = widget_code(settings, widget_id, lang)
    subject = quote(_("Widget code"))
    mailto = f"mailto:?subject={subject}&body={quote(html)}"
    return Code(lang, html, _sample(lang), settings.widget_url(widget_id, lang), mailto)


def _sample(lang: str) -> str:
    """Return the text for a page in a language; a portal may have its own template."""
    say, hours = words(lang), state().settings.min_cancel_hours
    template = "logivet_rdv/account/sample.txt"
    return render_template(template, tr=say.tr, trn=say.trn, cancel_hours=hours)
