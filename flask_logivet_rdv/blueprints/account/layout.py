"""How a page of ours enters the portal's own layout, and what every page has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Response, current_app, request
from flask_wtf import FlaskForm
from jinja2 import Environment, Template
from markupsafe import Markup

from flask_logivet_rdv.i18n import current_language
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.state import state
from flask_logivet_rdv.ui import Ui
from flask_logivet_rdv.web.pages import page

from .menu import NavItem, more_items, nav_items
from .visit import Visit

INHERITING = ("head", "scripts")
OURS = ("title", "head", "content", "scripts")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in words, and where to go: the id of a field, an address, or nowhere."""

    where: str
    text: str

    @property
    def href(self) -> str:
        """Return what a link to it leads to."""
        return self.where if self.where.startswith("/") else f"#{self.where}"


class TokenForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The host's CSRF token. Our fields have a clinic's ids in their names, so none is here."""

    def hidden_tag(self) -> Markup:
        """Return the token's field, without an id: a page may have several forms."""
        return Markup("").join(field(id=False) for field in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds a page's own part.

    `here` is where its form goes, `notes` are sentences on what was just done or found, `unsaved`
    tells whether it shows what is not saved, `focus` is the id of the field that takes the focus,
    `base` the revision that the page was made at. `status` is that of the answer where there are
    problems. `ui` are the host's classes for our controls: a long list asks for them hundreds of
    times.
    """

    title: str
    clinic: str = ""
    subscribed: bool = True
    may_write: bool = False
    problems: Sequence[Problem] = ()
    here: str = ""
    notes: Sequence[str] = ()
    unsaved: bool = False
    focus: str = ""
    base: int = 0
    status: int = 422
    token: TokenForm = field(default_factory=TokenForm)
    ui: Ui = field(default_factory=lambda: state().settings.classes)

    @property
    def document_title(self) -> str:
        """Return the title of the document, which says first that something went wrong."""
        named = f"{self.title} – {self.clinic}" if self.clinic else self.title
        return " ".join((_("Error:"), named)) if self.problems else named

    @property
    def note(self) -> str:
        """Return what is said beside « ENREGISTRER », or nothing."""
        unsaved = [_("These changes are not saved yet.")] if self.unsaved else []
        return " ".join([*self.notes, *unsaved])

    @property
    def nav(self) -> list[NavItem]:
        """Return the sub-menu to print, none where the host has it in its own menu."""
        return nav_items() if state().settings.subnav else []

    @property
    def more(self) -> list[NavItem]:
        """Return where a page of a clinic leads beside the menu."""
        return more_items() if self.clinic else []

    @property
    def support(self) -> str | None:
        """Return how to reach LogiVet's support."""
        return state().settings.support

    @property
    def support_url(self) -> str | None:
        """Return the support's address for a link, None where it is not one."""
        text = self.support or ""
        if text.startswith(("https://", "http://", "mailto:", "tel:")):
            return text
        return f"mailto:{text}" if "@" in text else None

    def problem(self, where: str) -> str | None:
        """Return what is wrong with the field of that id."""
        return next((p.text for p in self.problems if p.where == where), None)


def show(visit: Visit, template: str, sheet: Any, **frame: Any) -> Response:
    """Return a page of ours with its own part, `sheet`, in the host's layout.

    The other arguments are those of `Frame`. A page that was sent keeps the `base` it was made at.
    """
    sent = sent_base()
    frame.setdefault("base", visit.revision if sent is None else sent)
    around = Frame(
        clinic=visit.clinic_name,
        subscribed=visit.subscribed,
        may_write=visit.may_write,
        **frame,
    )
    return _in_host_layout(
        template, visit.lang, around.status if around.problems else 200, around, sheet
    )


def sent_base() -> int | None:
    """Return the `base` of the form that was sent, None where there is none."""
    text = request.form.get("base", "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def support_page(template: str, sheet: Any, **frame: Any) -> Response:
    """Return a page of LogiVet's support, in the language being spoken.

    The other arguments are those of `Frame`. Its status is 422 where there are problems.
    """
    around = Frame(**frame)
    status = 422 if around.problems else 200
    return _in_host_layout(template, current_language(), status, around, sheet)


def message_page(lang: str, status: int, text: str) -> Response:
    """Return a page that only says one thing."""
    return _in_host_layout("message.html", lang, status, Frame(title=text), None)


def _in_host_layout(template: str, lang: str, status: int, frame: Frame, sheet: Any) -> Response:
    layout = state().host.layout()
    return page(
        f"account/{template}",
        lang,
        status,
        rdv=frame,
        sheet=sheet,
        rdv_base=layout.base,
        rdv_bridge=_bridge(current_app.jinja_env, _names(layout.blocks)),
    )


def _names(blocks: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return tuple(blocks.get(name, name) for name in OURS)


@lru_cache(maxsize=64)
def _bridge(environment: Environment, names: tuple[str | None, ...]) -> Template:
    """Return the template between ours and the host's base: each block of ours inside one of its.

    A block's name cannot be computed within a template, so this one is written here. What has no
    block in the host's base goes into its content.
    """
    theirs = dict(zip(OURS, names, strict=True))
    orphans = [name for name in INHERITING if theirs[name] is None]
    source = ["{% extends rdv_base %}"]
    for ours, their in theirs.items():
        if their is None:
            continue
        if not their.isidentifier():
            raise ValueError(f"Layout.blocks: {their!r} is not the name of a block.")
        inside = [*orphans, ours] if ours == "content" else [ours]
        kept = "{{ super() }}" if ours in INHERITING else ""
        slots = "".join(f"{{% block rdv_{name} %}}{{% endblock %}}" for name in inside)
        source.append(f"{{% block {their} %}}{kept}{slots}{{% endblock %}}")
    return environment.from_string("\n".join(source))
