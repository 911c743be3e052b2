"""The returns that reverse a line, each with the values of that line (docs/rules.md, "Returns")."""

import polars as pl

# Before a column's name: what a line is judged by. See `Facts.lines`.
ORIGINAL = "original."
AS_ITSELF = pl.all().name.prefix(ORIGINAL)


def with_originals(linked: pl.LazyFrame, lines: pl.LazyFrame) -> pl.DataFrame:
    """`linked` returns with `original.<name>` for every column of the line of `lines` that they reverse.

    The values of a line that is not there are the return's own. `linked` has the columns of `lines`, and
    `original` (UInt64) is never null.
    """
    key = f"{ORIGINAL}row"
    returns = linked.collect(engine="streaming")
    rows = returns["original"].unique()
    originals = (
        lines.filter(pl.col("row").is_in(rows.implode()))
        .select(AS_ITSELF)
        .collect(engine="streaming")
    )
    known = returns.with_columns(pl.col("original").alias(key)).join(originals, on=key)
    alone = returns.join(originals, left_on="original", right_on=key, how="anti")
    whole = pl.concat([known, alone.with_columns(AS_ITSELF)], how="diagonal")
    return whole.select(*returns.columns, *(f"{ORIGINAL}{name}" for name in returns.columns))
