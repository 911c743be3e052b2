"""Whether an id of a line is on a list."""

import polars as pl

# Where the list is longer, it is quicker to join it to the lines than to look ids up in it.
LONGEST_LIST = 50_000


def with_flag(lines: pl.LazyFrame, key: str, listed: pl.Series, name: str) -> pl.LazyFrame:
    """Adds `name` (Boolean, never null): whether the line's `key` is among the distinct `listed`."""
    if listed.len() <= LONGEST_LIST:
        return lines.with_columns(pl.col(key).is_in(listed.implode()).fill_null(False).alias(name))
    flags = pl.LazyFrame({key: listed}).with_columns(pl.lit(True).alias(name))
    return lines.join(flags, on=key, how="left").with_columns(pl.col(name).fill_null(False))
