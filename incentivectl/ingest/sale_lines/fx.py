"""Sale lines in foreign currencies: their amounts in workspace currency, and lines without a rate.

A line is converted at the latest rate on or before the date that it counts on (docs/rules.md,
"Numbers").
"""

import polars as pl

from incentivectl.core.rates import DayRates
from incentivectl.ingest.sale_lines.returns import Returns


def returns_without_rate(returns: Returns, rates: DayRates, currency: str) -> pl.Series:
    """The returns (`row`, UInt64) that have no rate on the date that they count on."""
    dated = returns.lines.join(returns.links, on="row").select(
        "row", "currency", day=pl.coalesce("counted_on", "sold_on")
    )
    rate = rates.at(pl.col("currency"), pl.col("day"))
    return dated.filter((pl.col("currency") != currency) & rate.is_null())["row"]


def with_workspace_amount(
    lines: pl.LazyFrame,
    rates: DayRates,
    currency: str,
    *,
    day: str,
    amount: pl.Expr | None = None,
) -> pl.LazyFrame:
    """Adds `amount_ws` (6 decimals): the amount in workspace currency, null without a rate.

    `amount` stands in for the column of that name.
    """
    amount = pl.col("amount") if amount is None else amount
    worth = rates.in_workspace(amount, pl.col("currency"), pl.col(day), home=currency)
    return lines.with_columns(amount_ws=worth)
