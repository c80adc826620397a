"""Reading what a client sent: strict JSON, and every bad item told by its place."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .payloads import MAX_BYTES, MAX_CHANGES, TAG
from .problems import BadItem, ProblemError

M = TypeVar("M", bound=BaseModel)

EXPLAINED: dict[str, tuple[str, str]] = {
    "missing": ("required", "Is required."),
    "extra_forbidden": ("unknown_member", "Has a member that this interface does not know."),
    "invalid_key": ("unknown_member", "Has a member that this interface does not know."),
    "model_type": ("type", "Must be an object."),
    "model_attributes_type": ("type", "Must be an object."),
    "dict_type": ("type", "Must be an object."),
    "list_type": ("type", "Must be an array."),
    "string_type": ("type", "Must be a string."),
    "int_type": ("type", "Must be an integer."),
    "bool_type": ("type", "Must be true or false."),
    "none_required": ("type", "Must be null or absent."),
    "too_short": ("too_short", "Must not be empty."),
    "too_long": ("too_long", "Must have at most {max_length} items."),
    "string_too_short": ("too_short", "Must not be empty."),
    "string_too_long": ("too_long", "Must have at most {max_length} characters."),
    "string_unicode": ("characters", "Must be Unicode text."),
    "string_pattern_mismatch": ("characters", "Has characters that are not allowed here."),
    "literal_error": ("choice", "Must be {expected}."),
    "greater_than_equal": ("range", "Must be {ge} or more."),
    "less_than_equal": ("range", "Must be {le} or less."),
    "uuid_type": ("uuid", "Must be a UUID."),
    "uuid_parsing": ("uuid", "Must be a UUID."),
    "instant": ("instant", "Must be an RFC 3339 instant with its offset."),
    "year": ("range", "Must be in the years 2000 to 2199."),
    "count": ("type", "Must be an integer, 0 or more."),
    "order": ("order", "The end must be after the start."),
    "too_long_range": ("range", "Must last at most 366 days."),
    "five": ("multiple_of_5", "Must be a multiple of 5 minutes, without seconds."),
    "too_long_visit": ("range", "Must last at most 24 hours."),
    "no_name": ("required", "Must have a name in French or English."),
    "no_as_of": ("required", "Is required from the second page on."),
}
"""Our codes and words for pydantic's, which would repeat input; the braces hold its limits."""

ITEM_CODES = sorted({code for code, _ in EXPLAINED.values()} | {"invalid", "unknown", "incomplete"})
"""Every code of a bad item, the views' own among them."""

CHOICES = {
    "op": "Must be 'upsert' or 'delete'.",
    "kind": "Must be 'category', 'species', 'resource' or 'busy'.",
}
"""Words for the members that choose what a change is checked against."""


def json_body() -> Any:
    """Return the body's value.

    Raises ProblemError (415, 400), and RequestEntityTooLarge (413) above 524288 bytes.
    """
    if not request.is_json or request.headers.get("Content-Encoding", "identity") != "identity":
        raise ProblemError("unsupported_media_type")
    request.max_content_length = MAX_BYTES
    data = request.get_data()
    if len(data) > MAX_BYTES:
        raise ProblemError("body_too_large")
    try:
        return json.loads(
            data.decode(), object_pairs_hook=_object, parse_constant=_no_such_constant
        )
    except (ValueError, RecursionError) as error:
        raise ProblemError("malformed_json") from error


def query() -> dict[str, Any]:
    """Return the address's parameters; one left empty is absent, one given twice is a list."""
    given = {name: request.args.getlist(name) for name in request.args}
    return {k: v[0] if len(v) == 1 else v for k, v in given.items() if v != [""]}


def headers() -> dict[str, str]:
    """Return the headers of the request, named as HTTP's documents write them."""
    return {name.title(): value for name, value in request.headers}


def validated(model: type[M], value: Any, place: str) -> tuple[M | None, list[BadItem]]:
    """Return a value as a model, or all that is wrong with it.

    `place` is ``pointer``, ``parameter`` or ``header``. Raises ProblemError (413) for too many.
    """
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    too_long = (detail["ctx"] for detail in found if detail["type"] == "too_long")
    if any(limits["max_length"] == MAX_CHANGES for limits in too_long):
        raise ProblemError("too_many_changes")
    return None, _without_guesses(dict.fromkeys(_item(detail, place) for detail in found))


def _item(detail: ErrorDetails, place: str) -> BadItem:
    kind, where = detail["type"], [part for part in detail["loc"] if not _is_tag(part)]
    if kind in {"extra_forbidden", "invalid_key"}:
        where.pop()
    code, words = EXPLAINED.get(kind, ("invalid", "Is not valid."))
    if kind == "literal_error":
        words = CHOICES.get(str(where[-1]), words)
    pointer = "".join(f"/{part}" for part in where)
    limits: Mapping[str, Any] = detail.get("ctx", {})
    return BadItem(
        code,
        words.format(**limits) if "{" in words else words,
        **{place: pointer if place == "pointer" else pointer[1:]},
    )


def _is_tag(part: int | str) -> bool:
    return isinstance(part, str) and part.startswith(TAG)


def _without_guesses(items: Iterable[BadItem]) -> list[BadItem]:
    """Leave out what is said of the data of a change whose op or kind is itself wrong."""
    found = list(items)
    pointers = [item.pointer or "" for item in found]
    unclear = {p.rpartition("/")[0] for p in pointers if p.endswith(("/op", "/kind"))}
    return [
        item
        for item, pointer in zip(found, pointers, strict=True)
        if "/".join(pointer.split("/")[:3]) not in unclear or "/data" not in pointer
    ]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name is given twice")
    return made


def _no_such_constant(_name: str) -> Any:
    raise ValueError("not a JSON number")
