"""Our entries of the portal's « Compte » menu, in the manual's order (S7)."""

from dataclasses import dataclass

from flask import request, url_for

from flask_logivet_rdv.i18n import language, words
from flask_logivet_rdv.state import state


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the menu.

    `current` is the value for ``aria-current``: ``page`` on the page itself, ``true`` on a page
    below it, else empty.
    """

    label: str
    endpoint: str
    current: str
    children: tuple["NavItem", ...] = ()

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return url_for(self.endpoint)


def nav_items() -> list[NavItem]:
    """Return our entries in the language of the person at the keyboard: one, with children."""
    actor = state().host.actor()
    tr = words(language(actor.locale if actor else None)).tr
    children = (
        _item("categories", tr("Appointment categories")),
        _item("species", tr("Appointment species")),
        _item("resources", tr("Resource management"), below=("offers", "openings", "activation")),
    )
    return [_item("home", tr("Online appointments"), children=children)]


def _item(
    name: str, label: str, below: tuple[str, ...] = (), children: tuple[NavItem, ...] = ()
) -> NavItem:
    face, _, here = (request.endpoint or "").rpartition(".")
    current = ""
    if face == "rdv_account":
        current = "page" if here == name else "true" if here in below else ""
    return NavItem(label, f"rdv_account.{name}", current, children)
