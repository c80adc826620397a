"""The kinds of values that LogiVet sends: instants, keys, names, counts."""

import re
from datetime import datetime
from functools import partial
from typing import Annotated, Any, NamedTuple, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from flask_logivet_rdv.scheduling.interval import CELL_S

_DAY, _HOUR, _MINUTE = "-[0-9]{2}-[0-9]{2}[Tt]", "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
_INSTANT = re.compile(
    rf"([0-9]{{4}}{_DAY}{_HOUR}:{_MINUTE}:{_MINUTE})(?:\.([0-9]+))?([Zz]|[+-]{_HOUR}:{_MINUTE})"
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


def _on_five(moment: Instant) -> Instant:
    if moment.fraction or moment.seconds % CELL_S:
        raise PydanticCustomError("five", "not on five minutes")
    return moment


def _count(text: Any) -> int:
    if isinstance(text, str) and text.isascii() and text.isdigit():
        return int(text[:18])
    raise PydanticCustomError("count", "not a number")


def up_to(most: int) -> AfterValidator:
    """Return what makes more than `most` into `most`."""
    return AfterValidator(lambda n: min(n, most))


def _described(minute: str, seconds: str) -> WithJsonSchema:
    """Return what the document says of instants: they are of the years 2000 to 2199."""
    clock = f"{_HOUR}:{minute}"
    pattern = rf"^2[01][0-9]{{2}}{_DAY}{clock}:{seconds}(?:[Zz]|[+-]{clock})$"
    return WithJsonSchema({"type": "string", "format": "date-time", "pattern": pattern})


def _never_null(schema: JsonDict) -> None:
    """Take null out of what the document says of a member, and its default."""
    del schema["default"]
    told, _null = cast("list[JsonDict]", schema.pop("anyOf"))
    schema.update(told)


_VISIBLE = r"^[^\x00-\x1f\x7f]*$"
Moment = Annotated[
    Instant, PlainValidator(read_instant), _described(_MINUTE, rf"{_MINUTE}(?:\.[0-9]+)?")
]
OnFive = Annotated[
    Instant,
    PlainValidator(read_instant),
    AfterValidator(_on_five),
    _described("[0-5][05]", r"00(?:\.0+)?"),
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_VISIBLE)]
Version = Annotated[int, Field(ge=0, le=2**63 - 1)]
Word = Annotated[
    str, StringConstraints(max_length=200, pattern=_VISIBLE), AfterValidator(str.strip)
]
Short = Annotated[
    str, StringConstraints(max_length=40, pattern=_VISIBLE), AfterValidator(str.strip)
]
Token = Annotated[str, Field(min_length=1, max_length=64)]
Cursor = Annotated[str, StringConstraints(min_length=1)]
Count = BeforeValidator(_count)
absent = partial(Field, None, json_schema_extra=_never_null)
"""Make the field of a member that may be absent, and is None then, but is never null."""
