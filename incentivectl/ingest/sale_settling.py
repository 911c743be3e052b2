"""What sale lines need of each other: versions, returns, and rates on the dates that they count on."""

import polars as pl

from incentivectl.ingest.fx import (
    foreign_pairs,
    lines_without_rate,
    returns_without_rate,
    with_workspace_amount,
)
from incentivectl.ingest.pieces import ROW
from incentivectl.ingest.reasons import number_of
from incentivectl.ingest.returns import Returns, find_returns, line_key, with_numbers
from incentivectl.ingest.sale_versions import settle_versions
from incentivectl.ingest.table_rows import TableRows, decided
from incentivectl.rates import DayRates
from incentivectl.tables import TABLES


def settle_sales(
    rows: TableRows, rates: DayRates, currency: str, attributes: tuple[str, ...]
) -> tuple[Returns, bool]:
    """Decides which lines count; the returns among them, and whether any line is in foreign currency.

    First the lines that count on their own dates; the dates of the returns follow from those, and
    whether a return has a rate follows from its date. A rejected return leaves the version before it.
    """
    pairs = foreign_pairs(rows, rates, currency)
    refused = lines_without_rate(rows, pairs)
    _decide(rows, refused, attributes)
    returns = find_returns(rows)
    refused_returns = returns_without_rate(returns, rates, currency)
    if not refused_returns.is_empty():
        _decide(rows, pl.concat([refused, refused_returns]), attributes)
    return returns, not pairs.is_empty()


def _decide(rows: TableRows, refused: pl.Series, attributes: tuple[str, ...]) -> None:
    no_rate = number_of("sales", "no-fx-rate", "currency")
    rows.decided = decided(refused.to_frame("row"), no_rate)
    settle_versions(rows, refused, attributes)


def finished_sales(
    rows: TableRows,
    returns: Returns,
    rates: DayRates,
    currency: str,
    attributes: tuple[str, ...],
    *,
    is_foreign: bool,
) -> pl.LazyFrame:
    """The counting lines with everything that `Inputs.sales` promises."""
    lines = with_numbers(rows.accepted(), rows.numbers)
    if returns.links.is_empty():
        none = pl.lit(None, dtype=ROW)
        lines = lines.with_columns(counted_on="sold_on", original=none)
    else:
        lines = lines.join(returns.links.lazy(), on="row", how="left").with_columns(
            counted_on=pl.coalesce("counted_on", "sold_on")
        )
    lines = with_workspace_amount(lines, rates, currency, day="counted_on", is_foreign=is_foreign)
    return lines.with_columns(line_key=line_key()).select(
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
