"""Buying capacity: what each customer bought from all partners in twelve months."""

from collections.abc import Iterator
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
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
from incentivectl.insight.metrics.view import View

AREA = "customers"
TOP = 10
_counted = partial(counted, AREA)
BUYERS = _counted(
    "customers-12m", "customers that bought",
    "customers with a line that is not a return in the twelve months up to the period's last day",
    headline=True,
)  # fmt: skip
BOUGHT = Definition(
    AREA, "customer-revenue-12m", "what they bought", "money",
    "revenue of lines that name a customer in these twelve months, returns included", headline=True,
)  # fmt: skip
BY_TOP = Definition(
    AREA, "top-customers-revenue", f"of it by the {TOP} largest", "money",
    f"what the {TOP} customers bought that bought most",
)  # fmt: skip
TOP_SHARE = share(
    AREA, "top-customers-share", f"share of the {TOP} largest",
    f"of it by the {TOP} largest / what they bought", headline=True,
)  # fmt: skip
DEFINITIONS = (BUYERS, BOUGHT, TOP_SHARE, BY_TOP)
FORMULAS = (ratio(TOP_SHARE, (BY_TOP,), BOUGHT, "nothing was bought"),)


def bought(view: View) -> pl.DataFrame:
    """`customer`, `amount`, `partners`, `buys`: what customers bought in 12 months, the largest first.

    `buys` tells whether any of its lines is not a return.
    """
    since = view.run.channel.calendar.months_back(view.period.last, 12)
    return (
        sold_lines(view.run.channel)
        .filter(pl.col("customer_id").is_not_null(), pl.col("counted_on") >= since)
        .filter(pl.col("counted_on") <= view.period.last)
        .group_by(customer="customer_id")
        .agg(
            pl.col("amount").sum(),
            partners=pl.col("partner_id").n_unique(),
            buys=(~pl.col("is_return")).any(),
        )
        .collect(engine="streaming")
        .sort("amount", "customer", descending=[True, False])
    )


def discounted(view: View) -> pl.DataFrame:
    """What discounts took off for each customer in PERIOD, the most first.

    `program`, `currency`, `customer` (String, never null), `sold` (the lines with a discount) and
    `taken_off` (before a cap or a budget), both in the program's currency.
    """
    schema: Schema = {"program": pl.String, "currency": pl.String, "customer": pl.String,
              "sold": money.AMOUNT, "taken_off": money.REWARD}  # fmt: skip
    frames = [pl.DataFrame(schema=schema)]
    for one in view.programs:
        if (
            one.measured is None
            or one.measured.judged is None
            or not one.case.program.always_by_line
        ):
            continue
        taken = (
            one.measured.contributions.drop_nulls("row")
            .group_by("row")
            .agg(taken_off=pl.col("contribution").sum())
        )
        lines = one.measured.judged.filter(
            pl.col("reason").is_null(),
            pl.col("customer_id").is_not_null(),
            pl.col("counted_on").is_between(view.period.first, view.period.last),
        )
        found = (
            lines.select("row", "amount", customer="customer_id")
            .join(taken.filter(pl.col("taken_off") != 0), on="row", how="inner")
            .group_by("customer")
            .agg(sold=pl.col("amount").sum(), taken_off=pl.col("taken_off").sum())
            .with_columns(program=pl.lit(one.case.program.id), currency=pl.lit(one.case.currency))
            .select(pl.col(name).cast(dtype) for name, dtype in schema.items())
        )
        frames.append(found.collect(engine="streaming"))
    return pl.concat(frames).sort(
        "program", "taken_off", "customer", descending=[False, True, False]
    )


def _found(view: View) -> Iterator[Basis | Found]:
    since = view.run.channel.calendar.months_back(view.period.last, 12)
    missing = view.no_sales_on(since)
    if missing:
        yield from (Found(one, missing) for one in (BUYERS, BOUGHT, BY_TOP))
        return
    rows = bought(view)
    is_top = pl.int_range(pl.len()) < TOP
    amount = pl.col("amount")
    yield Basis(
        "customers",
        rows.select(
            pl.col("customer").alias("item"),
            "customer",
            pl.col("buys").alias(BUYERS.key),
            amount.alias(BOUGHT.key),
            pl.when(is_top).then(amount).otherwise(amount - amount).alias(BY_TOP.key),
        ),
        (BUYERS, BOUGHT, BY_TOP),
    )


customers = Area(AREA, "Customers", DEFINITIONS, _found, FORMULAS)
