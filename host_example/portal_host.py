"""What the portal tells the package, and the layouts it can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from flask_logivet_rdv.host import FlaskLoginHost, Layout, MailText

from .models import MailTemplate

BLOCKS = ("title", "head", "content", "scripts")


@dataclass(frozen=True, slots=True)
class Look:
    """A base template of the portal, and the package's LOGIVET_RDV_UI that suits it."""

    base: str
    ui: str


LOOKS: Mapping[str, Look] = {
    "logivet": Look("portal/base.html", "none"),
    "bootstrap": Look("portal/bootstrap.html", "bootstrap5"),
    "plain": Look("portal/plain.html", "none"),
}


def look_of(layout: str) -> Look:
    """Return the look of a layout's name. Raises ValueError for one that does not exist."""
    if layout not in LOOKS:
        raise ValueError(f"RDV_DEMO_LAYOUT must be one of {', '.join(LOOKS)}, not {layout!r}.")
    return LOOKS[layout]


class PortalHost(FlaskLoginHost):
    """The usual names of users and clinics suit us; layout and mails are the portal's own."""

    def layout(self) -> Layout:
        """Return the portal's base template, whose blocks have the package's names."""
        base = look_of(current_app.config["RDV_DEMO_LAYOUT"]).base
        return Layout(base=base, blocks={name: name for name in BLOCKS})

    def mail_text(self, clinic_id: Any, message: str, locale: str) -> MailText | None:
        """Return what the clinic saved on its page « Gabarits de courriel »."""
        row = self.db.session.get(MailTemplate, (clinic_id, message, locale))
        return row.mail_text() if row else None
