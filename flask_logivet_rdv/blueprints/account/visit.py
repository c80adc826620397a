"""A person of a clinic on an account page."""

import uuid
from dataclasses import dataclass

from flask_logivet_rdv.host import Actor, ClinicFacts

NO_ACCOUNT = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Visit:
    """A person of a clinic on an account page.

    `account_id` is `NO_ACCOUNT`, under which nothing is ever found, until LogiVet opens one;
    `subscribed` tells whether online booking is in force for the clinic (S3). `time_zone` is one
    that exists, whatever the host says. `revision` is the clinic's before anything of the page is
    read: what is changed later has a higher one.
    """

    actor: Actor
    clinic: ClinicFacts
    lang: str
    account_id: uuid.UUID
    time_zone: str
    domains: tuple[str, ...]
    subscribed: bool
    revision: int = 0

    @property
    def may_write(self) -> bool:
        """Tell whether the person may save anything."""
        return self.subscribed and self.actor.may_edit

    @property
    def clinic_name(self) -> str:
        """Return the clinic's name in the person's language."""
        return self.clinic.name(self.lang)
