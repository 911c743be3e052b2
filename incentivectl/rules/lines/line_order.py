"""Lines in their order, but each return right after the line that it reverses.

First-come budgets and the caps of deals take lines in this order (docs/rules.md, "Budgets",
"Deal registration").
"""

import polars as pl

from incentivectl.rules.case import LINE_ORDER
from incentivectl.sales.facts import Facts

AT = tuple(f"at_{name}" for name in LINE_ORDER)
# To sort lines by, once `with_places` has added what it names.
PLACES = (*AT, "takes_back", *LINE_ORDER)


def with_places(facts: Facts, lines: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `takes_back` (Boolean, never null) and `at_<name>`: the `LINE_ORDER` of the line reversed.

    `lines` have `LINE_ORDER` and `original` (UInt32); lines that take nothing back stand where they are.
    """
    taken_back = facts.originals(LINE_ORDER).select(
        pl.col("row").alias("original"),
        pl.col(*LINE_ORDER).name.prefix("at_"),
        takes_back=pl.lit(True),
    )
    placed = lines.join(taken_back.lazy(), on="original", how="left").with_columns(
        pl.col("takes_back").fill_null(False)
    )
    return placed.with_columns(
        pl.when("takes_back").then(at).otherwise(own).alias(at)
        for at, own in zip(AT, LINE_ORDER, strict=True)
    )
