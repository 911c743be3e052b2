"""What sale lines need of each other: versions, returns, and rates on the dates that they count on."""

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.core.rates import DayRates
from incentivectl.core.tables import TABLES
from incentivectl.ingest.reasons import number_of
from incentivectl.ingest.rows.table_rows import decided
from incentivectl.ingest.sale_lines.fx import returns_without_rate, with_workspace_amount
from incentivectl.ingest.sale_lines.returns import Returns, find_returns, line_key
from incentivectl.ingest.sale_lines.sale_rows import SaleRows, with_numbers
from incentivectl.ingest.sale_lines.versions import resolve_versions


def resolve_sales(
    rows: SaleRows, rates: DayRates, currency: str, attributes: tuple[str, ...]
) -> Returns:
    """Decides which lines count, and finds the returns among them.

    First the lines that count on their own dates; the dates of the returns follow from those, and
    whether a return has a rate follows from its date. A rejected return leaves the version before it.
    """
    _decide(rows, pl.Series("row", dtype=ROW), attributes)
    returns = find_returns(rows)
    refused = returns_without_rate(returns, rates, currency)
    if not refused.is_empty():
        _decide(rows, refused, attributes)
    rows.links = returns.links
    return returns


def _decide(rows: SaleRows, refused: pl.Series, attributes: tuple[str, ...]) -> None:
    no_rate = number_of("sales", "no-fx-rate", "currency")
    rows.decided = decided(refused.to_frame("row"), no_rate)
    resolve_versions(rows, refused, attributes)


def finished_sales(
    rows: SaleRows, rates: DayRates, currency: str, attributes: tuple[str, ...]
) -> pl.LazyFrame:
    """The counting lines with everything that `Inputs.sales` promises.

    Only returns are looked up by line; all others are as the snapshot has them.
    """
    own_date = {"counted_on": pl.col("sold_on"), "original": pl.lit(None, dtype=ROW)}
    plain = rows.counting(rows.plain).with_columns(**own_date)
    dated = _dated(rows, rates, currency).select(plain.collect_schema().names())
    return _finished(pl.concat([plain, dated]), rows, attributes)


def reversing_sales(
    rows: SaleRows, rates: DayRates, currency: str, attributes: tuple[str, ...]
) -> pl.LazyFrame:
    """Those of `finished_sales` that reverse a line."""
    finished = _finished(_dated(rows, rates, currency), rows, attributes)
    return finished.filter(pl.col("original").is_not_null())


def _dated(rows: SaleRows, rates: DayRates, currency: str) -> pl.LazyFrame:
    """The counting returns with the dates that they count on, valued on those."""
    dated = (
        rows.counting(rows.returns)
        .drop("amount_ws")
        .join(rows.links.lazy(), on="row", how="left")
        .with_columns(counted_on=pl.coalesce("counted_on", "sold_on"))
    )
    return with_workspace_amount(dated, rates, currency, day="counted_on")


def _finished(lines: pl.LazyFrame, rows: SaleRows, attributes: tuple[str, ...]) -> pl.LazyFrame:
    return (
        with_numbers(lines, rows.numbers)
        .with_columns(line_key=line_key())
        .select(
            "row",
            pl.col("_source").alias("source"),
            *TABLES["sales"].column_names,
            *attributes,
            "partner_known",
            "n",
            "line_key",
            "counted_on",
            "original",
            "amount_ws",
        )
    )
