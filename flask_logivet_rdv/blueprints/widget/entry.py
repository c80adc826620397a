"""Who comes in: the widget of a request, its clinic and language, or the page that says why not."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import Response, abort, g, request

from flask_logivet_rdv import jobs
from flask_logivet_rdv.domains import allowed, frame_ancestors
from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.i18n import dial, language
from flask_logivet_rdv.scheduling.opening import zone_names
from flask_logivet_rdv.services.accounts import Tenant, copy_facts
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.headers import FRAME_ANCESTORS
from flask_logivet_rdv.web.limits import client_bucket, hit, told_to_wait
from flask_logivet_rdv.web.origin import same_origin
from flask_logivet_rdv.web.pages import browsers_language, public_body, public_page
from flask_logivet_rdv.web.reading import account_of
from flask_logivet_rdv.web.tokens import FormToken, read_form_token

THEMES = ("light", "dark", "auto")
MAX_BODY = 64 * 1024
LONGEST_ID = 50
UNCOUNTED = frozenset({"rdv_widget.static", "rdv_widget.embed", "rdv_widget.colours"})
ANYONE = "*"
NO_CLINIC: dict[str, Any] = {
    "widget_id": None,
    "facts": None,
    "dial": "",
    "origins": "",
    "about": {},
}
"""The context of a page about no clinic."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to a known widget, in plain values: they outlive a rollback.

    `id` is the widgetId, `origins` the CSP sources that may frame the pages, `time_zone` the
    clinic's IANA zone. `made_of` is another after each change that its pages might show, `set_up`
    after each but those of the agenda. `form` is the token of the form that was sent, if it is
    ours, `booked` whether that form has booked.
    """

    account: Tenant
    id: uuid.UUID
    facts: ClinicFacts
    time_zone: str
    origins: str
    lang: str
    theme: str
    made_of: tuple[int, int, ClinicFacts]
    set_up: tuple[int, int, ClinicFacts]
    form: FormToken | None
    booked: bool

    @property
    def asked(self) -> tuple[str, uuid.UUID, str, str]:
        """Return what makes its pages differ from others made of the same."""
        return request.script_root, self.id, self.lang, self.theme

    @property
    def keep(self) -> dict[str, str]:
        """Return the parameters that lead from page to page; nothing personal."""
        kept = {"widgetId": str(self.id), "lang": self.lang}
        return kept if self.theme == THEMES[0] else kept | {"theme": self.theme}

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """Return a page of this widget in its language."""
        return public_page(f"widget/{template}", self.lang, status, **self._with(context))

    def body(self, template: str, **context: Any) -> str:
        """Return the text of a page, as `page` would answer it."""
        return public_body(f"widget/{template}", self.lang, **self._with(context))

    def _with(self, context: dict[str, Any]) -> dict[str, Any]:
        shared = {
            "widget_id": self.id,
            "facts": self.facts,
            "theme": self.theme,
            "origins": self.origins,
            "dial": dial(self.facts.phone),
            "keep": self.keep,
            "about": {},
            "rules": state().settings,
        }
        return shared | context

    def closed(self, what: str, status: int = 200) -> Response:
        """Return the page that says why there is nothing to choose, and the phone."""
        return self.page("closed.html", status, what=what)


def guard() -> Response | None:
    """Refuse an address that asks too often, and posts that do not come from our own pages."""
    request.max_content_length = MAX_BODY
    if request.endpoint in UNCOUNTED:
        return None
    wait = hit(state().settings.limit_pages, "pages", client_bucket(request))
    if wait is not None:
        return told_to_wait(notice("slow", 429), wait)
    if request.method == "POST" and not same_origin(request):
        return notice("foreign", 403)
    return None


def enter() -> Visit:
    """Return the visit of a request's ``widgetId``; abort with a page where there is none."""
    fields = _fields()
    widget_id = parsed_id(fields.get("widgetId"))
    visit = widget_id and _visit(widget_id, fields)
    return visit or turn_away("unknown", 404)


def visit_of(widget_id: uuid.UUID, lang: str) -> Visit | None:
    """Return a visit to a widget in a language, or None when it is unknown.

    Abort where it may not be framed.
    """
    return _visit(widget_id, _fields() | {"lang": lang})


def _visit(widget_id: uuid.UUID, fields: Mapping[str, str]) -> Visit | None:
    """Return a visit in the language of the fields, else the clinic's (S103)."""
    here = state()
    form = sent_form(widget_id)
    found = account_of(widget_id, form)
    if found is None:
        return None
    try:
        facts = here.facts(found.account.clinic_id)
    except LookupError:
        return None
    account = _with_facts(found.account, facts)
    origins = _sources(tuple(account.domains), here.settings.dev_domains)
    request.environ[FRAME_ANCESTORS] = origins
    if _framed_elsewhere(account.domains):
        turn_away("domain", 403)
    theme = fields.get("theme", "")
    g.rdv_visit = Visit(
        account=account,
        id=account.id,
        facts=facts,
        time_zone=account.time_zone,
        origins=origins,
        lang=language(fields.get("lang"), language(account.locale)),
        theme=theme if theme in THEMES else THEMES[0],
        made_of=(account.epoch, account.revision, facts),
        set_up=(account.epoch, account.settings_revision, facts),
        form=form,
        booked=found.booked,
    )
    return known_visit()


def known_visit() -> Visit | None:
    """Return the visit of this request once its widget is known."""
    visit: Visit | None = g.get("rdv_visit")
    return visit


def sent_form(widget_id: uuid.UUID) -> FormToken | None:
    """Return the token of the form that a request sends, or was sent before, if it is ours."""
    fields = request.form if request.method == "POST" else request.args
    return read_form_token(fields["token"], widget_id) if "token" in fields else None


def parsed_id(text: str | None) -> uuid.UUID | None:
    """Return the id that a text holds, or None."""
    return _parsed(text) if text and len(text) <= LONGEST_ID else None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def notice(what: str, status: int) -> Response:
    """Return a page about no clinic, which any site may frame: it holds no data and no form."""
    request.environ[FRAME_ANCESTORS] = ANYONE
    lang = language(request.args.get("lang"), browsers_language())
    return public_page("widget/closed.html", lang, status, what=what, **NO_CLINIC)


def turn_away(what: str, status: int) -> NoReturn:
    """Abort with a page about no clinic."""
    abort(notice(what, status))


def trouble(status: int) -> Response:
    """Return the page of a fault of our own, with the phone once the clinic is known."""
    visit = known_visit()
    return visit.closed("error", status) if visit else notice("error", status)


def too_large(_: Exception) -> Response:
    """Answer a body that no form of ours fills."""
    return notice("large", 413)


def _fields() -> dict[str, str]:
    """Return the first value of each field of a request; those of its address come first."""
    fields = request.args.to_dict()
    return fields if request.method in {"GET", "HEAD"} else request.form.to_dict() | fields


@lru_cache(maxsize=1024)
def _sources(domains: tuple[str, ...], dev: bool) -> str:
    return frame_ancestors(domains, dev=dev)


def _with_facts(account: Tenant, facts: ClinicFacts) -> Tenant:
    """Return the account after it took over the clinic's zone and language where they changed."""
    said = (facts.time_zone, facts.locale)
    if said == (account.time_zone, account.locale) or facts.time_zone not in zone_names():
        return account
    widget_id = account.id
    transact(jobs.desk(), widget_id, lambda tx: copy_facts(tx, facts))
    changed = account_of(widget_id)
    return changed.account if changed else account


def _framed_elsewhere(domains: list[str]) -> bool:
    """Tell whether a browser says that a site neither the clinic's nor ours frames the page.

    The header of the real pages forbids it too, but then the browser shows its own error.
    """
    if request.headers.get("Sec-Fetch-Dest") != "iframe":
        return False
    try:
        referer = urlsplit(request.headers.get("Referer", ""))
        port = referer.port
    except ValueError:
        return True
    if not referer.hostname:
        return False
    usual = {"https": 443, "http": 80}.get(referer.scheme)
    host = referer.hostname if port in {None, usual} else f"{referer.hostname}:{port}"
    ours = {request.host, urlsplit(state().settings.public_base).netloc}
    return host not in ours and not allowed(host, domains)
