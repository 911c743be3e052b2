"""New markets: the regions and countries with first sales, and our share of markets whose size is known."""

from collections.abc import Iterator
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import ORDINARY
from incentivectl.insight.leaderboard.payee_sales import sold_lines
from incentivectl.insight.metrics.figures import (
    Area,
    Basis,
    Definition,
    Found,
    counted,
    ratio,
    share,
)
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View

AREA = "markets"
_counted = partial(counted, AREA)
NEW_REGIONS = _counted(
    "new-regions", "new regions", "regions of partners whose first sale ever lies in the period",
    headline=True,
)  # fmt: skip
NEW_COUNTRIES = _counted(
    "new-countries", "new countries",
    "countries of partners whose first sale ever lies in the period", headline=True,
)  # fmt: skip
NEW_MARKET_REVENUE = Definition(
    AREA, "new-market-revenue", "revenue in new countries", "money",
    "revenue of the period in countries whose first sale ever lies in it", headline=True,
)  # fmt: skip
OUR_SALES = Definition(
    AREA, "market-revenue", "our revenue", "money",
    "revenue of the months of the period for which `market` states a size, in the region and category"
    " that it names; overall over all rows of `market`",
)  # fmt: skip
SIZE = Definition(
    AREA, "market-size", "market size", "money",
    "the sizes that `market` states for months of the period, in the workspace's currency",
)  # fmt: skip
SHARE = share(AREA, "market-share", "share of market", "our revenue / market size", headline=True)
DEFINITIONS = (NEW_REGIONS, NEW_COUNTRIES, NEW_MARKET_REVENUE, SHARE, OUR_SALES, SIZE)
FORMULAS = (ratio(SHARE, (OUR_SALES,), SIZE, "the market's size is 0", scopes=("whole", "market")),)
EVERYTHING = "all"


def first_sales(view: View, place: str) -> pl.DataFrame:
    """`place` (region or country), `first_sale_on`: of partners as they stand on PERIOD's last day."""
    days = (
        sold_lines(view.run.channel)
        .filter(~pl.col("is_return"))
        .group_by(partner="partner_id")
        .agg(first_sale_on=pl.col("counted_on").min())
        .collect(engine="streaming")
    )
    placed = view.with_places(days)
    if place not in placed.columns:
        return pl.DataFrame(schema={"place": pl.String, "first_sale_on": pl.Date})
    return placed.group_by(place=place).agg(pl.col("first_sale_on").min()).sort("place")


def _found(view: View) -> Iterator[Basis | Found]:
    figures = (NEW_REGIONS, NEW_COUNTRIES, NEW_MARKET_REVENUE)
    begin = view.sales_begin
    missing = view.no_sales_on(view.period.first)
    if begin is not None and begin >= view.period.first:
        missing = Missing(
            f"`sales` begin in {view.month_of(begin).label}: what was sold before is not known"
        )
    if missing:
        yield from (Found(one, missing) for one in figures)
    else:
        yield from _new_places(view)
    yield from _shares(view)


def _new_places(view: View) -> Iterator[Basis | Found]:
    lacking = Missing("no partner has a {}: add the column to `partners`")
    for definition, place in ((NEW_REGIONS, "region"), (NEW_COUNTRIES, "country")):
        if place not in view.places.columns:
            yield Found(definition, Missing(lacking.why.format(place)))
            continue
        is_new = pl.col("first_sale_on") >= view.period.first
        rows = first_sales(view, place).select(
            pl.col("place").alias("item"),
            pl.col("place").alias(place),
            is_new.alias(definition.key),
        )
        yield Basis(f"first-sales-{place}", rows, (definition,), ("whole",))
    if "country" not in view.places.columns:
        yield Found(NEW_MARKET_REVENUE, Missing(lacking.why.format("country")))
        return
    new = first_sales(view, "country").filter(pl.col("first_sale_on") >= view.period.first)
    sums = view.lines.group_by(partner="partner_id").agg(
        pl.col("amount").sum().alias(NEW_MARKET_REVENUE.key)
    )
    placed = view.with_places(sums.collect(engine="streaming").sort("partner"))
    rows = placed.filter(pl.col("country").is_in(new["place"].implode()))
    yield Basis("new-markets", rows, (NEW_MARKET_REVENUE,), ("whole", "country"))


def months_of_market(view: View) -> pl.DataFrame:
    """The rows of `market` for months of PERIOD, with `number` (Int32): the month's."""
    calendar = view.run.channel.calendar
    named = pl.concat_str("month", pl.lit("-01")).str.to_date("%Y-%m-%d", strict=False)
    rows = view.run.channel.tables["market"].with_columns(number=ORDINARY.numbers_of(named))
    first, last = (calendar.number_of(day) for day in (view.period.first, view.period.last))
    return rows.filter(pl.col("number").is_between(first, last))


def _shares(view: View) -> Iterator[Basis | Found]:
    missing = view.no_table("market")
    rows = months_of_market(view)
    if not missing and rows.is_empty():
        missing = Missing(f"`market` states no size for {view.period.label}")
    missing = missing or view.no_sales_on(view.period.first)
    if missing:
        yield from (Found(one, missing) for one in (OUR_SALES, SIZE))
        return
    sold = _sold_by_month(view)
    found = []
    for month, region, category, size, number in rows.select(
        "month", "region", "category", "size", "number"
    ).rows():
        found.append(
            (_market(region, category), month, _revenue(sold, number, region, category), size)
        )
    frame = pl.DataFrame(
        found,
        schema={
            "market": pl.String,
            "item": pl.String,
            OUR_SALES.key: money.AMOUNT,
            SIZE.key: money.AMOUNT,
        },
        orient="row",
    )
    yield Basis("market", frame, (OUR_SALES, SIZE), ("whole", "market"))


def _market(region: str | None, category: str | None) -> str:
    return f"{region or EVERYTHING}, {category or EVERYTHING}"


def _sold_by_month(view: View) -> pl.DataFrame:
    number = view.run.channel.calendar.numbers_of(pl.col("counted_on"))
    sums = view.lines.group_by(partner="partner_id", category="category", number=number).agg(
        pl.col("amount").sum()
    )
    return view.with_places(sums.collect(engine="streaming"))


def _revenue(sold: pl.DataFrame, number: int, region: str | None, category: str | None) -> object:
    rows = sold.filter(pl.col("number") == number)
    if region is not None:
        rows = rows.filter(pl.col("region") == region) if "region" in rows.columns else rows.clear()
    if category is not None:
        rows = rows.filter(pl.col("category") == category)
    return rows["amount"].sum()


markets = Area(AREA, "Markets", DEFINITIONS, _found, FORMULAS)
