"""The gate: a payee earns nothing until a metric has reached it in the same measurement period.

A gate stops the reward and changes nothing else: tier and metric are still shown
(docs/rules.md, "Gates").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl import money
from incentivectl.rules.case import Case

_NOTHING = money.literal(0, 18)


def missing_counts_as_top(case: Case) -> bool:
    """Whether a missing baseline counts as the top tier (`if_missing = "full"`)."""
    return case.program.baseline is not None and case.program.baseline.if_missing == "full"


def reached(case: Case) -> pl.Expr:
    """Whether a row of `measures.totals` reaches the program's gate; true where it has none.

    Growth and attainment are compared without division, as tiers are.
    """
    gate = case.program.gate
    if gate is None:
        return pl.lit(True)
    at_least = money.literal(gate.at_least, 18)
    if gate.metric.startswith("activity."):
        return (pl.col("activities").cast(pl.Decimal(38, 18)) >= at_least).fill_null(False)
    if gate.metric not in ("growth", "attainment"):
        return (pl.col(gate.metric).cast(pl.Decimal(38, 18)) >= at_least).fill_null(False)
    by_growth = gate.metric == "growth"
    against = pl.col("baseline" if by_growth else "target")
    size = pl.col("revenue") - (against if by_growth else money.literal(0, 12))
    threshold = money.multiply(against, money.literal(gate.at_least), scales=(12, 6))
    has_base = (against > 0).fill_null(False)
    holds = has_base & (size.cast(pl.Decimal(38, 18)) >= threshold).fill_null(False)
    return holds | ~has_base if by_growth and missing_counts_as_top(case) else holds


def apply_gate(case: Case, payees: pl.DataFrame, earned: Sequence[str]) -> pl.DataFrame:
    """`payees` with nothing in the columns `earned` (18 decimals) where the gate is not reached.

    There `why_nothing` becomes `gate`.
    """
    if case.program.gate is None:
        return payees
    closed = ~reached(case)
    return payees.with_columns(
        pl.when(closed).then(pl.lit("gate")).otherwise(pl.col("why_nothing")).alias("why_nothing"),
        *(pl.when(closed).then(_NOTHING).otherwise(pl.col(name)).alias(name) for name in earned),
    )
