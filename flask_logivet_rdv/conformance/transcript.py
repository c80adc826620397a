"""What was said and what was found: the record of a run, in the order it happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .shortening import masked
from .wire import Answer, Request


class Outcome(StrEnum):
    """What became of a check."""

    HOLDS = "holds"
    FAILS = "fails"
    UNTRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Title:
    """A chapter begins."""

    text: str


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody else than LogiVet does."""

    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, with all its headers, and its answer."""

    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence of the protocol holds; `name` is the check's for good.

    `expected` and `came` are JSON values. `reason` says why a check was not tried.
    """

    name: str
    sentence: str
    outcome: Outcome
    expected: Any = None
    came: Any = None
    reason: str = ""


Entry = Title | Act | Exchange | Verdict


@dataclass
class Transcript:
    """The record of a run."""

    entries: list[Entry] = field(default_factory=list)

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """Return what was found, in order."""
        return [entry for entry in self.entries if isinstance(entry, Verdict)]

    def count(self, outcome: Outcome) -> int:
        """Return how many checks ended so."""
        return sum(verdict.outcome is outcome for verdict in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON value, keys masked."""
        return {
            "counts": {str(outcome): self.count(outcome) for outcome in Outcome},
            "entries": [_as_json(entry) for entry in self.entries],
        }


def _as_json(entry: Entry) -> Mapping[str, Any]:
    if isinstance(entry, Title):
        return {"chapter": entry.text}
    if isinstance(entry, Act):
        return {"act": masked(entry.text)}
    if isinstance(entry, Exchange):
        request, answer = entry.request, entry.answer
        sent = request.body.decode(errors="replace") if _raw(request) else request.body
        made: Mapping[str, Any] = masked(
            {
                "request": {
                    "method": request.method,
                    "path": request.path,
                    "headers": dict(request.headers),
                    "body": sent,
                },
                "answer": {
                    "status": answer.status,
                    "headers": dict(answer.headers),
                    "body": answer.text if answer.json is None else answer.json,
                    "seconds": round(answer.seconds, 3),
                },
            }
        )
        return made
    found: Mapping[str, Any] = masked(
        {
            "check": entry.name,
            "sentence": entry.sentence,
            "outcome": str(entry.outcome),
            **({"expected": entry.expected, "came": entry.came} if _fails(entry) else {}),
            **({"reason": entry.reason} if entry.reason else {}),
        }
    )
    return found


def _raw(request: Request) -> bool:
    return isinstance(request.body, bytes)


def _fails(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.FAILS
