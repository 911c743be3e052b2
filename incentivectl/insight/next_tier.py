"""How far the next tier, point, step or bundle is, and what it would bring (docs/questions.md, "Next tiers").

The distance is the same wherever it is shown: in explanations, near misses and statements. What
is earned there depends on what else grows (`lifted`).
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.kinds.rebate import rules as rebate
from incentivectl.rules.case import KEYS, Case, Judged
from incentivectl.rules.earning.earn import PICKED
from incentivectl.rules.earning.limits import before_budget, of_case
from incentivectl.rules.earning.parameters import Parameters, parameters_of

NEXT_TIERS: Schema = {
    "period": pl.Int32,
    "payee_id": pl.String,
    "step": pl.String,
    "next_tier": pl.Int32,
    "next_from": money.AMOUNT,
    "wanted": money.SHARED,
    "missing": money.SHARED,
    "missing_in": pl.String,
    "earns_now": money.AMOUNT,
    "would_earn": money.AMOUNT,
}
_OF_REVENUE = {"growth": "baseline", "attainment": "target"}
_GROWING = ("revenue", "quantity", "list_amount")
_OWN_METRICS = ("revenue", "quantity", "lines", "sales", "customers", "products", "bundles")
_ONE = money.literal(1, money.SHARED_SCALE)
EVERYBODY = pl.lit(True)


def next_tiers(one: Settled, only: pl.Expr = EVERYBODY) -> pl.DataFrame:
    """What comes next for every payee for whom something does, or for `only` some (`NEXT_TIERS`).

    `step` is a `tier`, a `point` of a curve, a `step` of `every`, or a `bundle`: the first of these that
    there is; `next_tier` is the tier or point that pays there. `wanted` is the total that reaches it and
    `missing` the part that is still to be sold, in units of `missing_in`: revenue, or the metric itself.
    `would_earn` is the entitlement with exactly that, before the budget; all else stays as it is. Where
    terms are found for each line there is no single next tier.
    """
    case, measured = one.case, one.measured
    program = case.program
    if measured is None or not program.tiers_over_period or program.terms_by_line:
        return pl.DataFrame(schema=NEXT_TIERS)
    found = [
        ahead.with_columns(
            wanted="goal",
            missing=pl.col("goal") - pl.col("have"),
            missing_in=pl.lit(measured_in(by)),
            earns_now=before_budget(of_case(case, ahead))["before_budget"],
            would_earn=worth(case, lifted(ahead, by)),
        ).select(pl.col(name).cast(dtype) for name, dtype in NEXT_TIERS.items())
        for by, ahead in steps_ahead(case, measured.payees.filter(only))
    ]
    first = pl.concat([pl.DataFrame(schema=NEXT_TIERS), *found]).unique(
        KEYS, keep="first", maintain_order=True
    )
    return first.sort("period", "payee_id")


def steps_ahead(case: Case, rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """By metric, the rows that have something ahead: tiers first, then points, steps and bundles.

    `rows` are payees, or payees by term, as `rules.earning.earn` returns them. Adds `step`, `next_tier`
    (Int32: the tier or point that pays there), `next_from` (6 decimals), and `have` and `goal` (12
    decimals): the total now and where what is ahead begins, in what is measured.
    """
    if rows.is_empty() or "tier" not in rows.columns:
        return
    paid_by = parameters_of([Judged(0, case)])
    by_block = paid_by.rewards.select("block", _by="tiers_by")
    rows = rows.join(by_block, on="block", how="inner", maintain_order="left")
    for find in (_tiers_ahead, _points_ahead, _steps_of_every, _bundles_ahead):
        ahead = find(rows, paid_by)
        for by in ahead["_by"].unique(maintain_order=True):
            own = ahead.filter(pl.col("_by") == by).drop("_by")
            is_own = find in (
                _steps_of_every,
                _bundles_ahead,
            )  # a window picks tiers and points alone
            yield by, with_goal(own, by, pl.col("next_from"), of_window=not is_own)


def _tiers_ahead(rows: pl.DataFrame, paid_by: Parameters) -> pl.DataFrame:
    starts = paid_by.tiers.drop_nulls("tier").select("block", next_tier="tier", next_from="from")
    numbered = rows.with_columns(next_tier=pl.col("tier").fill_null(-1) + 1, step=pl.lit("tier"))
    return numbered.join(starts, on=["block", "next_tier"], how="inner", maintain_order="left")


def _points_ahead(rows: pl.DataFrame, paid_by: Parameters) -> pl.DataFrame:
    """The first point of a curve that lies beyond the value of its metric."""
    points = paid_by.points.select("block", next_tier="point", next_from="at")
    is_ratio = pl.col("_by").is_in(list(_OF_REVENUE))
    nothing = money.literal(0, money.SHARED_SCALE)  # where more is returned than sold
    value = (
        pl.when(is_ratio).then("metric_value").otherwise(pl.max_horizontal("metric_value", nothing))
    )
    return (
        rows.with_columns(step=pl.lit("point"))
        .join(points, on="block", how="inner", maintain_order="left")
        .filter(pl.col("next_from") > value)
        .unique([*KEYS, "block"], keep="first", maintain_order=True)
    )


def _steps_of_every(rows: pl.DataFrame, paid_by: Parameters) -> pl.DataFrame:
    """The next whole step of `every`, of the tier that is reached."""
    every = paid_by.tiers.drop_nulls("every").select("block", "tier", "every")
    value = pl.coalesce(pl.when(pl.col("_by") == name).then(name) for name in _OWN_METRICS)
    times = money.times_whole(value.cast(money.SHARED), pl.col("every"), scales=(12, 6)) + _ONE
    start = money.multiply(times, pl.col("every"), scales=(12, 6)).cast(money.AMOUNT)
    return (
        rows.join(every, on=["block", "tier"], how="inner", nulls_equal=True, maintain_order="left")
        .with_columns(step=pl.lit("step"), next_tier="tier", next_from=start)
        .drop("every")
    )


def _bundles_ahead(rows: pl.DataFrame, paid_by: Parameters) -> pl.DataFrame:
    """One bundle more, where each of them pays."""
    paying = paid_by.tiers.filter(pl.col("per_bundle") > 0).select("block", "tier")
    one_more = (pl.col("bundles").cast(money.SHARED) + _ONE).cast(money.AMOUNT)
    return rows.join(paying, on=["block", "tier"], how="semi", nulls_equal=True).with_columns(
        step=pl.lit("bundle"),
        next_tier="tier",
        next_from=one_more,
        _by=pl.lit("bundles"),
    )


def with_goal(
    payees: pl.DataFrame, metric: str, start: pl.Expr, *, of_window: bool = False
) -> pl.DataFrame:
    """Adds `have` and `goal`: the total of `metric` and what it has to be, where that is more.

    `start` is where a tier or gate begins. Growth and attainment are shown as revenue, rounded up to 6
    decimals; payees without a baseline or target, or with none above 0, are left out. If `of_window`, the
    total is that of the window where one decides (docs/rules.md, "Windows").
    """
    have = pl.col(measured_in(metric)).cast(money.SHARED)
    if of_window and PICKED in payees.columns:
        have = pl.coalesce(PICKED, have)
    goal = start.cast(money.SHARED)
    if metric in _OF_REVENUE:
        base = pl.col(_OF_REVENUE[metric])
        exact = money.multiply(base, start.cast(money.AMOUNT), scales=(12, 6))
        if metric == "growth":
            exact = exact + base.cast(money.EARNED)
        goal = pl.when(base > 0).then(rounded_up(exact))
    return payees.with_columns(have=have, goal=goal).filter(pl.col("goal") > pl.col("have"))


def rounded_up(exact: pl.Expr) -> pl.Expr:
    """Rounded up to 6 decimals, as one of 12."""
    nearest = money.round_half_up(exact, money.SCALE)
    smallest = money.literal(Decimal(1).scaleb(-money.SCALE), 18)
    short = nearest.cast(money.EARNED) < exact
    raised = nearest.cast(money.EARNED) + smallest
    return pl.when(short).then(raised).otherwise(nearest).cast(money.SHARED)


def measured_in(metric: str) -> str:
    """The column that a metric is shown in: growth and attainment are shown as revenue."""
    return "revenue" if metric in _OF_REVENUE else metric


def lifted(ahead: pl.DataFrame, metric: str, *, others_grow: bool = False) -> pl.DataFrame:
    """The totals at the goal: the metric reaches it exactly, and all else stays as it is.

    If `others_grow`, revenue, quantity and what they pay for grow in proportion. A window that decides
    grows by what is sold, as the measurement period does.
    """
    measured = measured_in(metric)
    own = pl.col(measured).cast(money.SHARED)
    more = pl.col("goal") - pl.col("have")
    at_goal = [(own + more).cast(ahead.schema[measured]).alias(measured)]
    if PICKED in ahead.columns:
        picks = pl.when(pl.col("metric") == metric).then(pl.col(PICKED) + more).otherwise(PICKED)
        at_goal.append(picks.cast(ahead.schema[PICKED]).alias(PICKED))
    if not others_grow:
        return ahead.with_columns(at_goal)
    factor = money.divide(own + more, own, scales=(12, 12), digits=12)
    some = pl.when(own > 0).then(factor).otherwise(money.literal(1, 12))
    sums = [name for name in ahead.columns if name in _GROWING or name.startswith("unit_pay:")]
    scaled = {
        name: _times(pl.col(name), pl.col("_factor"), ahead.schema[name])
        for name in sums
        if name != measured
    }
    return ahead.with_columns(_factor=some).with_columns(*at_goal, **scaled).drop("_factor")


def _times(column: pl.Expr, factor: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Column x factor at the column's own scale; precise enough for an estimate of cents."""
    rounded = money.round_half_up(column.cast(pl.Decimal(38, 12)), 12)
    exact = money.multiply(rounded, factor, scales=(12, 12))
    return money.round_half_up(exact, 12).cast(dtype)


def worth(case: Case, totals: pl.DataFrame, *, gated: bool = True) -> pl.Series:
    """What totals earn (6 decimals), in their order: gate, boost, cap and rounding, no budget.

    Where they are not `gated`, the gate counts as reached.
    """
    known = Judged(0, case)
    stacked = totals.with_columns(program=pl.lit(known.place, dtype=pl.UInt32))
    paid_by = parameters_of([known])
    if not gated:
        paid_by = replace(paid_by, gates=paid_by.gates.clear())
    return before_budget(of_case(case, rebate.rewarded(stacked, paid_by)))["before_budget"]
