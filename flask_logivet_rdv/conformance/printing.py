"""The transcript as a person reads it."""

import json
from typing import Any

from .shortening import masked, shortened
from .transcript import Act, Entry, Exchange, Outcome, Title, Transcript, Verdict
from .wire import Answer

SHOWN_HEADERS = ("Authorization", "Idempotency-Key", "X-Client-Time")
MARKS = {Outcome.HOLDS: "✓", Outcome.FAILS: "✗", Outcome.UNTRIED: "–"}
LONGEST_LINE = 1200


def told(entry: Entry, *, full: bool) -> str:
    """Return an entry as text: titles, exchanges shortened unless `full`, and what holds."""
    if isinstance(entry, Title):
        return f"\n{entry.text}\n{'=' * len(entry.text)}"
    if isinstance(entry, Act):
        return f"\n  {masked(entry.text)}"
    if isinstance(entry, Exchange):
        lines = "\n".join(f"  {line}" for line in _exchange(entry, full))
        return f"\n{masked(lines)}"
    return "\n".join(f"    {line}" for line in _verdict(entry))


def summary(transcript: Transcript) -> str:
    """Return the counts of a run, and the names of what does not hold."""
    failed = [v.name for v in transcript.verdicts if v.outcome is Outcome.FAILS]
    counts = ", ".join(
        f"{transcript.count(outcome)} {words}"
        for outcome, words in (
            (Outcome.HOLDS, "hold"),
            (Outcome.FAILS, "do not hold"),
            (Outcome.UNTRIED, "not tried"),
        )
    )
    return "\n".join([f"\n{counts}.", *(f"✗ {name}" for name in failed)])


def _exchange(entry: Exchange, full: bool) -> list[str]:
    request = entry.request
    path = request.path if full else shortened(request.path)
    shown = request.headers if full else SHOWN_HEADERS
    headers = [f"{name}: {request.headers[name]}" for name in shown if name in request.headers]
    body = [] if request.body is None else [_value(request.body, full)]
    return [f"{request.method} {path}", *headers, *body, _answer(entry.answer, full)]


def _answer(answer: Answer, full: bool) -> str:
    waited = f" after {answer.seconds:.1f} s" if answer.seconds >= 1 else ""
    content = answer.text if answer.json is None else answer.json
    return f"→ {answer.status}{waited} {_value(content, full) if content else ''}".rstrip()


def _value(value: Any, full: bool) -> str:
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str):
        return value if full else str(shortened(value))
    line = json.dumps(value if full else shortened(value), ensure_ascii=False)
    return line if full or len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _verdict(found: Verdict) -> list[str]:
    lines = [f"{MARKS[found.outcome]} {found.sentence}  [{found.name}]"]
    if found.outcome is Outcome.FAILS:
        lines += [
            f"    expected: {_value(masked(found.expected), False)}",
            f"    came:     {_value(masked(found.came), False)}",
        ]
    if found.reason:
        lines.append(f"    not tried: {found.reason}.")
    return lines
