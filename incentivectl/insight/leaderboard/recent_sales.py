"""What payees sold lately, and who of them began: what boards and badges ask of the sale lines.

One look at the lines of PERIOD, of the period before and of the last months, and one at older lines, which
are asked only about those who seem to have begun in PERIOD (docs/questions.md, "Leaderboards", "Badges").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain

import polars as pl

from incentivectl.core.periods import Period
from incentivectl.insight.leaderboard.payee_sales import (
    facts_of,
    payee_lines,
    sold_lines,
    within,
)
from incentivectl.run.run import Run
from incentivectl.sales.facts import Facts
from incentivectl.sales.line_source import LineSource

MONTHS_UP = 3
FEW = 100  # so many ids are looked for while a file is read; more of them are joined
WHO = ("payee_kind", "payee_id")


@dataclass(frozen=True)
class Sought:
    """Whose sales are asked for, of which category (None: of all), and in which stretches of days.

    A stretch goes from one of the `starts` to the day before the next, the last one to PERIOD's last day.
    """

    payees: tuple[str, ...]
    category: str | None
    starts: tuple[date, ...]
    period: Period


@dataclass(frozen=True)
class Lately:
    """What was sold in the stretches.

    `stretches`: `payee_kind`, `payee_id`, `start` (Date), `revenue` (12 decimals), `sold` (Boolean: not only
    returns), a row for each payee with a line in a stretch. `begun`: `payee_kind`, `payee_id`,
    `customer_id`, `counted_on`: who sold to a customer on the day of its first sale, where that lies in
    PERIOD as far as the stretches tell.
    """

    stretches: pl.DataFrame
    begun: pl.DataFrame


@dataclass(frozen=True)
class Before:
    """Who had sold and bought before: `WHO`, `customer_id`, and for which kinds of payees there are lines."""

    payees: pl.DataFrame
    customers: pl.Series
    kinds: frozenset[str]


class RecentSales:
    """The recent sales of a run by its `payees` (partner, rep), found when first asked for.

    With a `category`, those of its products alone.
    """

    def __init__(self, run: Run, payees: tuple[str, ...], category: str | None = None) -> None:
        self._run = run
        self.category = category
        calendar = run.channel.calendar
        self.before = calendar.before(run.period)
        months = calendar.months_through(run.period.last, MONTHS_UP + 1)
        self.month_starts = [month.first for month in months]
        starts = sorted({run.period.first, self.before.first, *self.month_starts})
        self._sought = Sought(payees, category, tuple(starts), run.period)

    def revenue(self, payee: str, window: Period) -> pl.DataFrame:
        """`payee_id`, `revenue` (12 decimals) of who has a line in `window`: PERIOD or that before."""
        return (
            self._of(payee)
            .filter(pl.col("start").is_between(window.first, window.last))
            .group_by("payee_id")
            .agg(pl.col("revenue").sum())
        )

    def grew(self, payee: str) -> pl.Series:
        """Whose revenue grew in each of PERIOD's last three months, from something above 0."""
        months = [
            pl.col("revenue").filter(pl.col("start") == start).sum().alias(str(index))
            for index, start in enumerate(self.month_starts)
        ]
        more = [pl.col(str(index)) > pl.col(str(index - 1)) for index in range(1, len(months))]
        by_month = self._of(payee).group_by("payee_id").agg(months)
        return by_month.filter(pl.col("0") > 0, *more)["payee_id"]

    def first_sellers(self, payee: str) -> pl.Series:
        """Whose first sale of all lies in PERIOD; nobody's where the exports begin in it."""
        new = self._new_sellers(payee)
        if payee not in self._earlier.kinds and self._known(payee).is_empty():
            return new.clear()
        had_sold = self._earlier.payees.filter(pl.col("payee_kind") == payee)["payee_id"]
        return new.filter(~new.is_in(had_sold.implode()))

    def new_customer_sellers(self, payee: str) -> pl.Series:
        """Who sold to a customer on the day of its first sale, in PERIOD."""
        had_bought = pl.col("customer_id").is_in(self._earlier.customers.implode())
        begun = self._begun.filter(~had_bought, pl.col("payee_kind") == payee)
        return begun["payee_id"].unique()

    def _of(self, payee: str) -> pl.DataFrame:
        return self._lately.stretches.filter(pl.col("payee_kind") == payee)

    def _known(self, payee: str) -> pl.Series:
        """Who sold in a stretch before PERIOD."""
        return self._of(payee).filter("sold", pl.col("start") < self._run.period.first)["payee_id"]

    def _new_sellers(self, payee: str) -> pl.Series:
        """Who sold in PERIOD and in no stretch before it."""
        sold = self._of(payee).filter("sold", pl.col("start") >= self._run.period.first)
        is_known = pl.col("payee_id").is_in(self._known(payee).implode())
        return sold.filter(~is_known)["payee_id"].unique()

    @cached_property
    def _lately(self) -> Lately:
        facts = facts_of(self._run)
        return facts.channel.ask(_sold_lately, _lately_together, facts, self._sought)

    @cached_property
    def _begun(self) -> pl.DataFrame:
        """`Lately.begun` without the customers of which their master states an earlier sale."""
        stated = self._run.channel.tables["customers"].select("customer_id", "first_sale_on")
        is_first = (pl.col("first_sale_on") >= pl.col("counted_on")).fill_null(True)
        return self._lately.begun.join(stated, on="customer_id", how="left").filter(is_first)

    @cached_property
    def _earlier(self) -> Before:
        """What older lines tell of those who seem to have begun in PERIOD."""
        facts = facts_of(self._run)
        new = {payee: self._new_sellers(payee) for payee in self._sought.payees}
        new = {payee: some for payee, some in new.items() if not some.is_empty()}
        customers = self._begun["customer_id"].unique()
        if not new and customers.is_empty():
            return _before_together([])
        return facts.channel.ask(
            _sold_before, _before_together, facts, self._sought, new, customers
        )


def _sold_lately(channel: LineSource, facts: Facts, sought: Sought) -> Lately:
    first, period = sought.starts[0], sought.period
    of_customers = _sold_to_customers(channel)
    firsts = (
        of_customers.filter(pl.col("counted_on") >= first)
        .group_by("customer_id")
        .agg(pl.col("counted_on").min())
        .filter(pl.col("counted_on") >= period.first)
        .collect(engine="streaming")
    )
    stretches, begun = [], []
    for payee in sought.payees:
        lines = payee_lines(facts, payee, sought.category).with_columns(payee_kind=pl.lit(payee))
        stretches.append(_by_stretch(lines.filter(pl.col("counted_on") >= first), sought.starts))
        sold = within(lines.filter(~pl.col("is_return")), period)
        begun.append(
            _of_any(sold, firsts["customer_id"])
            .join(firsts.lazy(), on=["customer_id", "counted_on"], how="semi")
            .select(*WHO, "customer_id", "counted_on")
            .unique()
        )
    found = pl.collect_all([*stretches, *begun], engine="streaming")
    return _lately_together(
        [
            Lately(in_stretches, first_sales)
            for in_stretches, first_sales in zip(
                found[: len(stretches)], found[len(stretches) :], strict=True
            )
        ]
    )


def _sold_to_customers(channel: LineSource) -> pl.LazyFrame:
    return sold_lines(channel).filter(~pl.col("is_return"), pl.col("customer_id").is_not_null())


def _by_stretch(lines: pl.LazyFrame, starts: Sequence[date]) -> pl.LazyFrame:
    index = pl.sum_horizontal((pl.col("counted_on") >= start).cast(pl.UInt8) for start in starts)
    of_index = dict(enumerate(starts, start=1))
    return (
        lines.group_by(*WHO, index.alias("index"))
        .agg(pl.col("amount").sum().alias("revenue"), (~pl.col("is_return")).any().alias("sold"))
        .select(
            *WHO,
            pl.col("index").replace_strict(of_index, return_dtype=pl.Date).alias("start"),
            "revenue",
            "sold",
        )
    )


def _lately_together(parts: Sequence[Lately]) -> Lately:
    sums = pl.col("revenue").sum(), pl.col("sold").any()
    stretches = pl.concat(part.stretches for part in parts).group_by(*WHO, "start").agg(sums)
    begun = pl.concat(part.begun for part in parts)
    is_first = pl.col("counted_on") == pl.col("counted_on").min().over("customer_id")
    return Lately(stretches, begun.filter(is_first).unique())


def _sold_before(
    channel: LineSource,
    facts: Facts,
    sought: Sought,
    new: dict[str, pl.Series],
    customers: pl.Series,
) -> Before:
    """What lines before the stretches say of `new` payees, and lines before PERIOD of `customers`."""
    kinds, payees = set(), []
    for payee, some in new.items():
        lines = payee_lines(facts, payee, sought.category).with_columns(payee_kind=pl.lit(payee))
        older = lines.filter(pl.col("counted_on") < sought.starts[0], ~pl.col("is_return"))
        if not older.head(1).collect(engine="streaming").is_empty():
            kinds.add(payee)
        payees.append(_of_any(older, some).select(WHO).unique())
    bought = _sold_to_customers(channel).filter(pl.col("counted_on") < sought.period.first)
    had_bought = _of_any(bought, customers).select(pl.col("customer_id").unique())
    *had_sold, of_customers = pl.collect_all([*payees, had_bought], engine="streaming")
    return Before(pl.concat([_NOBODY, *had_sold]), of_customers["customer_id"], frozenset(kinds))


_NOBODY = pl.DataFrame(schema=dict.fromkeys(WHO, pl.String))


def _before_together(parts: Sequence[Before]) -> Before:
    none = pl.Series("customer_id", dtype=pl.String)
    return Before(
        pl.concat([_NOBODY, *(part.payees for part in parts)]).unique(),
        pl.concat([none, *(part.customers for part in parts)]).unique(),
        frozenset(chain.from_iterable(part.kinds for part in parts)),
    )


def _of_any(lines: pl.LazyFrame, ids: pl.Series) -> pl.LazyFrame:
    """The lines that have one of `ids` in the column that they are called after."""
    if ids.len() <= FEW:
        return lines.filter(pl.col(ids.name).is_in(ids.implode()))
    return lines.join(ids.to_frame().lazy(), on=ids.name, how="semi")
