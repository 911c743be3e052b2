"""What frames have in common: how a schema is written, and sums of decimals as decimals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import polars as pl

Engine = Literal["in-memory", "streaming"]  # which of Polars' engines
Schema = dict[str, pl.DataType | type[pl.DataType]]
ROW_GROUP = 250_000  # fixed, or the same rows would lie in other groups of a Parquet file each time


def total(frame: pl.DataFrame, column: str) -> Decimal:
    """The exact sum of a decimal column; 0 where the frame is empty."""
    value = frame.get_column(column).sum()
    return Decimal(0) if value is None else Decimal(str(value))


def together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of one schema, one below the other."""
    return pl.concat(parts)
