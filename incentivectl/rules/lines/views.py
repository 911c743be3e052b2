"""Lines with what programs judge them by: the same columns for all programs, by name.

A column is a field of a condition (`partner.tier`), an amount in a currency that programs pay in
(`amount:EUR`), the deal that covers a line (`deal:90`, by the days that a deal is protected), or
`is_credited` and `is_managed`. Each is by the values of `original.<name>`, but for the amounts.
"""

from collections.abc import Collection
from datetime import date
from functools import cached_property

import polars as pl

from incentivectl.rules.lines.coverage import DEAL, CoveredLines
from incentivectl.rules.lines.lists import with_flag
from incentivectl.sales.facts import Facts
from incentivectl.sales.in_memory import engine_for
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.returns import ORIGINAL

AMOUNT = "amount:"
IS_CREDITED = "is_credited"
IS_MANAGED = "is_managed"
# What rules look at of `original.<name>` once the columns are there; lines in memory have no other.
_KEPT = (
    "row", "sale_id", "partner_id", "distributor_id", "rep_id", "product_id", "customer_id",
    "quantity", "serial",
)  # fmt: skip
_CUSTOMER = f"{ORIGINAL}customer_id"


class ViewedLines:
    """The lines of a channel with whatever columns programs ask for.

    Where the lines are in memory, a column that one program asked for is kept for the others.
    """

    def __init__(self, channel: LineSource, facts: Facts, covered: CoveredLines) -> None:
        self._channel = channel
        self._facts = facts
        self._covered = covered
        self._kept: pl.DataFrame | None = None
        self._known: frozenset[str] = frozenset()

    def between(self, first: date, last: date, columns: Collection[str]) -> pl.LazyFrame:
        """The lines that count on the days from `first` to `last`, with `columns`."""
        if not self._channel.in_memory:
            in_time = pl.col("counted_on").is_between(first, last)
            return self._with(self._facts.lines.filter(in_time), columns)
        kept = self.keep(columns)
        days = kept["counted_on"]
        begin, end = days.search_sorted(first, "left"), days.search_sorted(last, "right")
        return kept.slice(begin, end - begin).lazy()

    def keep(self, columns: Collection[str]) -> pl.DataFrame:
        """All lines in the order of their days, with `columns` and those that are kept already."""
        missing = frozenset(columns) - self._known
        if self._kept is None or missing:
            self._known |= missing
            lines = self._with(self._facts.lines, self._known)
            in_order = lines.drop(self._unused).sort("counted_on")
            self._kept = in_order.collect(engine=engine_for(self._facts.at_hand))
        return self._kept

    @cached_property
    def _unused(self) -> list[str]:
        """The columns of the lines that returns reverse which no rule looks at any more."""
        own = self._channel.lines.collect_schema().names()
        return [f"{ORIGINAL}{name}" for name in own if name not in _KEPT]

    def _with(self, lines: pl.LazyFrame, columns: Collection[str]) -> pl.LazyFrame:
        fields = {name for name in columns if "." in name}
        if "sale.new_customer" in fields and not self._channel.given:
            fields.remove("sale.new_customer")
            lines = self._with_new_customers(lines)
        if "customer.revenue_12m" in fields and not self._channel.given:
            fields.remove("customer.revenue_12m")
            lines = self._with_earlier_purchases(lines)
        currencies = _named(columns, AMOUNT)
        lines = self._channel.view(lines, fields, currencies)
        if IS_CREDITED in columns:
            credited = self._facts.credited["row"].unique()
            lines = with_flag(lines, f"{ORIGINAL}row", credited, IS_CREDITED)
        if IS_MANAGED in columns:
            lines = self._with_is_managed(lines)
        for days in _named(columns, DEAL):
            deals = self._covered(int(days)).select("row", pl.col("deal").alias(f"{DEAL}{days}"))
            lines = lines.join(deals, on="row", how="left")
        return lines

    def _with_is_managed(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """Adds whether some rep that a line goes to has a manager on its date."""
        row, managed = f"{ORIGINAL}row", self._facts.managed
        some = managed.drop_nulls("_manager")["row"].unique()
        lines = with_flag(lines, row, managed["row"].unique(), "_shared")
        lines = with_flag(lines, row, some, IS_MANAGED)
        lines = self._facts.with_manager(lines, f"{ORIGINAL}rep_id")
        has_own = ~pl.col("_shared") & pl.col("_manager").is_not_null()
        return lines.with_columns(pl.col(IS_MANAGED) | has_own).drop("_shared", "_manager")

    def _with_new_customers(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        first = self._facts.first_sales.lazy().rename({"customer_id": _CUSTOMER})
        is_first = pl.col("first_sale_on") == pl.col("counted_on")
        return (
            lines.join(first, on=_CUSTOMER, how="left")
            .with_columns(is_first.fill_null(False).alias("sale.new_customer"))
            .drop("first_sale_on")
        )

    def _with_earlier_purchases(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        bought = self._facts.bought_before.lazy().select(
            "counted_on",
            pl.col("customer_id").alias(_CUSTOMER),
            pl.col("bought").alias("customer.revenue_12m"),
        )
        return lines.join(bought, on=[_CUSTOMER, "counted_on"], how="left")


def _named(columns: Collection[str], prefix: str) -> list[str]:
    return sorted(name.removeprefix(prefix) for name in columns if name.startswith(prefix))
