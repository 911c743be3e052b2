"""Sales growth: revenue and quantity, and how much of it comes from new customers."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core.frames import total
from incentivectl.insight.metrics.figures import Definition, Found, Scope, number
from incentivectl.insight.metrics.view import View

AREA = "growth"
REVENUE = Definition(
    AREA, "revenue", "revenue", "money",
    "the amounts of all accepted lines of the period, returns included, in the workspace's currency",
    adds_up=True,
)  # fmt: skip
QUANTITY = Definition(
    AREA, "quantity", "quantity", "number",
    "the quantities of those lines, returns included", adds_up=True,
)  # fmt: skip
NEW_REVENUE = Definition(
    AREA, "new-revenue", "revenue of new customers", "money",
    "that of customers whose first sale ever, or first_sale_on, lies in the period", adds_up=True,
)  # fmt: skip
EXISTING_REVENUE = Definition(
    AREA, "existing-revenue", "revenue of existing customers", "money",
    "that of customers who began before the period", adds_up=True,
)  # fmt: skip
UNNAMED_REVENUE = Definition(
    AREA, "unnamed-revenue", "revenue without a customer", "money",
    "that of lines that name no customer",
)  # fmt: skip
NEW_CUSTOMERS = Definition(
    AREA, "new-customers", "new customers", "number",
    "customers with a line in the period whose first sale ever lies in it",
)  # fmt: skip
DEFINITIONS = (
    REVENUE, QUANTITY, NEW_REVENUE, EXISTING_REVENUE, UNNAMED_REVENUE, NEW_CUSTOMERS,
)  # fmt: skip
_SUMS = (REVENUE, QUANTITY, NEW_REVENUE, EXISTING_REVENUE)


def growth(view: View) -> Iterator[Found]:
    """Revenue and quantity of the whole, and of each partner, category, product and program."""
    missing = view.no_sales_on(view.period.first)
    if missing:
        yield from (Found(definition, missing) for definition in DEFINITIONS)
        return
    sums = _sums(view)
    for definition in (*_SUMS, UNNAMED_REVENUE):
        yield Found(definition, total(sums, definition.key))
    yield Found(NEW_CUSTOMERS, number(_new_customers(view)))
    scopes: tuple[tuple[Scope, str], ...] = (("partner", "partner_id"), ("category", "category"))
    for scope, column in scopes:
        yield from _by(sums, scope, column, _SUMS)
    yield from _by(sums, "product", "product_id", (REVENUE, QUANTITY))
    yield from _by_program(view)


def _sums(view: View) -> pl.DataFrame:
    """The sums of the figures' keys (6 decimals) by `partner_id`, `product_id` and `category`."""
    amount, began = pl.col("amount"), pl.col("first_sale_on")
    named = pl.col("customer_id").is_not_null()
    is_new = (began >= view.period.first).fill_null(False) & named
    return (
        view.lines.join(view.facts.first_sales.lazy(), on="customer_id", how="left")
        .group_by("partner_id", "product_id", "category")
        .agg(
            amount.sum().alias(REVENUE.key),
            pl.col("quantity").sum().alias(QUANTITY.key),
            amount.filter(is_new).sum().alias(NEW_REVENUE.key),
            amount.filter(named & ~is_new).sum().alias(EXISTING_REVENUE.key),
            amount.filter(~named).sum().alias(UNNAMED_REVENUE.key),
        )
        .collect(engine="streaming")
    )


def _new_customers(view: View) -> int:
    begun = view.facts.first_sales.filter(pl.col("first_sale_on") >= view.period.first)
    sold = view.lines.filter(~pl.col("is_return")).select("customer_id")
    buyers = sold.join(begun.lazy(), on="customer_id", how="semi")
    return int(buyers.select(pl.col("customer_id").n_unique()).collect().item())


def _by(
    sums: pl.DataFrame, scope: Scope, column: str, definitions: tuple[Definition, ...]
) -> Iterator[Found]:
    parts = (
        sums.drop_nulls(column)
        .group_by(column)
        .agg(pl.col(one.key).sum() for one in definitions)
        .sort(column)
    )
    for row in parts.iter_rows(named=True):
        for definition in definitions:
            yield Found(definition, row[definition.key], scope, row[column])


def _by_program(view: View) -> Iterator[Found]:
    """What counts in a program and is dated in PERIOD; programs that look at no lines have none."""
    for one in view.programs:
        if one.measured is None or one.measured.judged is None:
            continue
        counted = one.measured.judged.filter(
            pl.col("reason").is_null(),
            pl.col("counted_on").is_between(view.period.first, view.period.last),
        )
        sums = counted.select(
            pl.col("amount_ws").sum().alias(REVENUE.key),
            pl.col("quantity").sum().alias(QUANTITY.key),
        ).collect(engine="streaming")
        for definition in (REVENUE, QUANTITY):
            yield Found(definition, sums[definition.key].item(), "program", one.case.program.id)
