"""What a payee may be proud of in PERIOD (docs/questions.md, "Badges")."""

import polars as pl

from incentivectl.insight.leaderboard.recent_sales import RecentSales
from incentivectl.insight.leaderboard.tiers_reached import earnings_with_goals
from incentivectl.run.run import Run

FIRST_SALE = "first-sale"
NEW_CUSTOMER = "new-customer"
THREE_MONTHS_UP = "three-months-up"
TIER_REACHED = "tier-reached"
TOP_TENTH = "top-tenth"
BADGES = (FIRST_SALE, NEW_CUSTOMER, THREE_MONTHS_UP, TIER_REACHED, TOP_TENTH)


def badges(run: Run, recent: RecentSales, payee: str, payees: pl.Series) -> pl.DataFrame:
    """`payee_id`, `badges` (List of String): of `payees` those with any, but for the top tenth.

    The top tenth depends on what a board ranks by, so the board itself awards it.
    """
    awarded = [
        (FIRST_SALE, recent.first_sellers(payee)),
        (NEW_CUSTOMER, recent.new_customer_sellers(payee)),
        (THREE_MONTHS_UP, recent.grew(payee)),
        (TIER_REACHED, _tier_reached(run, payee)),
    ]
    every = pl.concat(
        pl.DataFrame({"payee_id": who.unique()}, schema={"payee_id": pl.String}).with_columns(
            order=pl.lit(order), badge=pl.lit(name)
        )
        for order, (name, who) in enumerate(awarded)
    )
    return (
        every.filter(pl.col("payee_id").is_in(payees.implode()))
        .sort("payee_id", "order")
        .group_by("payee_id", maintain_order=True)
        .agg(badges="badge")
    )


def _tier_reached(run: Run, payee: str) -> pl.Series:
    """Who earns in a tier that has to be reached, in a measurement period that PERIOD touches."""
    reached = earnings_with_goals(run).select("payee_id", "payee_kind", "period_end", "reached")
    return reached.filter(
        pl.col("payee_kind") == payee, pl.col("period_end") >= run.period.first, "reached"
    )["payee_id"]
