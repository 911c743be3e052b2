"""Gates: a payee earns nothing unless it reaches every gate of the program (docs/rules.md, "Gates").

A payee's row of `measures.measured` has what a gate needs besides the usual metrics: `done:<gate>`, how
many activities a gate counts (12 decimals; null for none), and `part:<gate>`, what the lines come to whose
share it takes (12 decimals).
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.rules.earning.earn import EARNED, has_base, reaches
from incentivectl.rules.lines.eligibility import PART

DONE = "done:"  # before a gate's place in its program


def behind_gates(
    payees: pl.DataFrame, gates: pl.DataFrame, columns: Sequence[str] = EARNED
) -> pl.DataFrame:
    """`payees` with nothing in `columns` (18 decimals) where a gate of their program is not reached.

    There `why_nothing` becomes `gate`; a gate changes nothing else, tier and metric are still shown.
    `payees` have the columns of `measures.measured` and `why_nothing`, `gates` those of
    `parameters.GATES`.
    """
    if gates.is_empty():
        return payees
    open_ = pl.col("reaches_gates")
    return (
        with_gates(payees, gates)
        .with_columns(
            pl.when(open_).then("why_nothing").otherwise(pl.lit("gate")).alias("why_nothing"),
            *(pl.when(open_).then(name).otherwise(money.NOTHING).alias(name) for name in columns),
        )
        .drop("reaches_gates")
    )


def with_gates(payees: pl.DataFrame, gates: pl.DataFrame) -> pl.DataFrame:
    """Adds `reaches_gates` (Boolean): whether a payee reaches all gates of its program."""
    if gates.is_empty():
        return payees.with_columns(reaches_gates=pl.lit(True))
    numbered = payees.with_row_index("_at")
    closed = (
        numbered.lazy()
        .join(gates.lazy(), on="program", how="inner")
        .filter(~_reached(payees.columns, gates["gate"].max()))
        .select(pl.col("_at").unique())
        .collect(engine="in-memory")["_at"]
    )
    reaches_gates = ~pl.col("_at").is_in(closed.implode())
    return numbered.with_columns(reaches_gates=reaches_gates).drop("_at")


def _reached(columns: Sequence[str], last: object) -> pl.Expr:
    """Whether a payee reaches the gate that is joined to its row (true or false)."""
    metric, at_least = pl.col("gate_metric"), pl.col("gate_at_least")
    assert isinstance(last, int)
    done, part = (
        pl.coalesce(
            *(
                pl.when(pl.col("gate") == i).then(f"{of_gate}{i}")
                for i in range(last + 1)
                if f"{of_gate}{i}" in columns
            ),
            money.literal(0, money.SHARED_SCALE),
        )
        for of_gate in (DONE, PART)
    )
    without_baseline = ~(pl.col("baseline") > 0).fill_null(False)
    return (
        pl.when("gate_counts_activities")
        .then(done >= at_least)
        .when("gate_is_share")
        .then(_is_share(part, pl.when(metric == "quantity").then("quantity").otherwise("revenue")))
        .when((metric == "growth") & without_baseline & pl.col("gate_is_full"))
        .then(pl.lit(True))
        .otherwise(has_base(metric) & reaches(metric, at_least))
    )


def _is_share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Whether `part` is a share of at least `gate_at_least` of `whole`, without a division.

    Of a whole of 0 or less nothing is a share.
    """
    whole = whole.cast(money.SHARED)
    least = money.multiply(whole, pl.col("gate_at_least"), scales=(12, 6))
    return (whole > 0) & (money.scale_of(part, money.EARNED_SCALE) >= least)
