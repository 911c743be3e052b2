"""What a payee still has to do: the gate, the minimum or what comes next in a period that goes on.

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
    rounded_up,
    steps_ahead,
    with_goal,
    worth,
)
from incentivectl.programs.gate import Gate
from incentivectl.rules.case import KEYS, Case
from incentivectl.rules.earning.gate import DONE, with_gates
from incentivectl.rules.earning.parameters import gates_of
from incentivectl.rules.lines.eligibility import PART

NEXT: Schema = {
    "period": pl.Int32,
    "payee_id": pl.String,
    "step": pl.String,
    "metric": pl.String,
    "have": money.SHARED,
    "goal": money.SHARED,
    "next_tier": pl.Int32,
    "next_block": pl.Int32,
    "gate": pl.Int32,
    "at_goal": money.AMOUNT,
}
_NO_PLACE = pl.lit(None, dtype=pl.Int32)
_UNKNOWN = pl.lit(None, dtype=money.AMOUNT)
_IS_FREE = pl.col("why_nothing").is_null() | (pl.col("why_nothing") == "no-tier")


def next_steps(one: Settled, only: pl.Expr = EVERYBODY) -> pl.DataFrame:
    """The next step of every payee in measurement periods that go on after PERIOD (columns `NEXT`).

    Or of `only` some payees. `step` is `gate`, `minimum` or one of `next_tier.steps_ahead`, the first that
    stands in the way; `have` and `goal` are in the unit of `metric`, but in money for growth and attainment,
    and of the share that a `gate` (its place) asks for; `next_block` is the reward or term that has
    `next_tier`; `at_goal` is about what the whole reward is worth there, before the budget, null where that
    cannot be said.
    """
    case, measured = one.case, one.measured
    program = case.program
    if measured is None or not (program.tiers_over_period or program.ranks_payees):
        return pl.DataFrame(schema=NEXT)
    open_periods = [i for i, p in enumerate(case.periods) if p.end > case.channel.as_of]
    is_open = pl.col("period").is_in(open_periods) & only
    payees = measured.payees.filter(is_open, pl.col("block").is_not_null())
    if payees.is_empty():
        return pl.DataFrame(schema=NEXT)
    steps = [*_gate_steps(case, payees), _minimum_steps(case, payees)]
    if program.terms_by_line and measured.details is not None:
        steps.append(_steps_under_terms(case, payees, measured.details.filter(is_open)))
    elif program.tiers_over_period:
        steps += _steps_ahead(case, payees)
    return pl.concat(steps).unique(KEYS, keep="first", maintain_order=True)


def _gate_steps(case: Case, payees: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Who has not reached a gate, gate by gate; a contest does not tell what is earned behind it."""
    gates = gates_of(0, case)
    numbered = payees.with_columns(program=pl.lit(0, dtype=pl.UInt32))
    earns = case.program.tiers_over_period and not case.program.terms_by_line
    for index, gate in enumerate(case.program.gate):
        this_gate = gates.filter(pl.col("gate") == index)
        closed = with_gates(numbered, this_gate).filter(~pl.col("reaches_gates"))
        closed = closed.with_columns(gate=pl.lit(index, dtype=pl.Int32))
        if gate.share_of:
            yield _steps(_of_share(closed, gate, index), "gate", gate.metric, _UNKNOWN)
            continue
        metric = f"{DONE}{index}" if gate.activity else gate.metric
        if gate.activity:
            closed = closed.with_columns(
                pl.col(metric).fill_null(money.literal(0, money.SHARED_SCALE))
            )
        ahead = with_goal(closed, metric, money.literal(gate.at_least))
        at_goal: pl.Expr | pl.Series = _UNKNOWN
        if earns:  # activities sell nothing by themselves
            totals = ahead if gate.activity else lifted(ahead, metric, others_grow=True)
            at_goal = worth(case, totals, gated=False)
        yield _steps(ahead, "gate", gate.metric, at_goal)


def _of_share(closed: pl.DataFrame, gate: Gate, index: int) -> pl.DataFrame:
    """What the lines of a share come to, and what they have to come to if only they grow.

    The whole grows with them: (share × whole - part) / (1 - share) is missing, rounded up to 6 decimals.
    A share of all of it has no such goal.
    """
    if gate.at_least >= 1:
        return closed.clear().with_columns(have=money.NOTHING, goal=money.NOTHING)
    whole = pl.col("quantity" if gate.metric == "quantity" else "revenue").cast(money.SHARED)
    part = pl.col(f"{PART}{index}").cast(money.SHARED)
    others = money.multiply(whole - part, money.literal(gate.at_least), scales=(12, 6))
    rest = money.literal(1 - gate.at_least, money.SHARED_SCALE)
    exact = money.divide(others.cast(money.SHARED), rest, scales=(12, 12), digits=12)
    return closed.with_columns(have=part, goal=rounded_up(exact.cast(money.EARNED))).filter(
        pl.col("goal") > pl.col("have")
    )


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


def _steps_ahead(case: Case, payees: pl.DataFrame) -> list[pl.DataFrame]:
    """The tier, point, step or bundle that comes next, for payees who are not held up."""
    found = []
    for by, ahead in steps_ahead(case, payees.filter(_IS_FREE)):
        for (step,), own in ahead.partition_by("step", as_dict=True).items():
            others = step != "bundle"  # one bundle more needs no more of anything else
            at_goal = worth(case, lifted(own, by, others_grow=others))
            found.append(_steps(own, str(step), by, at_goal))
    return found


def _steps_under_terms(case: Case, payees: pl.DataFrame, by_term: pl.DataFrame) -> pl.DataFrame:
    """Of what comes next under the terms that a payee's lines take, the one that is nearest."""
    open_ = payees.filter(pl.col("why_nothing").ne_missing("gate")).select(KEYS)
    free = by_term.filter(_IS_FREE).join(open_, on=KEYS, how="semi")
    found = [
        _steps(ahead.with_columns(part=_missing_part()), None, by, _UNKNOWN, ["part"])
        for by, ahead in steps_ahead(case, free)
    ]
    if not found:
        return pl.DataFrame(schema=NEXT)
    nearest = pl.concat(found).sort(*KEYS, "part", "next_block", maintain_order=True)
    return nearest.unique(KEYS, keep="first", maintain_order=True).drop("part")


def _missing_part() -> pl.Expr:
    """How much of the goal is missing (12 decimals)."""
    have, goal = pl.col("have"), pl.col("goal")
    return money.divide(goal - have, goal, scales=(12, 12), digits=12)


def _steps(
    ahead: pl.DataFrame,
    step: str | None,
    metric: str,
    at_goal: pl.Expr | pl.Series,
    also: Sequence[str] = (),
) -> pl.DataFrame:
    """Payees with `have` and `goal` as rows of `NEXT`; without `step` their own."""
    missing = [name for name in ("next_tier", "gate") if name not in ahead.columns]
    told = ahead.with_columns(_NO_PLACE.alias(name) for name in missing).with_columns(
        step=pl.col("step") if step is None else pl.lit(step),
        metric=pl.lit(metric),
        next_block="block",
        at_goal=at_goal,
    )
    return told.select(*(pl.col(name).cast(dtype) for name, dtype in NEXT.items()), *also)


def distance(have: Decimal, goal: Decimal, metric: str, digits: int) -> Decimal:
    """How much is missing: money rounded up to minor units, anything else to whole ones."""
    is_money = measured_in(metric) == "revenue"
    return money.round_up_decimal(goal - have, digits if is_money else 0)
