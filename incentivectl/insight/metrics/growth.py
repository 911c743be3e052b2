"""Sales growth: revenue and quantity, and how much of it comes from new customers."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.insight.metrics.figures import Area, Basis, Definition, Found, Scope
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View

AREA = "growth"
REVENUE = Definition(
    AREA, "revenue", "revenue", "money",
    "the amounts of all accepted lines of the period, returns included, in the workspace's currency",
    adds_up=True, headline=True,
)  # fmt: skip
QUANTITY = Definition(
    AREA, "quantity", "quantity", "number",
    "the quantities of those lines, returns included", adds_up=True, headline=True,
)  # fmt: skip
NEW_REVENUE = Definition(
    AREA, "new-revenue", "revenue of new customers", "money",
    "that of customers whose first sale ever, or first_sale_on, lies in the period", adds_up=True,
    headline=True,
)  # fmt: skip
EXISTING_REVENUE = Definition(
    AREA, "existing-revenue", "revenue of existing customers", "money",
    "that of customers who began before the period", adds_up=True,
)  # fmt: skip
UNNAMED_REVENUE = Definition(
    AREA, "unnamed-revenue", "revenue without a customer", "money",
    "that of lines that name no customer", adds_up=True,
)  # fmt: skip
NEW_CUSTOMERS = Definition(
    AREA, "new-customers", "new customers", "number",
    "customers with a line in the period whose first sale ever lies in it", how="count",
    adds_up=True, headline=True,
)  # fmt: skip
DEFINITIONS = (
    REVENUE, QUANTITY, NEW_REVENUE, EXISTING_REVENUE, UNNAMED_REVENUE, NEW_CUSTOMERS,
)  # fmt: skip
_BY_BEGINNING = (NEW_REVENUE, EXISTING_REVENUE)
_SUMS = (REVENUE, QUANTITY, NEW_REVENUE, EXISTING_REVENUE, UNNAMED_REVENUE)


def _found(view: View) -> Iterator[Basis | Found]:
    """Revenue and quantity by partner, category and product, new customers, and what counts in programs."""
    missing = view.no_sales_on(view.period.first)
    if missing:
        yield from (Found(definition, missing) for definition in DEFINITIONS)
        return
    unknown = _no_beginnings(view)
    known = tuple(one for one in _SUMS if one not in _BY_BEGINNING) if unknown else _SUMS
    if unknown:
        yield from (Found(one, unknown) for one in (*_BY_BEGINNING, NEW_CUSTOMERS))
    sold = view.with_places(_sums(view))
    yield Basis("sales", sold, known, ("whole", "region", "country", "partner", "category"))
    yield Basis("sales", sold, (REVENUE, QUANTITY), ("product",))
    if not unknown:
        new = view.with_places(_new_customers(view))
        scopes: tuple[Scope, ...] = ("whole", "region", "country", "partner")
        yield Basis("new-customers", new, (NEW_CUSTOMERS,), scopes)
    yield Basis("program-sales", _by_program(view), (REVENUE, QUANTITY), ("program",))


def _no_beginnings(view: View) -> Missing | None:
    """Why new customers are unknown: the exports begin in the period, and the master lacks some buyers."""
    begin = view.sales_begin
    if begin is None or begin < view.period.first:
        return None
    if _all_beginnings_are_stated(view):
        return None
    return Missing(
        f"`sales` begin in {view.month_of(begin).label}, so that everybody would be new: set first_sale_on in"
        " `customers`"
    )


def _all_beginnings_are_stated(view: View) -> bool:
    told = view.run.channel.tables["customers"].drop_nulls("first_sale_on").select("customer_id")
    buyers = view.lines.select("customer_id").drop_nulls().unique()
    return buyers.join(told.lazy(), on="customer_id", how="anti").head(1).collect().is_empty()


def seem_new(view: View) -> str:
    """A warning where exports of less than a year make customers of long ago look new; empty otherwise."""
    begin, first = view.sales_begin, view.period.first
    year_ago = view.run.channel.calendar.months_back(view.period.last, 12)
    if begin is None or not year_ago < begin < first or _all_beginnings_are_stated(view):
        return ""
    return (
        f"`sales` begin in {view.month_of(begin).label}, so that customers from before seem new: set"
        " first_sale_on in `customers`"
    )


def _sums(view: View) -> pl.DataFrame:
    """The sums of the figures' keys (6 decimals) by `partner`, `product` and `category`."""
    amount, began = pl.col("amount"), pl.col("first_sale_on")
    named = pl.col("customer_id").is_not_null()
    is_new = (began >= view.period.first).fill_null(False) & named
    return (
        view.lines.join(view.facts.first_sales.lazy(), on="customer_id", how="left")
        .group_by(partner="partner_id", product="product_id", category="category")
        .agg(
            amount.sum().alias(REVENUE.key),
            pl.col("quantity").sum().alias(QUANTITY.key),
            amount.filter(is_new).sum().alias(NEW_REVENUE.key),
            amount.filter(named & ~is_new).sum().alias(EXISTING_REVENUE.key),
            amount.filter(~named).sum().alias(UNNAMED_REVENUE.key),
        )
        .collect(engine="streaming")
        .sort("partner", "product", "category")
    )


def _new_customers(view: View) -> pl.DataFrame:
    """`partner`, `item`: each partner and new customer that it sold to in the period."""
    begun = view.facts.first_sales.filter(pl.col("first_sale_on") >= view.period.first)
    return (
        view.lines.filter(~pl.col("is_return"))
        .select(partner="partner_id", item="customer_id")
        .join(begun.lazy(), left_on="item", right_on="customer_id", how="semi")
        .unique()
        .with_columns(pl.lit(value=True).alias(NEW_CUSTOMERS.key))
        .collect(engine="streaming")
        .sort("partner", "item")
    )


def _by_program(view: View) -> pl.DataFrame:
    """What counts in each program and is dated in PERIOD; programs that look at no lines have no row."""
    schema: Schema = {"program": pl.String, REVENUE.key: money.AMOUNT, QUANTITY.key: money.AMOUNT}
    frames = [pl.LazyFrame(schema=schema)]
    for one in view.programs:
        if one.measured is None or one.measured.judged is None:
            continue
        counted = one.measured.judged.filter(
            pl.col("reason").is_null(),
            pl.col("counted_on").is_between(view.period.first, view.period.last),
        )
        frames.append(
            counted.select(
                pl.lit(one.case.program.id).alias("program"),
                pl.col("amount_ws").sum().alias(REVENUE.key),
                pl.col("quantity").sum().alias(QUANTITY.key),
            )
        )
    return pl.concat(frames).collect(engine="streaming")


growth = Area(AREA, "Sales growth", DEFINITIONS, _found)
