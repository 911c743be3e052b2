"""Rejected rows and unknown ids that somebody has to correct: how many, what they are worth, since when."""

from collections.abc import Iterable

import polars as pl

from incentivectl.core import money
from incentivectl.ingest.account.details import WAITING
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.rows.unknown import currency_of, day_of


def waiting(tables: Iterable[TableRows], unknown: pl.DataFrame) -> pl.DataFrame:
    """Columns `WAITING`; `unknown` are the rows of `ingest.rows.unknown.unknown_rows`."""
    ids = unknown.lazy().rename({"alias": "id"}).with_columns(what=pl.lit("unknown"))
    parts = [_summed(ids), *map(_rejected, tables)]
    return pl.concat(parts).sort("what", "table", "source", "id", "currency")


def _rejected(rows: TableRows) -> pl.DataFrame:
    columns = rows.rows.collect_schema().names()
    amount = pl.col("amount") if "amount" in columns else pl.lit(0)
    return _summed(
        rows.rejected().select(
            what=pl.lit("rejected"),
            table=pl.lit(rows.table),
            source="_source",
            id=pl.lit(None, dtype=pl.String),
            currency=currency_of(columns),
            amount=amount.cast(money.AMOUNT).abs().fill_null(0),
            day=day_of(rows.table, columns),
        )
    )


def _summed(rows: pl.LazyFrame) -> pl.DataFrame:
    """Columns `WAITING` of rows with `what`, `table`, `source`, `id`, `currency`, `amount` and `day`."""
    return (
        rows.group_by("what", "table", "source", "id", "currency")
        .agg(pl.len().alias("rows"), pl.col("amount").sum(), pl.col("day").min())
        .collect(engine="streaming")
        .select(pl.col(name).cast(dtype) for name, dtype in WAITING.items())
    )
