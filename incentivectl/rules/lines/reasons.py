"""What becomes of a program's lines, added up in the same pass that measures those that count."""

import polars as pl

from incentivectl.core import money


def by_reason(judged: pl.LazyFrame) -> pl.LazyFrame:
    """`period`, `reason` (null where lines count), and what these lines come to.

    `lines` (Int64), `amount` (workspace currency), `in_program` (the program's currency).
    """
    return judged.group_by("period", "reason").agg(
        pl.len().cast(pl.Int64).alias("lines"),
        pl.col("amount_ws").sum().alias("amount"),
        pl.col("amount").sum().cast(money.SHARED).alias("in_program"),
    )
