"""Rejected rows and unknown ids that somebody has to correct: how many, what they are worth, since when."""

from collections.abc import Iterable, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.ingest.account.details import WAITING
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.rows.unknown import currency_of, day_of


def waiting(tables: Iterable[pl.DataFrame], unknown: pl.DataFrame) -> pl.DataFrame:
    """Columns `WAITING`; `tables` are what `rejected_of` found of each, `unknown` is `unknown_of` all."""
    ids = unknown.select(
        pl.lit("unknown").alias("what"),
        "table",
        "source",
        "currency",
        "amount",
        "day",
        id="alias",
        rows="lines",
    )
    every = waiting_together([ids.select(_typed()), *tables])
    return every.sort("what", "table", "source", "id", "currency")


def rejected_of(rows: TableRows) -> pl.DataFrame:
    """The rejected rows of a table by source and currency (columns `WAITING`)."""
    columns = rows.rows.collect_schema().names()
    amount = pl.col("amount") if "amount" in columns else pl.lit(0)
    found = rows.rejected().select(
        what=pl.lit("rejected"),
        table=pl.lit(rows.table),
        source="_source",
        id=pl.lit(None, dtype=pl.String),
        currency=currency_of(columns),
        rows=pl.lit(1, dtype=pl.Int64),
        amount=amount.cast(money.AMOUNT).abs().fill_null(0),
        day=day_of(rows.table, columns),
    )
    return _summed(found).collect(engine="streaming")


def waiting_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Several of what `rejected_of` gives as one."""
    return _summed(pl.concat(parts).lazy()).collect()


def _summed(rows: pl.LazyFrame) -> pl.LazyFrame:
    sums = pl.col("rows", "amount").sum(), pl.col("day").min()
    return rows.group_by("what", "table", "source", "id", "currency").agg(*sums).select(_typed())


def _typed() -> list[pl.Expr]:
    return [pl.col(name).cast(dtype) for name, dtype in WAITING.items()]
