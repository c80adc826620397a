"""The account pages: each state, by who is there, where, what they send, and what went before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from werkzeug.test import TestResponse

from flask_logivet_rdv.models import Event, Outbox, Resource, SyncState
from flask_logivet_rdv.services import incidents, keys, person

from . import sample
from .portal import MONDAY_10H
from .public import unsubscribed
from .stage import ACCOUNT, WEDNESDAY_10H, WEDNESDAY_10H30, Stage, instant

OFFERS = f"/ressources/{{{sample.DOLITTLE}}}/categories"
WEEK = f"/ressources/{{{sample.DOLITTLE}}}/disponibilites"
NOT_ONLINE = {"op": "save", "online-{Canin}": "1", "categories-{Canin}": "{Chirurgie}"}
MONDAY = {"start-1-0": "9h00", "end-1-0": "12h00", "copy-from": "1"}
WRONG_WEEK = {"start-1-0": "13h", "end-1-0": "12h", "start-2-0": "x", "end-2-0": ""}
WRONG_DURATION = {"online-{Examen}": "1", "duration-{Examen}": "7", "online-{Chirurgie}": "1"}
STALE = {"op": "save", "base": "0"}
WHY = f"/pourquoi?species={{Canin}}&category={{Examen}}&resource={{{sample.DOLITTLE}}}"
HELD = {"op": "show", "email": sample.OWNER["email"]}
SUPPORT = "/soutien/{account}"


def lacking(stage: Stage) -> None:
    """Have resources that are enabled and lack what they need."""
    stage.mark(Resource, enabled=True)


def edited(stage: Stage) -> None:
    """Have a colleague save two pages."""
    stage.enters(sample.COLLEAGUE)
    browser, exam = stage.portal.app.test_client(), stage.ids["Examen"]
    for path, fields in (
        ("/categories", {f"online-{exam}": "1", f"duration-{exam}": "45"}),
        (WEEK.format_map(stage.ids), {"start-1-0": "09h00", "end-1-0": "10h00"}),
    ):
        browser.post(ACCOUNT + path, data=fields | {"op": "save"})


def undecided(stage: Stage) -> None:
    """Have LogiVet put entries on a booking and another's entry elsewhere, and be silent since."""
    moved = stage.booked(WEDNESDAY_10H30)
    stage.booked(WEDNESDAY_10H)
    stage.busy(instant(WEDNESDAY_10H), 15)
    stage.busy(instant(WEDNESDAY_10H30) + 86_400, 30, moved)
    stage.mark(Event, at=Event.at - 7_200)
    stage.mark(SyncState, uploaded_at=MONDAY_10H.replace(hour=11))


def unheard(stage: Stage) -> None:
    """Have one mail be given up, and another be tried in vain so far."""
    stage.booked(WEDNESDAY_10H)
    stage.mark(Outbox, state="dead", attempts=12, last_error="SMTPRecipientsRefused")
    stage.booked(WEDNESDAY_10H30)
    tried = {"attempts": 3, "last_error": "TimeoutError", "not_before": instant(WEDNESDAY_10H)}
    stage.mark(Outbox, **tried, only=Outbox.state == "pending")


def with_old_key(stage: Stage) -> None:
    """Have a key in use, and one that was revoked."""
    made = [stage.save(keys.create_key).split("_")[1] for _ in range(2)]
    stage.save(partial(keys.revoke_key, key_id=made[0]))


def watched(stage: Stage) -> None:
    """Have somebody be shown what is held, a key used elsewhere, and ids refused to it."""
    stage.save(partial(person.note_access, bookings=2))
    here, elsewhere = "203.0.113.7", "198.51.100.20"
    stage.save(lambda tx: incidents.note_address(tx, "0a1b", here, elsewhere))
    stage.save(lambda tx: incidents.note_refusals(tx, "0a1b", more_than=20))


@dataclass(frozen=True)
class Scene:
    """A page in a state, or what a form of it leads to. Names in braces are ids of the stage.

    `before` is what went before; `bare` is a clinic that set nothing up.
    """

    path: str
    form: Mapping[str, str] | None = None
    who: str = sample.STAFF
    before: Callable[[Stage], object] = lambda stage: None
    bare: bool = False
    may_edit: bool = True

    def play(self, stage: Stage) -> TestResponse:
        """Return the page."""
        self.before(stage)
        stage.enters(self.who, may_edit=self.may_edit)
        if self.form is None and "{" not in self.path:
            return stage.client.get(ACCOUNT + self.path)
        names = stage.ids | {"account": stage.account_id}
        path = ACCOUNT + self.path.format_map(names)
        if self.form is None:
            return stage.client.get(path)
        form = {k.format_map(names): value.format_map(names) for k, value in self.form.items()}
        return stage.client.post(path, data=form, follow_redirects=True)


BY_SUPPORT = partial(Scene, who=sample.SUPPORT)
SCENES: Mapping[str, Scene] = {
    "A0 domains and code": Scene("/"),
    "A0 nothing set up": Scene("/", bare=True),
    "A0 domain added": Scene("/", {"op": "add", "domain": "clinique-vétérinaire.ca"}),
    "A0 problem": Scene("/", {"op": "add", "domain": "pas un domaine"}),
    "A0 not subscribed": Scene("/", before=unsubscribed),
    "A0 to decide": Scene("/", before=undecided),
    "A0 mails given up": Scene("/", before=unheard),
    "A1 categories": Scene("/categories"),
    "A1 nothing received": Scene("/categories", bare=True),
    "A1 problem": Scene("/categories", {"op": "save", **WRONG_DURATION}),
    "A1 not saved yet": Scene("/categories?sort=en", {"op": "sort"}),
    "A1 saved": Scene("/categories", {"op": "save"}),
    "A1 saved by two": Scene("/categories", STALE, before=edited),
    "A2 species": Scene("/especes"),
    "A2 problem": Scene("/especes", NOT_ONLINE),
    "A2 read only": Scene("/especes", may_edit=False),
    "A3 resources": Scene("/ressources"),
    "A3 lacking something": Scene("/ressources", before=lacking),
    "A4 cannot be enabled": Scene(f"/ressources/{{{sample.HOUSE}}}/activation", {"active": "1"}),
    "A4a categories of a resource": Scene(OFFERS),
    "A4a no species": Scene(OFFERS, bare=True),
    "A4a problem": Scene(OFFERS, NOT_ONLINE),
    "A4b hours": Scene(WEEK),
    "A4b no hours": Scene(WEEK, bare=True),
    "A4b range added": Scene(WEEK, {"op": "add:2", "start-2-0": "9h00", "end-2-0": "12h00"}),
    "A4b problem": Scene(WEEK, {"op": "save", **WRONG_WEEK}),
    "A4b copied": Scene(WEEK, MONDAY | {"op": "copy", "copy-to": "2"}),
    "A4b nowhere to copy": Scene(WEEK, MONDAY | {"op": "copy"}),
    "A4b saved by two": Scene(WEEK, STALE | {"start-2-0": "9h", "end-2-0": "12h"}, before=edited),
    "A5 history": Scene("/historique", before=edited),
    "A5 no history": Scene("/historique?subject=species", bare=True),
    "A5 incidents": Scene("/historique?subject=incidents", before=watched),
    "A5 no incidents": Scene("/historique?subject=incidents"),
    "A6 why": Scene("/pourquoi"),
    "A6 offered": Scene(f"{WHY}&day=2026-03-18&time=10h"),
    "A6 not offered": Scene(f"{WHY}&day=2026-03-18&time=8h"),
    "A6 problem": Scene("/pourquoi?day=hier&time=midi"),
    "A7 mails": Scene("/courriels", before=unheard),
    "A7 no mails": Scene("/courriels"),
    "A7 read only": Scene("/courriels", before=unheard, may_edit=False),
    "A8 personal information": Scene("/renseignements"),
    "A8 held": Scene("/renseignements", HELD, before=unheard),
    "A8 nothing held": Scene("/renseignements", HELD),
    "A8 problem": Scene("/renseignements", HELD | {"email": "marie"}),
    "A8 read only": Scene("/renseignements", may_edit=False),
    "S1 clinics": BY_SUPPORT("/soutien"),
    "S1 nothing found": BY_SUPPORT("/soutien?q=introuvable"),
    "S2 clinic": BY_SUPPORT(SUPPORT, before=with_old_key),
    "S2 new key": BY_SUPPORT(f"{SUPPORT}/cles", {}),
    "S3 open a clinic": BY_SUPPORT("/soutien/ouvrir?q=Clinique"),
    "S4 not for the clinic": Scene("/soutien"),
    "S4 no clinic": Scene("/", who=""),
}
