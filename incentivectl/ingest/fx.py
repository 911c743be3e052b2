"""Sale lines in foreign currencies: their amounts in workspace currency, and lines without a rate.

A line is converted at the latest rate on or before the date that it counts on (docs/rules.md,
"Numbers").
"""

import polars as pl

from incentivectl import money
from incentivectl.ingest.pieces import ROW
from incentivectl.ingest.returns import Returns
from incentivectl.ingest.sales_lines import is_negative
from incentivectl.ingest.table_rows import TableRows
from incentivectl.rates import DayRates


def foreign_pairs(rows: TableRows, rates: DayRates, currency: str) -> pl.DataFrame:
    """`currency`, `sold_on`, `_rate` (null: none) of the accepted lines in foreign currencies."""
    pairs = (
        rows.rows.filter(pl.col("_reason").is_null() & (pl.col("currency") != currency))
        .select("currency", "sold_on")
        .unique()
    )
    with_rate = rates.join(
        pairs, currency=pl.col("currency"), day=pl.col("sold_on"), name="_rate_of_day"
    )
    return with_rate.collect(engine="streaming").rename({"_rate_of_day": "_rate"})


def lines_without_rate(rows: TableRows, pairs: pl.DataFrame) -> pl.Series:
    """The accepted lines (`row`, UInt32) that count on their own date and have no rate there.

    `pairs` are those of `foreign_pairs`. Lines that name a sale which they take back are left out.
    """
    missing = pairs.filter(pl.col("_rate").is_null()).select("currency", "sold_on")
    if missing.is_empty():
        return pl.Series("row", dtype=ROW)
    names_sale = pl.col("return_of").is_not_null() & is_negative()
    return (
        rows.rows.filter(pl.col("_reason").is_null() & ~names_sale)
        .select("row", "currency", "sold_on")
        .join(missing.lazy(), on=["currency", "sold_on"], how="semi")
        .collect(engine="streaming")["row"]
    )


def returns_without_rate(returns: Returns, rates: DayRates, currency: str) -> pl.Series:
    """The returns (`row`, UInt32) that have no rate on the date that they count on."""
    dated = returns.lines.join(returns.links, on="row").select(
        "row", "currency", day=pl.coalesce("counted_on", "sold_on")
    )
    foreign = dated.lazy().filter(pl.col("currency") != currency)
    with_rate = rates.join(
        foreign, currency=pl.col("currency"), day=pl.col("day"), name="_rate_of_day"
    )
    return with_rate.filter(pl.col("_rate_of_day").is_null()).collect()["row"]


def with_workspace_amount(
    lines: pl.LazyFrame, rates: DayRates, currency: str, *, day: str, is_foreign: bool
) -> pl.LazyFrame:
    """Adds `amount_ws` (6 decimals): the amount in workspace currency, null without a rate."""
    if not is_foreign:
        return lines.with_columns(amount_ws=pl.col("amount"))
    joined = rates.join(lines, currency=pl.col("currency"), day=pl.col(day), name="_rate_of_day")
    converted = money.to_workspace(pl.col("amount"), pl.col("_rate_of_day"))
    return joined.with_columns(
        amount_ws=pl.when(pl.col("currency") == currency)
        .then(pl.col("amount"))
        .otherwise(converted)
    ).drop("_rate_of_day")
