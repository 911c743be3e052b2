"""Which tiers one has to reach, and who reached the highest (docs/questions.md, "Badges", "Metrics")."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

import polars as pl

from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.run.run import Run

GOALS: Schema = {
    "program_id": pl.String,
    "period": pl.Int32,
    "payee_id": pl.String,
    "first_tier": pl.Int32,
    "top_tier": pl.Int32,
}
_KEYS = ["program_id", "period", "payee_id"]


@lru_cache(maxsize=1)  # the boards of partners and of reps ask for the same run
def earnings_with_goals(run: Run) -> pl.DataFrame:
    """The run's earnings with `first_tier` and `top_tier` (Int32), and what they say of each row.

    These are the lowest tier that has to be reached and the highest, null if there is none.
    `reached` and `achieved` (Boolean): the payee earns in a tier that has to be reached; it is in
    the highest of them, or has reached its target.
    """
    goals = _goals(run.settled)
    earns = pl.col("why_nothing").is_null() & (pl.col("entitlement") > 0)
    top = (pl.col("tier") == pl.col("top_tier")) & (pl.col("top_tier") >= pl.col("first_tier"))
    on_target = (pl.col("metric") == "attainment") & (pl.col("metric_value") >= 1)
    return run.earnings.join(goals, on=_KEYS, how="left", maintain_order="left").with_columns(
        reached=(earns & (pl.col("tier") >= pl.col("first_tier"))).fill_null(False),
        achieved=(
            pl.col("why_nothing").is_null() & (top.fill_null(False) | on_target.fill_null(False))
        ),
    )


def has_goal(one: Settled) -> bool:
    """Whether a program has a tier that one has to reach."""
    return any(_bounds(starts) is not None for _, starts in _starts(one))


def _goals(settled: Sequence[Settled]) -> pl.DataFrame:
    """`GOALS` of all payees, by the `[[reward]]` or term that each takes."""
    bounds = pl.DataFrame(
        [
            (one.case.program.id, block, *found)
            for one in settled
            for block, starts in _starts(one)
            if (found := _bounds(starts)) is not None
        ],
        schema={
            "program_id": pl.String,
            "block": pl.Int32,
            "first_tier": pl.Int32,
            "top_tier": pl.Int32,
        },
        orient="row",
    )
    taken = [
        one.measured.payees.lazy().select(
            "period", "payee_id", "block", program_id=pl.lit(one.case.program.id)
        )
        for one in settled
        if one.measured is not None and "block" in one.measured.payees.columns
    ]
    if not taken:
        return pl.DataFrame(schema=GOALS)
    on = ["program_id", "block"]
    return (
        pl.concat(taken)
        .join(bounds.lazy(), on=on, how="left")
        .select(*GOALS)
        .collect(engine="in-memory")
    )


def _starts(one: Settled) -> Iterator[tuple[int, list[Decimal]]]:
    """Each block that a payee may take, with where its tiers begin."""
    for index, reward in enumerate(one.case.program.reward):
        yield index, [tier.from_ for tier in reward.tiers]
    for block, _, term in one.case.blocks.terms():
        yield block, [tier.from_ for tier in term.tiers if tier.from_ is not None]


def _bounds(starts: Sequence[Decimal]) -> tuple[int, int] | None:
    """The lowest tier that has to be reached and the highest; None where all begin in the only one."""
    if not starts:
        return None
    first = 1 if starts[0] <= 0 else 0
    last = len(starts) - 1
    return (first, last) if first <= last else None
