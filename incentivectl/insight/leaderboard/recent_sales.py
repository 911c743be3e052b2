"""What payees sold lately, and who of them began: what boards and badges ask of the sale lines.

All of it comes out of one look at the lines of PERIOD, of the period before and of the last months
(docs/questions.md, "Leaderboards", "Badges"). Older lines are asked only about those who seem to have
begun in PERIOD.
"""

from functools import cached_property

import polars as pl

from incentivectl.core.periods import Period
from incentivectl.insight.leaderboard.payee_sales import payee_lines, sold_lines, within
from incentivectl.run.run import Run

MONTHS_UP = 3
FEW = 100  # so many ids are looked for while a file is read; more of them are joined


class RecentSales:
    """The recent sales of a run, by partner or by rep; each is computed when first asked for.

    With a `category`, those of its products alone.
    """

    def __init__(self, run: Run, category: str | None = None) -> None:
        self._run = run
        self.category = category
        self._stretches: dict[str, pl.DataFrame] = {}
        calendar = run.channel.calendar
        self.before = calendar.before(run.period)
        months = calendar.months_through(run.period.last, MONTHS_UP + 1)
        self.month_starts = [month.first for month in months]
        self._starts = sorted({run.period.first, self.before.first, *self.month_starts})

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
        sold = self._of(payee).filter("sold")
        is_now = pl.col("start") >= self._run.period.first
        known = sold.filter(~is_now)["payee_id"]
        new = sold.filter(is_now & ~pl.col("payee_id").is_in(known.implode()))["payee_id"].unique()
        if new.is_empty():
            return new
        older = payee_lines(self._run, payee, self.category).filter(
            pl.col("counted_on") < self._starts[0], ~pl.col("is_return")
        )
        if known.is_empty() and older.head(1).collect(engine="streaming").is_empty():
            return new.clear()
        return new.filter(~new.is_in(_seen(older, new).implode()))

    def new_customer_sellers(self, payee: str) -> pl.Series:
        """Who sold to a customer on the day of its first sale, in PERIOD."""
        begun = self._begun
        if begun.is_empty():
            return pl.Series("payee_id", dtype=pl.String)
        sold = within(payee_lines(self._run, payee, self.category), self._run.period)
        return (
            _of_any(sold.filter(~pl.col("is_return")), begun["customer_id"])
            .join(begun.lazy(), on=["customer_id", "counted_on"], how="semi")
            .select(pl.col("payee_id").unique())
            .collect(engine="streaming")["payee_id"]
        )

    def _of(self, payee: str) -> pl.DataFrame:
        """`payee_id`, `start` (Date), `revenue` (12 decimals), `sold` (Boolean: not only returns).

        A row for each payee with a line in a stretch: from one of the starts to the day before the
        next, the last one to PERIOD's last day.
        """
        if payee not in self._stretches:
            starts = self._starts
            index = pl.sum_horizontal(
                (pl.col("counted_on") >= start).cast(pl.UInt8) for start in starts
            )
            found = (
                payee_lines(self._run, payee, self.category)
                .filter(pl.col("counted_on") >= starts[0])
                .group_by("payee_id", index.alias("index"))
                .agg(
                    pl.col("amount").sum().alias("revenue"),
                    (~pl.col("is_return")).any().alias("sold"),
                )
                .collect(engine="streaming")
            )
            of_index = dict(enumerate(starts, start=1))
            self._stretches[payee] = found.select(
                "payee_id",
                pl.col("index").replace_strict(of_index, return_dtype=pl.Date).alias("start"),
                "revenue",
                "sold",
            )
        return self._stretches[payee]

    @cached_property
    def _begun(self) -> pl.DataFrame:
        """`customer_id`, `counted_on` (Date): the customers whose first sale of all lies in PERIOD."""
        sold = sold_lines(self._run).filter(
            ~pl.col("is_return"), pl.col("customer_id").is_not_null()
        )
        bought = (
            sold.filter(pl.col("counted_on") >= self._starts[0])
            .group_by("customer_id")
            .agg(pl.col("counted_on").min())
            .filter(pl.col("counted_on") >= self._run.period.first)
            .collect(engine="streaming")
        )
        stated = self._run.channel.tables["customers"].select("customer_id", "first_sale_on")
        new = (
            bought.join(stated, on="customer_id", how="left")
            .filter((pl.col("first_sale_on") >= pl.col("counted_on")).fill_null(True))
            .select("customer_id", "counted_on")
        )
        if new.is_empty():
            return new
        seen = _seen(sold.filter(pl.col("counted_on") < self._starts[0]), new["customer_id"])
        return new.filter(~pl.col("customer_id").is_in(seen.implode()))


def _seen(lines: pl.LazyFrame, ids: pl.Series) -> pl.Series:
    """Those of `ids` that some line has in the column that they are called after."""
    found = _of_any(lines, ids).select(pl.col(ids.name).unique())
    return found.collect(engine="streaming")[ids.name]


def _of_any(lines: pl.LazyFrame, ids: pl.Series) -> pl.LazyFrame:
    """The lines that have one of `ids` in the column that they are called after."""
    if ids.len() <= FEW:
        return lines.filter(pl.col(ids.name).is_in(ids.implode()))
    return lines.join(ids.to_frame().lazy(), on=ids.name, how="semi")
