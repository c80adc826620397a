"""The account pages, and the portal's page of mails: every state, in each of its layouts.

Nothing listens: a browser is given each page, and the files it asks for, from this process.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from flask_logivet_rdv.state import EXTENSION
from host_example.models import db
from tests.browser.display import display
from tests.browser.people import HOUSE, PREFIX, people, token
from tests.support.clinics import DOLITTLE
from tests.support.portal import login, make_portal, migrate

ORIGIN = "https://portail.exemple.ca"
LAYOUTS = ("bootstrap", "plain", "logivet")
LANGS = ("fr", "en")


@dataclass(frozen=True)
class Scene:
    """A page in a state: who is there, where, the form they sent, if any, and the answer's status.

    Names in braces are those of `people`. `saves` follows the answer to the page after.
    """

    name: str
    staff: str
    path: str
    form: Mapping[str, str] | None = None
    status: int = 200
    saves: bool = False
    subnav: bool = False
    prefix: str = PREFIX


OFFERS = f"/ressources/{{{DOLITTLE}}}/categories"
WEEK = f"/ressources/{{{DOLITTLE}}}/disponibilites"
SWITCH = f"/ressources/{{{DOLITTLE}}}/activation"
NOT_ONLINE = {"online-{Canin}": "1", "categories-{Canin}": "{Chirurgie}"}
MONDAY = {"start-1-0": "9h00", "end-1-0": "12h00", "copy-from": "1"}
UNSAVED = MONDAY | {"active": "1", "base": "0", "tab": "openings"}
HELD = {"op": "show", "email": "solutions@exemple.ca"}
STALE = {"op": "save", "base": "0"}
WHY = "/pourquoi?species={Canin}&category={Examen}&resource={Dr John Dolittle}&day={day}&time="
SUPPORT = "/soutien/{account}"
TEMPLATES = "/compte/gabarits"
TEMPLATE = "/confirmation/fr"
NO_TEMPLATE = {"op": "save", "subject": "{{nom}}", "text": "Bonjour", "html": "<img src=x>"}
PREVIEW = {"op": "preview", "subject": "{{pet}}", "text": "{{cancel_url}} {{cancel_note}}"}
SCENES = (
    Scene("A0", "configured", "/"),
    Scene("A0-nothing-set-up", "bare", "/"),
    Scene("A0-added", "configured", "/", {"op": "add", "domain": "clinique-vétérinaire.ca"}),
    Scene("A0-problem", "configured", "/", {"op": "add", "domain": "pas un domaine"}, 422),
    Scene("A0-not-subscribed", "unsubscribed", "/"),
    Scene("A0-sub-menu", "configured", "/", subnav=True),
    Scene("A0-to-decide", "undecided", "/"),
    Scene("A0-read-only", "reader", "/"),
    Scene("A0-clash", "edited", "/", STALE, 409),
    Scene("A0-mails-lost", "unheard", "/"),
    Scene("mails", "unheard", "/courriels"),
    Scene("mails-none", "configured", "/courriels"),
    Scene("mails-read-only", "unheard reader", "/courriels"),
    Scene("personal", "configured", "/renseignements"),
    Scene("personal-held", "unheard", "/renseignements", HELD),
    Scene("personal-nothing-held", "bare", "/renseignements", HELD),
    Scene("personal-problem", "configured", "/renseignements", HELD | {"email": "marie"}, 422),
    Scene("personal-read-only", "reader", "/renseignements"),
    Scene("A1", "configured", "/categories"),
    Scene("A1-nothing-received", "unsynced", "/categories"),
    Scene(
        "A1-problem",
        "configured",
        "/categories",
        {"op": "save", "online-{Examen}": "1", "duration-{Examen}": "7", "online-{Chirurgie}": "1"},
        422,
    ),
    Scene("A1-unsaved", "configured", "/categories?sort=en", {"op": "sort"}),
    Scene("A1-saved", "bare", "/categories", {"op": "save"}, saves=True),
    Scene("A1-clash", "edited", "/categories", STALE, 409),
    Scene("A1-not-subscribed", "unsubscribed", "/categories"),
    Scene("A1-read-only", "reader", "/categories"),
    Scene("A2", "configured", "/especes"),
    Scene("A2-problem", "configured", "/especes", {"op": "save", **NOT_ONLINE}, 422),
    Scene("A2-read-only", "reader", "/especes"),
    Scene("A2-nothing-received", "unsynced", "/especes"),
    Scene("A2-clash", "edited", "/especes", STALE, 409),
    Scene("A2-not-subscribed", "unsubscribed", "/especes"),
    Scene("A3", "configured", "/ressources"),
    Scene("A3-lacking", "lacking", "/ressources"),
    Scene("A3-nothing-received", "unsynced", "/ressources"),
    Scene("A3-read-only", "reader", "/ressources"),
    Scene("A3-not-subscribed", "unsubscribed", "/ressources"),
    Scene("A4a", "configured", OFFERS),
    Scene("A4a-no-species", "bare", OFFERS),
    Scene("A4a-problem", "configured", OFFERS, {"op": "save", **NOT_ONLINE}, 422),
    Scene("A4a-clash", "edited", OFFERS, STALE, 409),
    Scene("A4a-read-only", "reader", OFFERS),
    Scene("A4a-not-subscribed", "unsubscribed", OFFERS),
    Scene("A4b", "configured", WEEK),
    Scene("A4b-no-hours", "bare", WEEK),
    Scene(
        "A4b-added", "configured", WEEK, {"op": "add:2", "start-2-0": "9h00", "end-2-0": "12h00"}
    ),
    Scene(
        "A4b-problem",
        "configured",
        WEEK,
        {"op": "save", "start-1-0": "13h", "end-1-0": "12h", "start-2-0": "x", "end-2-0": ""},
        422,
    ),
    Scene("A4b-copied", "configured", WEEK, MONDAY | {"op": "copy", "copy-to": "2"}),
    Scene("A4b-copy-problem", "configured", WEEK, MONDAY | {"op": "copy"}, 422),
    Scene("A4b-clash", "edited", WEEK, STALE | {"start-2-0": "9h00", "end-2-0": "12h00"}, 409),
    Scene("A4b-read-only", "reader", WEEK),
    Scene("A4b-not-subscribed", "unsubscribed", WEEK),
    Scene("A4b-switched-unsaved", "configured", SWITCH, UNSAVED),
    Scene("A4-problem", "bare", f"/ressources/{{{HOUSE}}}/activation", {"active": "1"}, 422),
    Scene("history", "edited", "/historique"),
    Scene("history-empty", "unsynced", "/historique?subject=species"),
    Scene("why", "configured", "/pourquoi"),
    Scene("why-offered", "configured", WHY + "9h"),
    Scene("why-not-offered", "configured", WHY + "8h"),
    Scene("why-problem", "configured", "/pourquoi?day=hier&time=midi", status=422),
    Scene("support", "support", "/soutien"),
    Scene("support-nothing-found", "support", "/soutien?q=introuvable"),
    Scene("support-clinic", "support", SUPPORT),
    Scene("support-new-key", "support", f"{SUPPORT}/cles", {}),
    Scene("support-open", "support", "/soutien/ouvrir?q=P%26C"),
    Scene("templates", "configured", "", prefix=TEMPLATES),
    Scene("templates-no-clinic", "nobody's", "", prefix=TEMPLATES),
    Scene("template", "configured", TEMPLATE, prefix=TEMPLATES),
    Scene("template-problem", "configured", TEMPLATE, NO_TEMPLATE, 422, prefix=TEMPLATES),
    Scene("template-preview", "configured", TEMPLATE, PREVIEW, prefix=TEMPLATES),
    Scene("template-read-only", "reader", TEMPLATE, prefix=TEMPLATES),
    Scene("no-clinic", "nobody's", "/", status=403),
)


@dataclass
class Portal:
    """The portal in one layout; `staff` are browsers by who they are and their language."""

    app: Flask
    staff: dict[tuple[str, str], tuple[FlaskClient, Mapping[str, Any]]] = field(
        default_factory=dict
    )

    def enter(self, who: str, lang: str, user_id: Any, ids: Mapping[str, Any]) -> None:
        """Log a person in, with the public ids of their clinic by French name."""
        self.staff[who, lang] = (login(self.app, user_id), ids)

    def answer(self, scene: Scene, lang: str) -> TestResponse:
        """Return the page of a scene, and what the portal says with it."""
        client, ids = self.staff[scene.staff, lang]
        path = scene.prefix + scene.path.format_map(ids)
        if scene.form is None:
            with self._with_sub_menu(scene.subnav):
                answer = client.get(path)
        else:
            form = {k.format_map(ids): value.format_map(ids) for k, value in scene.form.items()}
            form["csrf_token"] = token(client)
            answer = client.post(path, data=form, follow_redirects=scene.saves)
        assert answer.status_code == scene.status, scene.name
        return answer

    @contextmanager
    def _with_sub_menu(self, shown: bool) -> Iterator[None]:
        here = self.app.extensions[EXTENSION]
        settings = dataclasses.replace(here.settings, subnav=shown)
        self.app.extensions[EXTENSION] = dataclasses.replace(here, settings=settings)
        yield
        self.app.extensions[EXTENSION] = here

    def show(self, page: Page, scene: Scene, lang: str) -> None:
        """Open the page of a scene, at its own address."""
        display(page, ORIGIN, self.answer(scene, lang), self.staff[scene.staff, lang][0])


@contextmanager
def portals(
    folder: Path, layouts: Sequence[str] = LAYOUTS, langs: Sequence[str] = LANGS
) -> Iterator[dict[str, Portal]]:
    """Make the portal in each layout, on one database with the clinics of all scenes."""
    made = {name: Portal(make_portal(folder, RDV_DEMO_LAYOUT=name)) for name in layouts}
    first = next(iter(made.values())).app
    migrate(first)
    for lang in langs:
        for who, (user_id, ids) in people(first, lang).items():
            for portal in made.values():
                portal.enter(who, lang, user_id, ids)
    yield made
    for portal in made.values():
        with portal.app.app_context():
            db.session.remove()
            db.engine.dispose()
