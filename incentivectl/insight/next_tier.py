"""What a payee still has to do: the gate, the minimum or the next tier of a period that goes on.

The reward at the goal is what the program's own rules make of the payee's totals with the measured one
lifted to the goal and the others in proportion, so that it is an estimate; the distance is exact
(docs/rules.md, "Statements").
"""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from incentivectl import money
from incentivectl.engine import Settled
from incentivectl.frames import Schema
from incentivectl.programs.contest import ContestReward
from incentivectl.programs.model import Gate
from incentivectl.rules import rebate
from incentivectl.rules.case import Case
from incentivectl.rules.gate import reached
from incentivectl.rules.measures import KEYS
from incentivectl.rules.tiers import Block

NEXT: Schema = {
    "period": pl.Int32,
    "payee_id": pl.String,
    "step": pl.String,
    "metric": pl.String,
    "have": money.SHARED,
    "goal": money.SHARED,
    "next_tier": pl.Int32,
    "at_goal": money.AMOUNT,
}
_NO_TIER = pl.lit(None, dtype=pl.Int32)
_SUMS = ("revenue", "quantity", "list_amount")


def next_steps(one: Settled) -> pl.DataFrame:
    """The next step of every payee in measurement periods that go on after PERIOD (columns `NEXT`).

    `step` is `gate`, `minimum` or `tier`, the first that stands in the way; `have` and `goal` are in
    the unit of `metric`, but in money for growth and attainment; `at_goal` is about what the whole
    reward is worth there, before the budget, null where that cannot be said.
    """
    case, measured = one.case, one.measured
    kind = case.program.kind
    if measured is None or kind not in ("rebate", "spif", "contest"):
        return pl.DataFrame(schema=NEXT)
    open_periods = [i for i, p in enumerate(case.periods) if p.end > case.channel.as_of]
    payees = measured.payees.filter(
        pl.col("period").is_in(open_periods), pl.col("block").is_not_null()
    )
    if payees.is_empty():
        return pl.DataFrame(schema=NEXT)
    if kind == "contest":
        steps = [_gate_steps(case, payees, ()), _minimum_steps(case, payees)]
    else:
        blocks = rebate.blocks_of(case)
        steps = [_gate_steps(case, payees, blocks), *_tier_steps(case, payees, blocks)]
    return pl.concat(steps).unique(KEYS, keep="first", maintain_order=True)


def _gate_steps(case: Case, payees: pl.DataFrame, blocks: Sequence[Block]) -> pl.DataFrame:
    gate = case.program.gate
    if gate is None:
        return pl.DataFrame(schema=NEXT)
    by_activity = gate.metric.startswith("activity.")
    of_gate = payees.filter(~reached(case)).with_columns(
        step=pl.lit("gate"),
        metric=pl.lit(gate.metric),
        have=_gate_value(gate),
        goal=_goal(gate.metric, money.literal(gate.at_least, 12)),
        next_tier=_NO_TIER,
    )
    known = of_gate.filter(pl.col("goal").is_not_null(), pl.col("goal") > pl.col("have"))
    if not blocks:
        return known.with_columns(at_goal=pl.lit(None, dtype=money.AMOUNT)).select(_columns())
    lifted = known if by_activity else _lifted(known, gate.metric)
    return _with_reward(case, known, lifted, blocks)


def _gate_value(gate: Gate) -> pl.Expr:
    if gate.metric.startswith("activity."):
        return pl.col("activities").fill_null(money.literal(0, 12))
    return _have(gate.metric)


def _minimum_steps(case: Case, payees: pl.DataFrame) -> pl.DataFrame:
    """Contests: who has less than the minimum takes no part."""
    found = [pl.DataFrame(schema=NEXT)]
    for index, reward in enumerate(case.program.reward):
        if not isinstance(reward, ContestReward) or reward.minimum is None:
            continue
        rows = payees.filter(
            pl.col("block") == index, pl.col("why_nothing") == "below-minimum"
        ).with_columns(
            step=pl.lit("minimum"),
            have=_have(reward.rank_by),
            goal=_goal(reward.rank_by, money.literal(reward.minimum, 12)),
            next_tier=_NO_TIER,
            at_goal=pl.lit(None, dtype=money.AMOUNT),
        )
        found.append(rows.filter(pl.col("goal").is_not_null()).select(_columns()))
    return pl.concat(found)


def _tier_steps(case: Case, payees: pl.DataFrame, blocks: Sequence[Block]) -> list[pl.DataFrame]:
    """The tier after the one that is reached, for the payees of each reward."""
    found = []
    for index, block in enumerate(blocks):
        tiers = block.reward.tiers
        by = block.reward.tiers_by
        starts = {i: tier.from_ for i, tier in enumerate(tiers)}
        rows = (
            payees.filter(
                pl.col("block") == index, pl.col("why_nothing").is_null() | _below_first()
            )
            .with_columns(next_tier=pl.col("tier").fill_null(-1) + 1)
            .filter(pl.col("next_tier") < len(tiers))
        )
        if rows.is_empty():
            continue
        start = pl.col("next_tier").replace_strict(starts, return_dtype=money.AMOUNT)
        known = rows.with_columns(
            step=pl.lit("tier"), metric=pl.lit(by), have=_have(by), goal=_goal(by, start)
        ).filter(pl.col("goal").is_not_null(), pl.col("goal") > pl.col("have"))
        found.append(_with_reward(case, known, _lifted(known, by), blocks))
    return found


def _below_first() -> pl.Expr:
    return pl.col("why_nothing") == "no-tier"


def _have(metric: str) -> pl.Expr:
    column = "revenue" if metric in ("growth", "attainment") else metric
    return pl.col(column).cast(money.SHARED)


def _goal(metric: str, start: pl.Expr) -> pl.Expr:
    """Where a tier or gate begins, in what is measured; null without a baseline or target."""
    if metric not in ("growth", "attainment"):
        return start.cast(money.SHARED)
    base = pl.col("baseline" if metric == "growth" else "target")
    part = money.multiply(base, start.cast(money.AMOUNT), scales=(12, 6))
    exact = base.cast(pl.Decimal(38, 18)) + part if metric == "growth" else part
    return pl.when(base > 0).then(money.round_half_up(exact, 12).cast(money.SHARED))


def _lifted(known: pl.DataFrame, metric: str) -> pl.DataFrame:
    """The totals at the goal: what is measured reaches it, revenue and quantity in proportion."""
    of_revenue = metric in ("revenue", "growth", "attainment")
    measured = "revenue" if of_revenue else metric
    factor = money.divide(pl.col("goal"), pl.col("have"), scales=(12, 12), digits=12)
    some = pl.when(pl.col("have") > 0).then(factor).otherwise(money.literal(1, 12))
    sums = [name for name in known.columns if name in _SUMS or name.startswith("unit_pay:")]
    scaled = {
        name: _times(pl.col(name), pl.col("_factor"), known.schema[name])
        for name in sums
        if name != measured
    }
    return known.with_columns(_factor=some).with_columns(
        **scaled, **{measured: pl.col("goal").cast(known.schema[measured])}
    )


def _times(column: pl.Expr, factor: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Column x factor at the column's own scale; precise enough for an estimate of cents."""
    rounded = money.round_half_up(column.cast(pl.Decimal(38, 12)), 12)
    exact = money.multiply(rounded, factor, scales=(12, 12))
    return money.round_half_up(exact, 12).cast(dtype)


def _with_reward(
    case: Case, known: pl.DataFrame, lifted: pl.DataFrame, blocks: Sequence[Block]
) -> pl.DataFrame:
    """`known` with what its payees' rewards are worth at the goal, boosted, capped and rounded."""
    paid = rebate.rewarded(lifted, blocks).select(
        pl.col("earned") + pl.col("bonus_pay").alias("paid")
    )
    boosted = money.multiply(pl.col("paid"), pl.col("boost"), scales=(18, 6))
    cap = case.program.limits.per_payee
    if cap is not None:
        boosted = pl.min_horizontal(boosted, money.literal(cap, money.REWARD_SCALE))
    worth = money.round_half_up(boosted, case.digits).cast(money.AMOUNT)
    return known.with_columns(paid=paid.to_series()).with_columns(at_goal=worth).select(_columns())


def _columns() -> list[pl.Expr]:
    return [pl.col(name).cast(dtype) for name, dtype in NEXT.items()]


def distance(have: Decimal, goal: Decimal, metric: str, digits: int) -> Decimal:
    """How much is missing: money rounded up to minor units, anything else to whole ones."""
    is_money = metric in ("revenue", "growth", "attainment")
    return money.round_up_decimal(goal - have, digits if is_money else 0)
