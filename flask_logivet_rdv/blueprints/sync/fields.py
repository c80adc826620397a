"""The kinds of values that LogiVet sends: instants, keys, names, counts."""

import re
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.IGNORECASE,
)


class Instant(NamedTuple):
    """An instant: UTC seconds and the digits after them. Instants compare as they should."""

    seconds: int
    fraction: str = ""

    @property
    def ceiling(self) -> int:
        """Return the first whole second that is not before it."""
        return self.seconds + bool(self.fraction)


def read_instant(text: Any) -> Instant:
    """Return the instant of an RFC 3339 text that tells its offset.

    Raises PydanticCustomError for anything else, and for years that no agenda has.
    """
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise PydanticCustomError("instant", "not an RFC 3339 instant")
    whole, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat((whole + offset).upper())
    except ValueError:
        raise PydanticCustomError("instant", "not an RFC 3339 instant") from None
    if not 2000 <= moment.year < 2200:
        raise PydanticCustomError("year", "a year of no agenda")
    return Instant(int(moment.timestamp()), (fraction or "").rstrip("0"))


def _count(text: Any) -> int:
    if isinstance(text, str) and text.isascii() and text.isdigit():
        return int(text[:18])
    raise PydanticCustomError("count", "not a number")


def up_to(most: int) -> AfterValidator:
    """Return what makes more than `most` into `most`."""
    return AfterValidator(lambda n: min(n, most))


_VISIBLE = r"^[^\x00-\x1f\x7f]*$"
Moment = Annotated[
    Instant,
    PlainValidator(read_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_VISIBLE)]
Version = Annotated[int, Field(ge=0, le=2**63 - 1, description="Your own counter for this row.")]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_VISIBLE)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=_VISIBLE)]
Count = BeforeValidator(_count)
