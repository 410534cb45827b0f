"""The kinds of values that several parts of payback.toml share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from payback.locale import say
from payback.quantities import Quantity as Range
from payback.quantities import quantity

Quantity = Annotated[
    Range,
    BeforeValidator(quantity),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number"}, {"type": "string", "examples": ["10 to 15"]}],
            "description": 'a number, or a range somebody is 90 % sure of, such as "10 to 15"',
        }
    ),
]
Amount = Annotated[
    Decimal,
    Field(ge=0, le=Decimal("1e15")),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
Share = Annotated[
    Decimal,
    Field(ge=0, le=1),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isupper():
        raise ValueError(say("write the three-letter code, such as EUR"))
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            say("no such time zone: write one such as Europe/Berlin, Asia/Jakarta or UTC")
        ) from None
    return name


Currency = Annotated[str, AfterValidator(_currency)]
Zone = Annotated[str, AfterValidator(_zone)]


class Part(BaseModel):
    """A table of the file: unknown keys are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
