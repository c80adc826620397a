"""The plan of a run: chapters of steps, each with the sentences of the protocol that it proves."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scene import Scene

if TYPE_CHECKING:
    from .session import Session

Play = Callable[["Session"], None]
Staged = Callable[["Session", Scene], None]

NEEDS_SCENE = (
    "this needs bookings, keys or a subscription that only the portal itself can make, and the"
    " key is not of the database of this portal"
)


@dataclass(frozen=True, slots=True)
class Step:
    """Some exchanges and the checks that they allow: sentences by full name.

    `play` takes the session and judges each check once. `hindrance` tells why the step cannot be
    played in a session, or returns None.
    """

    play: Play
    checks: Mapping[str, str]
    hindrance: Callable[["Session"], str | None]


class Chapter:
    """A chapter: its short name begins the names of its checks."""

    def __init__(self, name: str, title: str) -> None:
        self.name, self.title = name, title
        self.steps: list[Step] = []

    def step(self, **sentences: str) -> Callable[[Play], Play]:
        """Add a step that HTTP alone can play, with its sentences by check."""

        def added(play: Play) -> Play:
            self._add(play, sentences, lambda _: None)
            return play

        return added

    def staged(self, **sentences: str) -> Callable[[Staged], Staged]:
        """Add a step that needs a scene."""

        def added(play: Staged) -> Staged:
            def played(session: "Session") -> None:
                if session.scene is not None:
                    play(session, session.scene)

            self._add(played, sentences, lambda s: None if s.scene else NEEDS_SCENE)
            return play

        return added

    def unless(
        self, hindrance: Callable[["Session"], str | None], **sentences: str
    ) -> Callable[[Play], Play]:
        """Add a step that is played where `hindrance` finds none."""

        def added(play: Play) -> Play:
            self._add(play, sentences, hindrance)
            return play

        return added

    def beyond(self, why: str, **sentences: str) -> None:
        """Name what a run cannot try, and why."""
        self._add(lambda _: None, sentences, lambda _: why)

    def part(self, names: Collection[str]) -> "Chapter":
        """Return the steps that `names` choose: the chapter's own name, or names of checks."""
        if self.name in names:
            return self
        chosen = Chapter(self.name, self.title)
        chosen.steps = [step for step in self.steps if any(check in names for check in step.checks)]
        return chosen

    def _add(
        self,
        play: Play,
        sentences: Mapping[str, str],
        hindrance: Callable[["Session"], str | None],
    ) -> None:
        checks = {f"{self.name}.{check}": sentence for check, sentence in sentences.items()}
        self.steps.append(Step(play, checks, hindrance))
