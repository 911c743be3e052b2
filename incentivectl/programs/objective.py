"""What a program is for: in words, and as a figure that can be checked (docs/rules.md, "Objectives")."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from incentivectl.toml.numbers import ratio
from incentivectl.toml.types import Text, TomlTable, any_text, one_of
from incentivectl.toml.wrong import wrong

OBJECTIVE_METRICS = ("revenue", "quantity", "lines", "sales", "customers", "products")
AGAINST = ("previous_year", "previous_period")


def _change(raw: object) -> Decimal:
    change = ratio(raw)
    if change <= -1:
        raise wrong("change-below-nothing", "a target below 0 cannot be reached")
    return change


class Objective(TomlTable):
    """`objective = "…"` or `[objective]`: `text`, and the `metric` that is to change by `change`."""

    text: Text = ""
    metric: (
        Annotated[
            Literal["revenue", "quantity", "lines", "sales", "customers", "products"],
            one_of(OBJECTIVE_METRICS, "a metric of objectives"),
        ]
        | None
    ) = None
    change: (
        Annotated[
            Decimal,
            BeforeValidator(_change),
            WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
        ]
        | None
    ) = None
    against: Annotated[
        Literal["previous_year", "previous_period"], one_of(AGAINST, "a period to compare with")
    ] = "previous_year"

    @model_validator(mode="after")
    def _metric_and_change(self) -> Self:
        if (self.metric is None) != (self.change is None):
            lacking, other = ("metric", "change") if self.metric is None else ("change", "metric")
            hint = 'such as metric = "revenue", change = "10%"'
            raise wrong("half-an-objective", f"`{other}` needs `{lacking}` beside it", hint)
        return self

    @property
    def is_measured(self) -> bool:
        """Whether it can be checked against sales."""
        return self.metric is not None


class _TextOrTable:
    """The words alone, or a table that has them under `text`."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_table, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


def _as_table(raw: object) -> object:
    return raw if isinstance(raw, Mapping | Objective) else {"text": any_text(raw)}


TextOrTable = _TextOrTable()
