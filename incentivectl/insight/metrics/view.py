"""One run as the areas look at it: what was sold in its PERIOD, by whom, and what it earned."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import polars as pl

from incentivectl.core.frames import ROW, Schema
from incentivectl.core.periods import MeasurementPeriod, Period
from incentivectl.engine.engine import Settled
from incentivectl.insight.leaderboard.leaderboard import in_workspace_currency
from incentivectl.insight.leaderboard.payee_sales import facts_of, sold_lines, within
from incentivectl.insight.leaderboard.tiers_reached import earnings_with_goals
from incentivectl.insight.metrics.missing import Missing
from incentivectl.run.run import Run
from incentivectl.sales.facts import Facts
from incentivectl.sales.in_force import partners_in_force
from incentivectl.sales.people import is_active

POSTINGS: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "dated": pl.Date,
    "posted_on": pl.Date,
}
NO_CATEGORY = "(none)"
NO_PLACE = "(none)"


def no_postings() -> pl.DataFrame:
    """Postings (columns `POSTINGS`) of a ledger that holds nothing."""
    return pl.DataFrame(schema=POSTINGS)


@dataclass(frozen=True)
class View:
    """A run, and when its rewards were posted (columns `POSTINGS`, any number of rows for each)."""

    run: Run
    postings: pl.DataFrame

    @property
    def period(self) -> Period:
        """PERIOD, or the period that it is compared with."""
        return self.run.period

    @property
    def facts(self) -> Facts:
        """Facts about the sale lines as a whole."""
        return facts_of(self.run)

    @cached_property
    def lines(self) -> pl.LazyFrame:
        """The lines of PERIOD: those of `sold_lines` with `category` (never null)."""
        categories = self.run.channel.tables["products"].select("product_id", "category")
        return (
            within(sold_lines(self.run.channel), self.period)
            .join(categories.lazy(), on="product_id", how="left")
            .with_columns(pl.col("category").fill_null(NO_CATEGORY))
        )

    def month_of(self, day: date) -> Period:
        """The month that holds a day."""
        return self.run.channel.calendar.holding(day)

    @cached_property
    def sales_begin(self) -> date | None:
        """The first day of the month from which on there are lines at all."""
        first = self.run.inputs.sales.select(pl.col("counted_on").min()).collect().item()
        return self.month_of(first).first if isinstance(first, date) else None

    def no_sales_on(self, first: date) -> Missing | None:
        """Why nothing can be said of sales from `first` on: the exports begin later."""
        if self.run.channel.calendar.missing_day(first, first):
            return Missing("the table `calendar` begins too late: add earlier months")
        begin = self.sales_begin
        if begin is not None and begin <= first:
            return None
        known = "there are none at all"
        if begin is not None:
            known = f"they begin in {self.month_of(begin).label}"
        return Missing(f"`sales` would have to reach back to {first}, and {known}")

    def no_table(self, name: str) -> Missing | None:
        """Why a figure is missing: its table has no file."""
        if name in self.run.inputs.present:
            return None
        return Missing(f"the table `{name}` is missing: add sample_data/{name}.csv")

    @property
    def no_activities(self) -> Missing | None:
        """Why nothing can be said of PERIOD's activities: no table, or it begins later."""
        return self.no_rows_since("activities", "done_on", self.period.first)

    def no_rows_since(self, table: str, column: str, first: date) -> Missing | None:
        """Why nothing can be said of a table from `first` on: it is missing, or its first month is later."""
        begin = self.run.channel.tables[table][column].min()
        if isinstance(begin, date) and (month := self.month_of(begin)).first > first:
            return Missing(f"`{table}` begins in {month.label}, after {first}")
        return self.no_table(table)

    @property
    def no_programs(self) -> Missing | None:
        """Why nothing can be said of programs: none had a measurement period that PERIOD is about."""
        if self.programs:
            return None
        return Missing(f"no program was running in {self.period.label}")

    @cached_property
    def active_partners(self) -> frozenset[str]:
        """The partners with status active on PERIOD's last day, that have joined by then."""
        partners = self.run.channel.tables["partners"]
        ids = partners.select("partner_id").unique().with_columns(day=pl.lit(self.period.last))
        rows = partners_in_force(
            ids.lazy(),
            self.run.channel.partner_rows,
            {"status", "joined_on"},
            partner="partner_id",
            day="day",
        ).collect()
        joined = (pl.col("partner.joined_on") <= self.period.last).fill_null(True)
        active = is_active(pl.col("partner.status"))
        return frozenset(rows.filter(joined, active)["partner_id"])

    @cached_property
    def places(self) -> pl.DataFrame:
        """`partner`, and its `region` and `country` on PERIOD's last day, where any partner has one."""
        rows = self.in_force("partners")
        named = [name for name in ("region", "country") if rows[name].null_count() < rows.height]
        return rows.select(pl.col("partner_id").alias("partner"), pl.col(named).fill_null(NO_PLACE))

    def with_places(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with the places of their `partner`."""
        found = rows.join(self.places, on="partner", how="left")
        named = [name for name in ("region", "country") if name in found.columns]
        return found.with_columns(pl.col(named).fill_null(NO_PLACE))

    @cached_property
    def rep_partners(self) -> pl.DataFrame:
        """`rep_id`, `rep_partner_id`: where each rep stands on PERIOD's last day."""
        return self.in_force("reps").select("rep_id", pl.col("partner_id").alias("rep_partner_id"))

    def in_force(self, table: Literal["partners", "reps"]) -> pl.DataFrame:
        """The rows of partners or reps that are in force on PERIOD's last day."""
        channel, day = self.run.channel, self.period.last
        rows = channel.partner_rows if table == "partners" else channel.rep_rows
        return rows.filter(pl.col("in_force_from") <= day, pl.col("in_force_until") > day)

    def periods_of(self, one: Settled) -> tuple[int, ...]:
        """Which of a program's measurement periods PERIOD is about, as numbers from 0.

        Those that ended in it, or else the one that is still going on.
        """
        periods = one.case.periods
        ended = [
            index
            for index, period in enumerate(periods)
            if self.period.first <= period.end <= self.period.last
        ]
        if not ended and periods and periods[-1].end > self.period.last:
            ended = [len(periods) - 1]
        return tuple(ended)

    def windows_of(self, one: Settled) -> tuple[MeasurementPeriod, ...]:
        """Those measurement periods, the one that is still going on to date."""
        periods = [one.case.periods[index] for index in self.periods_of(one)]
        return tuple(
            MeasurementPeriod(period.start, min(period.end, self.period.last)) for period in periods
        )

    @cached_property
    def earnings(self) -> pl.DataFrame:
        """The earnings of those measurement periods.

        With `in_ws` (6 decimals, null without a rate), `reached`, `achieved` (see
        `tiers_reached`) and `of_partner`: the partner that is paid, or at which the rep stands.
        """
        rows = earnings_with_goals(self.run)
        about = pl.concat(
            [
                pl.DataFrame(schema={"program_id": pl.String, "period": pl.Int32}),
                *(
                    pl.DataFrame(
                        {"program_id": one.case.program.id, "period": self.periods_of(one)},
                        schema={"program_id": pl.String, "period": pl.Int32},
                    )
                    for one in self.run.settled
                    if self.periods_of(one)
                ),
            ]
        )
        with_partner = (
            rows.join(about, on=["program_id", "period"], how="semi")
            .join(self.rep_partners, left_on="payee_id", right_on="rep_id", how="left")
            .with_columns(
                of_partner=pl.when(pl.col("payee_kind") == "rep")
                .then("rep_partner_id")
                .otherwise("payee_id")
            )
        )
        return in_workspace_currency(self.run, with_partner, "entitlement")

    @cached_property
    def earning_rows(self) -> pl.DataFrame:
        """`row`, `program` of the lines of PERIOD that earn something (or take something back)."""
        frames = [pl.LazyFrame(schema={"row": ROW, "program": pl.String})]
        frames += [
            one.measured.contributions.filter(
                pl.col("row").is_not_null(),
                pl.col("contribution") != 0,
                pl.col("counted_on").is_between(self.period.first, self.period.last),
            ).select("row", program=pl.lit(one.case.program.id))
            for one in self.run.settled
            if one.measured is not None
        ]
        return pl.concat(frames).unique().collect(engine="streaming")

    @cached_property
    def programs(self) -> tuple[Settled, ...]:
        """The programs with a measurement period that PERIOD is about."""
        return tuple(one for one in self.run.settled if self.periods_of(one))

    @cached_property
    def activities(self) -> pl.DataFrame:
        """Passed activities up to PERIOD's last day, each with the partner that it belongs to."""
        return self.facts.activities

    def in_period(self, frame: pl.DataFrame, day: str) -> pl.DataFrame:
        """The rows of `frame` whose `day` lies in PERIOD."""
        return frame.filter(pl.col(day).is_between(self.period.first, self.period.last))
