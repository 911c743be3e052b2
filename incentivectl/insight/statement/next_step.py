"""What a payee still has to do: the gate, the minimum or the next tier of a period that goes on.

The reward at the goal is what the program's own rules make of the payee's totals with the measured one
lifted to the goal and the others in proportion, so that it is an estimate; the distance is exact
(docs/questions.md, "Statements").
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.insight.next_tier import (
    EVERYBODY,
    lifted,
    measured_in,
    tiers_ahead,
    with_goal,
    worth,
)
from incentivectl.kinds.rebate import rules as rebate
from incentivectl.rules.case import KEYS, Case
from incentivectl.rules.earning.gate import DONE, with_gates
from incentivectl.rules.earning.parameters import gates_of
from incentivectl.rules.earning.tiers import Block

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
_UNKNOWN = pl.lit(None, dtype=money.AMOUNT)


def next_steps(one: Settled, only: pl.Expr = EVERYBODY) -> pl.DataFrame:
    """The next step of every payee in measurement periods that go on after PERIOD (columns `NEXT`).

    Or of `only` some payees. `step` is `gate`, `minimum` or `tier`, the first that stands in the way;
    `have` and `goal` are in the unit of `metric`, but in money for growth and attainment; `at_goal` is
    about what the whole reward is worth there, before the budget, null where that cannot be said.
    """
    case, measured = one.case, one.measured
    program = case.program
    if measured is None or not (program.tiers_over_period or program.ranks_payees):
        return pl.DataFrame(schema=NEXT)
    open_periods = [i for i, p in enumerate(case.periods) if p.end > case.channel.as_of]
    payees = measured.payees.filter(
        pl.col("period").is_in(open_periods),
        pl.col("block").is_not_null(),
        only,
    )
    if payees.is_empty():
        return pl.DataFrame(schema=NEXT)
    blocks = rebate.blocks_of(case) if program.tiers_over_period else ()
    steps = [
        *_gate_steps(case, payees, blocks),
        _minimum_steps(case, payees),
        *_tier_steps(case, payees, blocks),
    ]
    return pl.concat(steps).unique(KEYS, keep="first", maintain_order=True)


def _gate_steps(
    case: Case, payees: pl.DataFrame, blocks: Sequence[Block]
) -> Iterator[pl.DataFrame]:
    """Who has not reached a gate, gate by gate; a contest does not tell what is earned behind it."""
    gates = gates_of(0, case)
    numbered = payees.with_columns(program=pl.lit(0, dtype=pl.UInt32))
    for index, gate in enumerate(case.program.gate):
        this_gate = gates.filter(pl.col("gate") == index)
        closed = with_gates(numbered, this_gate).filter(~pl.col("reaches_gates"))
        metric = f"{DONE}{index}" if gate.activity else gate.metric
        if gate.activity:
            closed = closed.with_columns(
                pl.col(metric).fill_null(money.literal(0, money.SHARED_SCALE))
            )
        ahead = with_goal(closed, metric, money.literal(gate.at_least))
        at_goal: pl.Expr | pl.Series = _UNKNOWN
        if blocks:  # activities sell nothing by themselves
            totals = ahead if gate.activity else lifted(ahead, metric, others_grow=True)
            at_goal = worth(case, totals, blocks, gated=False)
        yield _steps(ahead, "gate", gate.metric, at_goal)


def _minimum_steps(case: Case, payees: pl.DataFrame) -> pl.DataFrame:
    """Who has less than the least that a reward requires takes no part."""
    found = [pl.DataFrame(schema=NEXT)]
    for index, reward in enumerate(case.program.reward):
        if reward.least is None:
            continue
        below = payees.filter(pl.col("block") == index, pl.col("why_nothing") == "below-minimum")
        ahead = with_goal(below, reward.judged_by, money.literal(reward.least))
        found.append(_steps(ahead, "minimum", reward.judged_by, _UNKNOWN))
    return pl.concat(found)


def _tier_steps(case: Case, payees: pl.DataFrame, blocks: Sequence[Block]) -> list[pl.DataFrame]:
    """The tier after the one that is reached, for the payees of each reward who are not held up."""
    free = payees.filter(pl.col("why_nothing").is_null() | (pl.col("why_nothing") == "no-tier"))
    return [
        _steps(ahead, "tier", by, worth(case, lifted(ahead, by, others_grow=True), blocks))
        for by, ahead in tiers_ahead(free, blocks)
    ]


def _steps(
    ahead: pl.DataFrame, step: str, metric: str, at_goal: pl.Expr | pl.Series
) -> pl.DataFrame:
    """Payees with `have` and `goal` as rows of `NEXT`."""
    if "next_tier" not in ahead.columns:
        ahead = ahead.with_columns(next_tier=_NO_TIER)
    told = ahead.with_columns(step=pl.lit(step), metric=pl.lit(metric), at_goal=at_goal)
    return told.select(pl.col(name).cast(dtype) for name, dtype in NEXT.items())


def distance(have: Decimal, goal: Decimal, metric: str, digits: int) -> Decimal:
    """How much is missing: money rounded up to minor units, anything else to whole ones."""
    is_money = measured_in(metric) == "revenue"
    return money.round_up_decimal(goal - have, digits if is_money else 0)
