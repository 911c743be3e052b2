"""What a payee may be proud of in PERIOD (docs/rules.md, "Badges")."""

from datetime import date

import polars as pl

from incentivectl.insight.payee_sales import facts_of, payee_lines
from incentivectl.insight.tiers_reached import earnings_with_goals
from incentivectl.periods import add_months
from incentivectl.run import Run

FIRST_SALE = "first-sale"
NEW_CUSTOMER = "new-customer"
THREE_MONTHS_UP = "three-months-up"
TIER_REACHED = "tier-reached"
TOP_TENTH = "top-tenth"
BADGES = (FIRST_SALE, NEW_CUSTOMER, THREE_MONTHS_UP, TIER_REACHED, TOP_TENTH)


def badges(run: Run, payee: str, payees: pl.Series) -> pl.DataFrame:
    """`payee_id`, `badges` (List of String): of `payees` those with any, but for the top tenth.

    The top tenth depends on what a board ranks by, so the board itself awards it.
    """
    lines = payee_lines(run, payee)
    sold = lines.filter(~pl.col("is_return"))
    awarded = [
        (FIRST_SALE, _first_sale(run, sold)),
        (NEW_CUSTOMER, _new_customer(run, sold)),
        (THREE_MONTHS_UP, _three_months_up(run, lines)),
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


def _first_sale(run: Run, sold: pl.LazyFrame) -> pl.Series:
    """Whose first sale of all lies in PERIOD; nobody's where the exports begin in it."""
    firsts = sold.group_by("payee_id").agg(pl.col("counted_on").min()).collect(engine="streaming")
    is_in_period = pl.col("counted_on") >= run.period.first
    if firsts.filter(~is_in_period).is_empty():
        return pl.Series(dtype=pl.String)
    return firsts.filter(is_in_period)["payee_id"]


def _new_customer(run: Run, sold: pl.LazyFrame) -> pl.Series:
    """Who sold to a customer on the day of its first sale, in PERIOD."""
    begun = facts_of(run).first_sales.rename({"first_sale_on": "counted_on"})
    return (
        sold.filter(pl.col("counted_on") >= run.period.first)
        .join(begun.lazy(), on=["customer_id", "counted_on"], how="semi")
        .select("payee_id")
        .unique()
        .collect(engine="streaming")["payee_id"]
    )


def _three_months_up(run: Run, lines: pl.LazyFrame) -> pl.Series:
    """Whose revenue grew in each of PERIOD's last three months, from something above 0."""
    months = _last_months(run.period.last, 4)
    revenue = [
        pl.col("amount").filter(pl.col("counted_on").is_between(*month)).sum().alias(str(index))
        for index, month in enumerate(months)
    ]
    grew = [pl.col(str(index)) > pl.col(str(index - 1)) for index in (1, 2, 3)]
    recent = lines.filter(pl.col("counted_on") >= months[0][0]).group_by("payee_id").agg(revenue)
    return recent.collect(engine="streaming").filter(pl.col("0") > 0, *grew)["payee_id"]


def _last_months(last: date, number: int) -> list[tuple[date, date]]:
    """The first and last days of calendar months, the last of which ends on `last`."""
    ends = [add_months(last, back - number + 1) for back in range(number)]
    return [(end.replace(day=1), end) for end in ends]


def _tier_reached(run: Run, payee: str) -> pl.Series:
    """Who earns in a tier that has to be reached, in a measurement period that PERIOD touches."""
    return earnings_with_goals(run).filter(
        pl.col("payee_kind") == payee, pl.col("period_end") >= run.period.first, "reached"
    )["payee_id"]
