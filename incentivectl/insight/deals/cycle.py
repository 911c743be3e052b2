"""The buying cycle: how long registered deals take, what is won, and what waits for us.

Rules: docs/questions.md, "Deals".
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.sales.channel import Channel

NO_CATEGORY = "(none)"
CYCLE: Schema = {
    "group": pl.String,
    "deals": pl.UInt32,
    "approved": pl.UInt32,
    "days_to_approve": money.SHARED,
    "won": pl.UInt32,
    "lost": pl.UInt32,
    "win_rate": money.SHARED,
    "days_to_close": money.SHARED,
    "registered": money.AMOUNT,
    "sold": money.AMOUNT,
}
WAITING: Schema = {
    "deal_id": pl.String,
    "partner_id": pl.String,
    "customer_id": pl.String,
    "registered_on": pl.Date,
    "days": pl.Int64,
    "category": pl.String,
    "amount": money.AMOUNT,
}


def with_groups(deals: pl.DataFrame, channel: Channel, sold: pl.DataFrame) -> pl.DataFrame:
    """Registered deals with `category`, `quarter` and `sold`, what was sold into each (0: nothing).

    The category is the deal's own, else that of its product; the quarter that of its registration.
    `sold`: `deal_id`, `sold`, a row for each program; the largest counts.
    """
    products = channel.tables["products"].select("product_id", of_product="category")
    largest = sold.group_by("deal_id").agg(pl.col("sold").max())
    calendar = channel.calendar.ordinary
    quarters = {day: calendar.quarter_of(day) for day in deals["registered_on"].unique().to_list()}
    return (
        deals.join(products, on="product_id", how="left")
        .join(largest, on="deal_id", how="left")
        .with_columns(
            category=pl.coalesce("category", "of_product", pl.lit(NO_CATEGORY)),
            quarter=pl.col("registered_on").replace_strict(quarters, return_dtype=pl.String),
            sold=pl.col("sold").fill_null(money.literal(0)),
        )
    )


def cycle(deals: pl.DataFrame, by: str, as_of: date) -> pl.DataFrame:
    """`CYCLE` of the deals of each value of a column; medians and the win rate are null without any."""
    rows = []
    for (group,), part in deals.sort(by).group_by(by, maintain_order=True):
        approved = part.filter((pl.col("approved_on") <= as_of).fill_null(value=False))
        closed = part.filter(
            pl.col("status").is_in(["won", "lost"]), pl.col("closed_on").is_not_null()
        )
        won, lost = (part.filter(status=status).height for status in ("won", "lost"))
        decided = Decimal(won + lost)
        rows.append(
            (
                group,
                part.height,
                approved.height,
                _median(approved, "approved_on"),
                won,
                lost,
                money.quotient(Decimal(won), decided),
                _median(closed, "closed_on"),
                part["amount"].sum(),
                part["sold"].sum(),
            )
        )
    return pl.DataFrame(rows, schema=CYCLE, orient="row")


def _median(deals: pl.DataFrame, until: str) -> Decimal | None:
    """The median of the days since registration, to half a day."""
    days = deals.select((pl.col(until) - pl.col("registered_on")).dt.total_days()).to_series()
    ordered: Sequence[int] = sorted(days.drop_nulls().to_list())
    if not ordered:
        return None
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Decimal(low + high) / 2


def waiting(deals: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`WAITING`: the deals that nobody has approved or turned down yet, the longest waiting first."""
    days = (pl.lit(as_of) - pl.col("registered_on")).dt.total_days()
    return (
        deals.filter(pl.col("status") == "submitted")
        .with_columns(days=days)
        .select(*WAITING)
        .sort("days", "deal_id", descending=[True, False])
    )
