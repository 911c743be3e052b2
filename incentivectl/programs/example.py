"""`[[example]]`: what a program must pay for a few lines, without any data."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from incentivectl.programs.conditions import Value, scalar
from incentivectl.programs.fields import FIELD_ENTITIES
from incentivectl.toml.numbers import exact
from incentivectl.toml.types import FilledText, Listed, TomlTable, by_name
from incentivectl.toml.wrong import described, wrong


def _row(raw: object) -> Mapping[str, Value]:
    """One line of an example; `partner.tier` may be written with or without quotes."""
    if not isinstance(raw, Mapping):
        raise wrong("wrong-type", f"expected a table, not {described(raw)}")
    row: dict[str, Value] = {}
    errors: list[InitErrorDetails] = []
    for key, value in raw.items():
        nested = value if key in FIELD_ENTITIES and isinstance(value, Mapping) else None
        cells = {f"{key}.{name}": nested[name] for name in nested} if nested else {key: value}
        for name, cell in cells.items():
            try:
                row[name] = scalar(cell)
            except PydanticCustomError as error:
                errors.append(InitErrorDetails(type=error, loc=(key,), input=None))
    if errors:
        raise ValidationError.from_exception_data("row", errors)
    return row


def _number_or_by_payee(raw: object) -> Decimal | Mapping[str, Decimal]:
    return by_name(raw, exact) if isinstance(raw, Mapping) else exact(raw)


_NUMBERS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "number"}}
Row = Annotated[Mapping[str, Value], BeforeValidator(_row), WithJsonSchema({"type": "object"})]
Rows = Annotated[tuple[Row, ...], Listed]
ByPayee = Annotated[
    Decimal | Mapping[str, Decimal],
    BeforeValidator(_number_or_by_payee),
    WithJsonSchema({"anyOf": [{"type": "number"}, _NUMBERS]}),
]


class Example(TomlTable):
    """Lines and what they must earn; what a line leaves out satisfies the program's conditions."""

    name: FilledText
    sales: Rows = ()
    deals: Rows = ()
    activities: Rows = ()
    requests: Rows = ()
    claims: Rows = ()
    baseline: ByPayee | None = None
    target: ByPayee | None = None
    expect: ByPayee
