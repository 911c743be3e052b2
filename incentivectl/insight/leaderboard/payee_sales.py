"""What payees sold in a window of days: revenue, quantity and counts, in workspace currency."""

from collections.abc import Collection

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import Period
from incentivectl.rules.earning.measures import COUNTS, of_lines
from incentivectl.rules.lines.payees import with_reps
from incentivectl.run.run import Run
from incentivectl.sales.facts import Facts
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.signs import is_void, with_is_return

SHARED = ("amount", "quantity")


def facts_of(run: Run) -> Facts:
    """The facts that the run's programs share."""
    return run.settled[0].case.facts if run.settled else Facts(run.channel)


def sold_lines(channel: LineSource) -> pl.LazyFrame:
    """Every accepted line that is not void, with `is_return`, and `amount` in workspace currency."""
    lines = with_is_return(channel.lines.filter(~is_void()))
    return lines.with_columns(amount="amount_ws")


def of_category(channel: LineSource, lines: pl.LazyFrame, category: str | None) -> pl.LazyFrame:
    """The lines of products of one category; all of them without one."""
    if category is None:
        return lines
    products = channel.tables["products"].filter(category=category)["product_id"]
    return lines.filter(pl.col("product_id").is_in(products.implode()))


def payee_lines(facts: Facts, payee: str, category: str | None = None) -> pl.LazyFrame:
    """Those lines by `payee_id`: of known partners, or of reps, each with its share.

    `amount` and `quantity` have 12 decimals (docs/questions.md, "Leaderboards").
    """
    lines = of_category(facts.channel, sold_lines(facts.channel), category)
    if payee == "rep" and not facts.credited.is_empty():
        return with_reps(facts, lines, SHARED).filter(pl.col("payee_id").is_not_null())
    seller = "rep_id" if payee == "rep" else "partner_id"
    is_one = pl.col("rep_id").is_not_null() if payee == "rep" else pl.col("partner_known")
    return lines.filter(is_one).with_columns(
        pl.col(seller).alias("payee_id"), *(pl.col(n).cast(money.SHARED) for n in SHARED)
    )


def within(lines: pl.LazyFrame, window: Period) -> pl.LazyFrame:
    """The lines that count on a day of `window`."""
    return lines.filter(pl.col("counted_on").is_between(window.first, window.last))


def sales_of(
    run: Run,
    payee: str,
    window: Period,
    counts: Collection[str] = COUNTS,
    category: str | None = None,
) -> pl.DataFrame:
    """`payee_id`, `revenue`, `quantity` and `counts` (12 decimals) of who sold in `window`."""
    lines = within(payee_lines(facts_of(run), payee, category), window)
    return of_lines(lines, counts, ("payee_id",)).collect(engine="streaming")
