"""An owner who reaches a portal over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from tests.blueprints.widget.owner import DETAILS, SAME_ORIGIN, WIDGET, Owner, Page
from tests.support.served import Answer

FORM = SAME_ORIGIN | {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Visitor:
    """`ask` sends a request for a path, as `served.call` does for an address."""

    owner: Owner
    ask: Callable[..., Answer]

    def calendar(self) -> Answer:
        """Open W1 with the three choices made."""
        return self._get(WIDGET, self.owner.choices)

    def form(self, start: int) -> dict[str, str]:
        """Open the form of a start (UTC seconds), and fill it."""
        instant = f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%M:%SZ}"
        answer = self._get(DETAILS, self.owner.choices | {"start": instant})
        assert answer.status == 200, answer.body
        return page(answer).form() | self.owner.filled

    def send(self, form: dict[str, str]) -> Answer:
        """Send the form."""
        path = f"{DETAILS}?{urlencode(self.owner.widget)}"
        return self.ask(path, "POST", body=urlencode(form), headers=FORM)

    def _get(self, path: str, query: dict[str, str]) -> Answer:
        return self.ask(f"{path}?{urlencode(self.owner.widget | query)}")


class _Read:
    """What a page needs of an answer."""

    def __init__(self, answer: Answer) -> None:
        self.status_code, self.text = answer.status, answer.body.decode()


def page(answer: Answer) -> Page:
    """Return an answer as people see it."""
    return Page(_Read(answer))
