"""What LogiVet sends to act on an online booking for the clinic."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.by_clinic import Placement
from flask_logivet_rdv.web.text import paragraphs

from .fields import Key, OnFive
from .payloads import Payload

LONGEST_VISIT_S = 86_400
MAX_REASON = 500


Reason = Annotated[str, StringConstraints(max_length=MAX_REASON), AfterValidator(paragraphs)]
Told = Annotated[bool, Field(description="Whether the client is sent an email that tells it.")]


class Cancellation(Payload):
    """Why the clinic cancels; the client reads the reason if there is one."""

    reason: Reason = Field("", description="Plain text; its line ends are kept.")
    notify_client: Told


class NewPlace(Payload):
    """Where a booking goes: a range `[start, end)` of a resource."""

    resource_id: Key = Field(description="Your key of a resource that you still have.")
    start: OnFive = Field(description="A multiple of 5 minutes.")
    end: OnFive = Field(
        description="A multiple of 5 minutes, after `start`, at most 24 hours later."
    )
    notify_client: Told

    @model_validator(mode="after")
    def _ordered(self) -> "NewPlace":
        if self.end <= self.start:
            raise PydanticCustomError("order", "ends before it starts")
        if self.end.seconds - self.start.seconds > LONGEST_VISIT_S:
            raise PydanticCustomError("too_long_visit", "too long")
        return self

    def placement(self) -> Placement:
        """Return the place as the service takes it."""
        return Placement(self.resource_id, Range(self.start.seconds, self.end.seconds))
