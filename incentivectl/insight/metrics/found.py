"""The figures of one period: rows of their basis made one by scope, then the formulas."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.periods import Period
from incentivectl.insight.metrics.figures import (
    COVERING,
    DIMENSIONS,
    PLACES,
    Area,
    Basis,
    Definition,
    Formula,
    Found,
    Scope,
    Value,
)
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View

Key = tuple[str, Scope, str]  # a figure's key, what it is about, and the id of that
LACKING = ":lacking"  # after a figure's key: how many of its rows have no value
BASIS = (
    "basis", "figure", "how", *DIMENSIONS, "item", "currency", "value", "times",
)  # fmt: skip


def found_in(area: Area, view: View, *, for_trends: bool = False) -> dict[Key, Found]:
    """Every figure of an area in one period; with `for_trends` what its headlines take, and no more."""
    wanted = _of_headlines(area) if for_trends else None
    found: dict[Key, Found] = {}
    for one in area.found(view):
        if isinstance(one, Found):
            found[_key(one)] = one
            continue
        scopes = [scope for scope in one.scopes if wanted is None or scope in PLACES]
        figures = [each for each in one.figures if wanted is None or each.key in wanted]
        if figures:
            found |= {_key(figure): figure for figure in _of_basis(one, scopes, figures)}
    for formula in area.formulas:
        if wanted is None or formula.definition.key in wanted:
            found |= {_key(figure): figure for figure in _following(formula, found, view.period)}
    return found


def _of_headlines(area: Area) -> set[str]:
    """The headlines of an area, and the figures that they follow from."""
    keys = {definition.key for definition in area.definitions if definition.headline}
    for formula in reversed(area.formulas):  # the later ones follow from the earlier ones
        if formula.definition.key in keys:
            keys |= {part.key for part in formula.parts}
    return keys


def basis_rows(areas: Sequence[Area], view: View) -> pl.DataFrame:
    """All rows that the figures of a period are made of (columns `BASIS`; `value` has 24 decimals).

    A figure about a region is made of the rows of its basis that name this region, and so on; one
    about the whole of all of them. What is unknown has no value.
    """
    found: dict[tuple[str, str], pl.DataFrame] = {}
    for area in areas:
        for one in area.found(view):
            if isinstance(one, Basis):
                for definition in one.figures:  # rows of one name are the same for all scopes
                    if (one.name, definition.key) not in found:
                        found[one.name, definition.key] = _in_long(one, definition)
    schema: Schema = dict.fromkeys(BASIS, pl.String)
    empty = pl.DataFrame(schema=schema | {"value": money.REWARD, "times": pl.Int64})
    return pl.concat([empty, *found.values()], how="diagonal").select(BASIS)


def _key(one: Found) -> Key:
    return one.definition.key, one.scope, one.of


def _of_basis(
    basis: Basis, scopes: Sequence[Scope], figures: Sequence[Definition]
) -> Iterator[Found]:
    for scope in scopes:
        if scope == "whole":
            yield from _by(basis, basis.rows.with_columns(of=pl.lit("")), scope, figures)
        elif scope in basis.rows.columns:
            rows = basis.rows.drop_nulls(scope).with_columns(of=scope)
            yield from _by(basis, rows, scope, figures)


def _by(
    basis: Basis, rows: pl.DataFrame, scope: Scope, figures: Sequence[Definition]
) -> Iterator[Found]:
    """The figures of each `of`; of the whole also where there are no rows at all."""
    if rows.is_empty():
        if scope == "whole":
            for definition in figures:
                yield Found(definition, _of_nothing(basis, definition), scope, basis=basis.name)
        return
    middles = [_middles(definition, rows) for definition in figures]
    currency = pl.col("currency").first() if "currency" in rows.columns else pl.lit("")
    added = [one for definition in figures for one in _added_up(definition)]
    by_id = rows.group_by("of").agg(currency.alias("_currency"), *added).sort("of")
    for row in by_id.iter_rows(named=True):
        for definition, of_rows in zip(figures, middles, strict=True):
            value = _value_of(basis, definition, row, of_rows)
            if scope == "whole" or basis.unknown or not isinstance(value, Missing):
                yield Found(definition, value, scope, row["of"], row["_currency"], basis.name)


def _added_up(definition: Definition) -> tuple[pl.Expr, ...]:
    """What rows of one `of` come to, where they are summed (with what is unknown) or counted."""
    key = definition.key
    if definition.how == "sum":
        return pl.col(key).sum(), pl.col(key).null_count().alias(f"{key}{LACKING}")
    if definition.how == "count":
        return (pl.col("item").filter(pl.col(key)).n_unique().alias(key),)
    return ()


def _value_of(
    basis: Basis, definition: Definition, row: Mapping[str, Any], middles: Mapping[str, Value]
) -> Value:
    key = definition.key
    if definition.how == "sum":
        return Missing(basis.unknown) if row[f"{key}{LACKING}"] else Decimal(str(row[key]))
    if definition.how == "count":
        return Decimal(row[key])
    return middles.get(row["of"], _of_nothing(basis, definition))


def _of_nothing(basis: Basis, definition: Definition) -> Value:
    return Decimal(0) if definition.how in ("sum", "count") else Missing(basis.empty)


def _middles(definition: Definition, rows: pl.DataFrame) -> dict[str, Value]:
    """The mean, median or percentile of a figure by `of`; nothing of what is added up or counted."""
    if definition.how in ("sum", "count"):
        return {}
    key = definition.key
    times = pl.col("times").sum() if "times" in rows.columns else pl.len()
    found = rows.drop_nulls(key).group_by("of", key).agg(times.alias("times"))
    values: dict[str, Value] = {}
    for (of,), part in found.sort("of", key).group_by("of", maintain_order=True):
        counts = [(Decimal(str(one)), int(n)) for one, n in part.select(key, "times").rows()]
        values[str(of)] = _middle(definition, counts)
    return values


def _middle(definition: Definition, counts: Sequence[tuple[Decimal, int]]) -> Decimal:
    """The mean, median or percentile of values with their counts, in order."""
    if definition.how == "median":
        return median_of(counts)
    if definition.how == "covering":
        return covering(counts, COVERING)
    with money.exactly():
        added = sum((value * times for value, times in counts), Decimal(0))
    mean = money.quotient(added, Decimal(sum(times for _, times in counts)))
    assert mean is not None
    return mean


def median_of(counts: Sequence[tuple[Decimal, int]]) -> Decimal:
    """The median of values with their counts, in order: the middle one, or the mean of both."""
    number = sum(count for _, count in counts)
    return (_nth(counts, (number + 1) // 2) + _nth(counts, number // 2 + 1)) / 2


def covering(counts: Sequence[tuple[Decimal, int]], percent: int) -> Decimal:
    """The smallest value such that at least `percent` of all are no larger."""
    number = sum(count for _, count in counts)
    return _nth(counts, -(-number * percent // 100))


def _nth(counts: Sequence[tuple[Decimal, int]], rank: int) -> Decimal:
    """The value of that rank, from 1."""
    seen = 0
    for value, count in counts:
        seen += count
        if seen >= rank:
            return Decimal(value)
    raise ValueError(f"there is no value of rank {rank}")


def _following(formula: Formula, found: dict[Key, Found], period: Period) -> Iterator[Found]:
    """The formula's figure wherever its first part is known, about one scope after the other."""
    first, *_ = formula.parts
    for key, scope, of in list(found):
        if key != first.key or scope not in formula.scopes:
            continue
        parts = [_part(found, part, scope, of) for part in formula.parts]
        if None in parts:
            continue
        missing = next((one for one in parts if isinstance(one, Missing)), None)
        given = (period.last, *parts) if formula.dated else parts
        value = _dated(formula.value(*given), period) if missing is None else missing
        like = found[first.key, scope, of]
        yield Found(formula.definition, value, scope, of, like.currency)


def _dated(value: Value, period: Period) -> Value:
    """A reason in which `{period}` stands for the period's label."""
    if isinstance(value, Missing):
        return Missing(value.why.replace("{period}", period.label))
    return value


def _part(found: dict[Key, Found], part: Definition, scope: Scope, of: str) -> Value | None:
    one = found.get((part.key, scope, of))
    if one is not None:
        return one.value
    whole = found.get((part.key, "whole", ""))
    if whole is not None and isinstance(whole.value, Missing):
        return whole.value
    return Decimal(0) if part.adds_up else None


def _in_long(basis: Basis, definition: Definition) -> pl.DataFrame:
    """The rows that one figure is made of; what is counted has the value 1."""
    rows, key = basis.rows, definition.key
    if definition.how == "count":
        rows = rows.filter(pl.col(key))
    elif definition.how != "sum":
        rows = rows.drop_nulls(key)
    named = [name for name in (*DIMENSIONS, "item", "currency") if name in rows.columns]
    times = pl.col("times") if "times" in rows.columns else pl.lit(None, pl.Int64)
    value = pl.col(key).cast(pl.Int8) if definition.how == "count" else pl.col(key)
    return rows.select(
        pl.lit(basis.name).alias("basis"),
        pl.lit(key).alias("figure"),
        pl.lit(definition.how).alias("how"),
        *named,
        value.cast(money.REWARD).alias("value"),
        times.alias("times"),
    )
