"""Our entries of the portal's « Compte » menu, in the manual's order (S7)."""

from dataclasses import dataclass

from flask import request, url_for

from flask_logivet_rdv.i18n import current_language, language, words
from flask_logivet_rdv.state import state

BELOW_HOME = ("history", "why", "mails", "mail_again", "personal")
BELOW_SUPPORT = ("support_open", "support_clinic", "support_keys")
HISTORY_OF = {
    "home": "domains",
    "categories": "categories",
    "species": "species",
    "resources": "resources",
    "personal": "incidents",
}
"""Which part of the history belongs to a page."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the menu.

    `current` is the value for ``aria-current``: ``page`` on the page itself, ``true`` on a page
    below it, else empty. `subject` is the part of the history that it leads to.
    """

    label: str
    endpoint: str
    current: str
    children: tuple["NavItem", ...] = ()
    subject: str | None = None

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return url_for(self.endpoint, subject=self.subject)


def nav_items() -> list[NavItem]:
    """Return our entries in the language of the person at the keyboard: one, with children.

    LogiVet's support has its own page instead, and no clinic's.
    """
    actor = state().host.actor()
    tr = words(language(actor.locale if actor else None)).tr
    if actor and actor.is_support and actor.clinic_id is None:
        # Translators: LogiVet's people who help clinics, in the menu
        return [_item("support", tr("Support"), below=BELOW_SUPPORT)]
    children = (
        _item("categories", tr("Appointment categories")),
        _item("species", tr("Appointment species")),
        _item("resources", tr("Resource management"), below=("offers", "openings", "activation")),
    )
    return [_item("home", tr("Online appointments"), below=BELOW_HOME, children=children)]


def more_items() -> list[NavItem]:
    """Return what a page leads to beside the menu: its history, and what went wrong."""
    face, _, here = (request.endpoint or "").rpartition(".")
    if face != "rdv_account":
        return []
    tr = words(current_language()).tr
    resource_id = (request.view_args or {}).get("resource_id")
    subject = str(resource_id) if resource_id else HISTORY_OF.get(here)
    told = tr("Incident log") if here == "personal" else tr("History")
    items = (
        _item("history", told, subject=subject),
        _item("why", tr("Why is this time not offered?")),
        _item("mails", tr("Undelivered emails")),
        _item("personal", tr("Personal information")),
    )
    return [item for item in items if item.endpoint.rpartition(".")[2] != here]


def _item(
    name: str,
    label: str,
    below: tuple[str, ...] = (),
    children: tuple[NavItem, ...] = (),
    subject: str | None = None,
) -> NavItem:
    face, _, here = (request.endpoint or "").rpartition(".")
    current = ""
    if face == "rdv_account":
        current = "page" if here == name else "true" if here in below else ""
    return NavItem(label, f"rdv_account.{name}", current, children, subject)
