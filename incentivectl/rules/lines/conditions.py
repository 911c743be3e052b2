"""Conditions as expressions: each is true or false on a row, never null.

A missing value satisfies only `not` (docs/rules.md, "Conditions").
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import and_

import polars as pl

from incentivectl.core import money
from incentivectl.core.tables import TABLES
from incentivectl.programs.conditions import Condition, Value
from incentivectl.programs.fields import LEVEL

_TABLE_OF_ROOM = {
    "sale": "sales",
    "partner": "partners",
    "rep": "reps",
    "product": "products",
    "customer": "customers",
}
_COMPUTED = {
    "sale.month": "number",
    "sale.new_customer": "flag",
    "partner.tenure_years": "number",
    "customer.revenue_12m": "number",
}


def holds(condition: Condition, column: pl.Expr | None = None) -> pl.Expr:
    """Whether the condition holds; `column` stands in for the column of the field's own name."""
    kind = _kind(condition.field)
    value = pl.col(condition.field) if column is None else column
    parts: list[pl.Expr] = []
    if condition.any_of is not None:
        parts.append(_is_any(value, condition.any_of, kind).fill_null(False))
    if condition.none_of is not None:
        parts.append(~_is_any(value, condition.none_of, kind).fill_null(False))
    if condition.not_in is not None:  # unlike `not`, it asks for a value
        parts.append(
            (value.is_not_null() & ~_is_any(value, condition.not_in, kind)).fill_null(False)
        )
    if condition.min is not None:
        parts.append(_ordered(value, kind, condition.min) >= _literal(condition.min))
    if condition.max is not None:
        parts.append(_ordered(value, kind, condition.max) <= _literal(condition.max))
    if condition.before is not None:
        parts.append(_ordered(value, kind, condition.before) < pl.lit(condition.before))
    if condition.after is not None:
        parts.append(_ordered(value, kind, condition.after) > pl.lit(condition.after))
    parts = [part.fill_null(False) for part in parts]
    return reduce(and_, parts, pl.lit(True))


def all_hold(
    conditions: Sequence[Condition], one: Callable[[Condition], pl.Expr] | None = None
) -> pl.Expr:
    """Whether every condition holds, each judged by `one` (`holds` where it is left out)."""
    return reduce(and_, map(one or holds, conditions), pl.lit(True))


def holds_if_given(
    condition: Condition, column: pl.Expr | None = None, given: str = "given"
) -> pl.Expr:
    """Whether the condition holds or its field is not among those that the row states (`given`)."""
    return ~pl.col(given).list.contains(condition.field) | holds(condition, column)


def is_given_and_holds(condition: Condition) -> pl.Expr:
    """Whether the row states the field (`given`) and the condition holds."""
    return pl.col("given").list.contains(condition.field) & holds(condition)


def _kind(field: str) -> str:
    if field in _COMPUTED:
        return _COMPUTED[field]
    entity, _, name = field.partition(".")
    if entity == LEVEL:
        return "text"
    column = TABLES[_TABLE_OF_ROOM[entity]].column(name)
    if column is None or column.kind in ("text", "currency"):
        return "text"
    return {"date": "date", "flag": "flag"}.get(column.kind, "number")


def _is_any(value: pl.Expr, wanted: Sequence[Value], kind: str) -> pl.Expr:
    if kind == "text":
        return value.is_in([_as_text(item) for item in wanted])
    return reduce(
        lambda left, right: left | right,
        (value == _literal(item) for item in wanted),
        pl.lit(False),
    )


def _as_text(item: Value) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    return money.plain(item) if isinstance(item, Decimal) else str(item)


def _literal(item: Value) -> pl.Expr:
    if isinstance(item, Decimal):
        return money.literal(item)
    if isinstance(item, bool | date):
        return pl.lit(item)
    return pl.lit(str(item))


def _ordered(value: pl.Expr, kind: str, bound: Decimal | date) -> pl.Expr:
    """A value as something that is larger or smaller than `bound`; of an attribute's text if it is one."""
    if kind != "text":
        return value
    if isinstance(bound, date):
        return value.str.to_date("%Y-%m-%d", strict=False)
    return _as_number(value)


def _as_number(value: pl.Expr) -> pl.Expr:
    """A listed attribute read as a number; null if its text is not a number."""
    is_number = value.str.contains(r"^[+-]?\d{1,12}(\.\d{1,6})?$")
    return pl.when(is_number).then(value).cast(money.AMOUNT, strict=False)
