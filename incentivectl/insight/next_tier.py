"""How far the next tier is, and what reaching it would bring (docs/questions.md, "Next tiers").

The distance is the same wherever it is shown: in explanations, near misses and statements. What
is earned there depends on what else grows (`lifted`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.kinds.rebate import rules as rebate
from incentivectl.rules.case import Case, Judged
from incentivectl.rules.earning.limits import before_budget, of_case
from incentivectl.rules.earning.parameters import parameters_of
from incentivectl.rules.earning.tiers import Block

NEXT_TIERS: Schema = {
    "period": pl.Int32,
    "payee_id": pl.String,
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
EVERYBODY = pl.lit(True)


def next_tiers(one: Settled, only: pl.Expr = EVERYBODY) -> pl.DataFrame:
    """The next tier of every payee that has one, or of `only` some; columns as `NEXT_TIERS`.

    `wanted` is the total that reaches it and `missing` what of it is still to be sold, in units of
    `missing_in`: revenue, or the metric itself.
    `would_earn` is the entitlement with exactly that, before the budget; all else stays as it is.
    """
    case, measured = one.case, one.measured
    if measured is None or not case.program.tiers_over_period:
        return pl.DataFrame(schema=NEXT_TIERS)
    blocks = rebate.blocks_of(case)
    found = [
        ahead.with_columns(
            wanted="goal",
            missing=pl.col("goal") - pl.col("have"),
            missing_in=pl.lit(measured_in(by)),
            earns_now=before_budget(of_case(case, ahead))["before_budget"],
            would_earn=worth(case, lifted(ahead, by), blocks),
        ).select(pl.col(name).cast(dtype) for name, dtype in NEXT_TIERS.items())
        for by, ahead in tiers_ahead(measured.payees.filter(only), blocks)
    ]
    return pl.concat([pl.DataFrame(schema=NEXT_TIERS), *found]).sort("period", "payee_id")


def tiers_ahead(
    payees: pl.DataFrame, blocks: Sequence[Block]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """For each reward with tiers its metric, and those of its payees who have a next tier.

    Adds `next_tier` (Int32), `next_from` (6 decimals), and `have` and `goal` (12 decimals): the
    total now and where that tier begins, in what is measured.
    """
    for index, block in enumerate(blocks):
        tiers, by = block.reward.tiers, block.reward.tiers_by
        if not tiers:
            continue
        starts = {at: tier.from_ for at, tier in enumerate(tiers)}
        ahead = (
            payees.filter(pl.col("block") == index)
            .with_columns(next_tier=pl.col("tier").fill_null(-1) + 1)
            .filter(pl.col("next_tier") < len(tiers))
            .with_columns(
                next_from=pl.col("next_tier").replace_strict(starts, return_dtype=money.AMOUNT)
            )
        )
        yield by, with_goal(ahead, by, pl.col("next_from"))


def with_goal(payees: pl.DataFrame, metric: str, start: pl.Expr) -> pl.DataFrame:
    """Adds `have` and `goal`: the total of `metric` and what it has to be, where that is more.

    `start` is where a tier or gate begins. Growth and attainment are shown as revenue, rounded up to 6
    decimals; payees without a baseline or target, or with none above 0, are left out.
    """
    have = pl.col(measured_in(metric)).cast(money.SHARED)
    goal = start.cast(money.SHARED)
    if metric in _OF_REVENUE:
        base = pl.col(_OF_REVENUE[metric])
        exact = money.multiply(base, start.cast(money.AMOUNT), scales=(12, 6))
        if metric == "growth":
            exact = exact + base.cast(money.EARNED)
        goal = pl.when(base > 0).then(_rounded_up(exact))
    return payees.with_columns(have=have, goal=goal).filter(pl.col("goal") > pl.col("have"))


def _rounded_up(exact: pl.Expr) -> pl.Expr:
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

    If `others_grow`, revenue, quantity and what they pay for grow in proportion.
    """
    measured = measured_in(metric)
    at_goal = pl.col("goal").cast(ahead.schema[measured]).alias(measured)
    if not others_grow:
        return ahead.with_columns(at_goal)
    factor = money.divide(pl.col("goal"), pl.col("have"), scales=(12, 12), digits=12)
    some = pl.when(pl.col("have") > 0).then(factor).otherwise(money.literal(1, 12))
    sums = [name for name in ahead.columns if name in _GROWING or name.startswith("unit_pay:")]
    scaled = {
        name: _times(pl.col(name), pl.col("_factor"), ahead.schema[name])
        for name in sums
        if name != measured
    }
    return ahead.with_columns(_factor=some).with_columns(at_goal, **scaled).drop("_factor")


def _times(column: pl.Expr, factor: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Column x factor at the column's own scale; precise enough for an estimate of cents."""
    rounded = money.round_half_up(column.cast(pl.Decimal(38, 12)), 12)
    exact = money.multiply(rounded, factor, scales=(12, 12))
    return money.round_half_up(exact, 12).cast(dtype)


def worth(
    case: Case, totals: pl.DataFrame, blocks: Sequence[Block], *, gated: bool = True
) -> pl.Series:
    """What totals earn (6 decimals), in their order: gate, boost, cap and rounding, no budget.

    Where they are not `gated`, the gate counts as reached.
    """
    known = Judged(0, case, None)
    stacked = totals.with_columns(program=pl.lit(known.place, dtype=pl.UInt32))
    paid_by = parameters_of([known])
    if not gated:
        paid_by = replace(paid_by, gates=paid_by.gates.clear())
    return before_budget(of_case(case, rebate.rewarded(stacked, paid_by)))["before_budget"]
