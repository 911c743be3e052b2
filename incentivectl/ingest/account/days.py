"""The counting sale lines added up by day: what is asked of all lines, found in one look at them."""

from collections.abc import Sequence

import polars as pl

from incentivectl.ingest.files.opening import Opened
from incentivectl.sales.signs import is_void

_KEYS = ("source", "sold_on", "counted_on")
_SUMS = ("lines", "void", "quantity", "amount", "size")


def days_of(sales: pl.LazyFrame) -> pl.DataFrame:
    """The counting sale lines of each source and day (see `Inputs.days`)."""
    return _by(sales, _KEYS)


def days_of_files(sales: pl.LazyFrame, opened: Opened) -> pl.DataFrame:
    """`days_of` for each file of the sales apart; `file` (UInt32) is its number among those `opened`."""
    starts = opened.file_starts()["row"]
    file = pl.col("row").map_batches(
        lambda some: starts.search_sorted(some, side="right") - 1,
        return_dtype=pl.UInt32,
        is_elementwise=True,
    )
    return _by(sales.with_columns(file=file), ("file", *_KEYS))


def days_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """`days_of_files` of all lines from those of their parts."""
    keys = ("file", *_KEYS)
    return pl.concat(parts).group_by(keys).agg(pl.col(_SUMS).sum()).sort(keys)


def whole(files: pl.DataFrame) -> pl.DataFrame:
    """`days_of` from what `days_of_files` found."""
    return files.group_by(_KEYS).agg(pl.col(_SUMS).sum()).sort(_KEYS)


def _by(sales: pl.LazyFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    worth = pl.col("amount_ws")
    sums = {
        "lines": pl.len().cast(pl.Int64),
        "void": is_void().sum().cast(pl.Int64),
        "quantity": pl.col("quantity").sum(),
        "amount": worth.sum(),
        "size": worth.abs().sum(),
    }
    return sales.group_by(keys).agg(**sums).collect(engine="streaming").sort(keys)
