"""Lines in their order, but each return right after the line that it reverses.

First-come budgets and the caps of deals take lines in this order (docs/rules.md, "Budgets",
"Deal registration").
"""

import polars as pl

from incentivectl.rules.case import LINE_ORDER
from incentivectl.sales.facts import Facts
from incentivectl.sales.returns import ORIGINAL

AT = tuple(f"at_{name}" for name in LINE_ORDER)
# To sort lines by, once `with_places` has added what it names.
PLACES = (*AT, "takes_back", *LINE_ORDER)


def with_places(facts: Facts, lines: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `original` (UInt64), `takes_back` (Boolean) and `at_<name>`: the original's `LINE_ORDER`.

    `lines` have `row` and `LINE_ORDER`; those that take nothing back stand where they are.
    """
    return placed(lines, originals(facts))


def originals(facts: Facts) -> pl.LazyFrame:
    """Of the returns that reverse a line `row`, `original`, and as `_<name>` that line's `LINE_ORDER`."""
    return facts.returns.select(
        "row",
        "original",
        *(pl.col(f"{ORIGINAL}{name}").alias(f"_{name}") for name in LINE_ORDER),
    )


def placed(lines: pl.LazyFrame, originals: pl.LazyFrame) -> pl.LazyFrame:
    """`with_places`, by the `originals` of at least those of the lines that take some back."""
    placed = lines.join(originals, on="row", how="left")
    takes_back = pl.col("original").is_not_null()
    return placed.with_columns(
        takes_back.alias("takes_back"),
        *(
            pl.when(takes_back).then(f"_{name}").otherwise(name).alias(at)
            for at, name in zip(AT, LINE_ORDER, strict=True)
        ),
    )
