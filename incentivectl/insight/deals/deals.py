"""How registered deals stand on the last day of PERIOD (docs/rules.md, "Deal registration")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.frames import Schema
from incentivectl.insight.deals.cycle import cycle, waiting, with_groups
from incentivectl.kinds.deal_registration.model import DealRegistrationProgram
from incentivectl.rules.case import LINE_ORDER, Case
from incentivectl.rules.lines.coverage import (
    approved_deals,
    conflicts,
    covered_a_day_late,
    protection_days,
)
from incentivectl.rules.lines.eligibility import judged
from incentivectl.run.known import Known
from incentivectl.sales.signs import is_void, with_is_return

EXPIRING_DAYS = 30
CYCLES = {"partner": "partner_id", "category": "category", "quarter": "quarter"}
STATUSES = ("submitted", "approved", "won", "lost", "rejected", "withdrawn")

PROTECTED: Schema = {
    "program_id": pl.String,
    "deal_id": pl.String,
    "partner_id": pl.String,
    "customer_id": pl.String,
    "status": pl.String,
    "approved_on": pl.Date,
    "protected_until": pl.Date,
    "registered": money.AMOUNT,
    "sold": money.AMOUNT,
    "counted": money.AMOUNT,
    "sales": pl.UInt32,
}
CONFLICTS: Schema = {
    "program_id": pl.String,
    "customer_id": pl.String,
    "winner": pl.String,
    "winner_partner_id": pl.String,
    "winner_registered_on": pl.Date,
    "loser": pl.String,
    "loser_partner_id": pl.String,
    "loser_registered_on": pl.Date,
    "winner_loses": pl.Boolean,
}
LATE: Schema = {
    "program_id": pl.String,
    "deal_id": pl.String,
    "protected_until": pl.Date,
    "partner_id": pl.String,
    "customer_id": pl.String,
    "sale_id": pl.String,
    "line_id": pl.String,
    "counted_on": pl.Date,
    "product_id": pl.String,
    "amount_ws": money.AMOUNT,
}


@dataclass(frozen=True)
class Deals:
    """Deals as of a day; amounts are in workspace currency.

    `pipeline`: status (String), deals, without_amount (UInt32), amount (6 decimals). `win_rate` is
    won / (won + lost), 4 decimals; `median_days` those from registration to close of won and lost
    deals. Of each program of the kind: `protected` (`PROTECTED`) has every deal that can cover a
    line, with the amount of the lines that it covers (`sold`), that of those which the program counts
    (`counted`), and how many are no returns (`sales`); `conflicts` (`CONFLICTS`) both parties; `late`
    (`LATE`) the sales that lack a deal because its protection ended the day before. `cycles`
    (`cycle.CYCLE`) by partner, category and quarter of registration; `waiting` (`cycle.WAITING`) what
    nobody has decided yet.
    """

    as_of: date
    programs: tuple[str, ...]
    pipeline: pl.DataFrame
    won: int
    lost: int
    win_rate: Decimal | None
    median_days: Decimal | None
    protected: pl.DataFrame
    conflicts: pl.DataFrame
    late: pl.DataFrame
    cycles: Mapping[str, pl.DataFrame]
    waiting: pl.DataFrame

    @property
    def expiring(self) -> pl.DataFrame:
        """Of `protected`, what ends within 30 days after the last day of PERIOD."""
        last = self.as_of + timedelta(days=EXPIRING_DAYS)
        ends = pl.col("protected_until")
        return self.protected.filter(ends > self.as_of, ends <= last).sort(
            "protected_until", "program_id", "deal_id"
        )

    @property
    def unsold(self) -> pl.DataFrame:
        """Of `protected`, the deals that nobody sold into."""
        return self.protected.filter(pl.col("sales") == 0)


def deals_of(known: Known) -> Deals:
    """The deals of a workspace; refuses where it has no table of them."""
    if not known.has("deals"):
        problem = Problem(
            "no-deals",
            "the table `deals` is missing: no deals are registered",
            hint="put an export at sample_data/deals.csv, or name it in [sources.deals]",
            file=known.loaded.workspace.config_file,
        )
        raise Refused([problem], ExitCode.CONFIG)
    as_of = known.channel.as_of
    deals = known.channel.tables["deals"].with_columns(status=status_on(as_of))
    registered = deals.filter(pl.col("registered_on") <= as_of)
    number = {status: registered.filter(status=status).height for status in ("won", "lost")}
    decided = sum(number.values())
    cases = known.cases(DealRegistrationProgram)
    protected = _stacked([_protected(case, deals) for case in cases], PROTECTED)
    grouped = with_groups(registered, known.channel, protected.select("deal_id", "sold"))
    return Deals(
        as_of=as_of,
        programs=tuple(case.program.id for case in cases),
        pipeline=_pipeline(registered),
        won=number["won"],
        lost=number["lost"],
        win_rate=money.round_decimal(Decimal(number["won"]) / decided, 4) if decided else None,
        median_days=_median_days(registered),
        protected=protected,
        conflicts=_stacked([_conflicts(case) for case in cases], CONFLICTS),
        late=_stacked([_late(case) for case in cases], LATE),
        cycles={by: cycle(grouped, column, as_of) for by, column in CYCLES.items()},
        waiting=waiting(grouped, as_of),
    )


def status_on(day: date) -> pl.Expr:
    """The status that a deal had on `day`, as far as its dates tell.

    One that was closed later was still approved, one that was approved later still submitted.
    """
    was_open = (pl.col("closed_on") > day).fill_null(False)
    approved = pl.when(pl.col("approved_on") <= day).then(pl.lit("approved"))
    approved_later = (pl.col("status") == "approved") & (pl.col("approved_on") > day)
    return (
        pl.when(was_open | approved_later.fill_null(False))
        .then(approved.otherwise(pl.lit("submitted")))
        .otherwise("status")
    )


def _pipeline(deals: pl.DataFrame) -> pl.DataFrame:
    """`status`, `deals`, `without_amount`, `amount`, in the order that a deal goes through them."""
    return (
        deals.group_by("status")
        .agg(
            pl.len().alias("deals"),
            pl.col("amount").null_count().alias("without_amount"),
            pl.col("amount").sum(),
        )
        .sort(pl.col("status").replace_strict({name: i for i, name in enumerate(STATUSES)}))
    )


def _median_days(deals: pl.DataFrame) -> Decimal | None:
    """Half a day is the only fraction that a median of whole days can have."""
    closed = deals.filter(
        pl.col("status").is_in(["won", "lost"]), pl.col("closed_on").is_not_null()
    )
    days = closed.select((pl.col("closed_on") - pl.col("registered_on")).dt.total_days())
    return median(Decimal(number) for number in days.to_series()) if closed.height else None


def _protected(case: Case, deals: pl.DataFrame) -> pl.DataFrame:
    """`PROTECTED` of one program."""
    of_lines = case.lookups.covered(protection_days(case.program)).with_columns(
        pl.col("deal").cast(pl.String)
    )
    is_sale = ~pl.col("is_return") & ~is_void()
    sold = (
        with_is_return(case.channel.lines)
        .join(of_lines, on="row", how="left")
        .group_by("deal")
        .agg(pl.col("amount_ws").sum().alias("sold"), is_sale.sum().alias("sales"))
    )
    eligible = judged(case, case.periods).filter(pl.col("reason").is_null())
    counted = (
        eligible.join(of_lines, on="row", how="left")
        .group_by("deal")
        .agg(pl.col("amount_ws").sum().alias("counted"))
    )
    status = deals.select("deal_id", "status")
    return (
        approved_deals(case.program, case.channel)
        .lazy()
        .drop("status")
        .join(status.lazy(), on="deal_id", how="left")
        .join(sold, left_on="deal_id", right_on="deal", how="left")
        .join(counted, left_on="deal_id", right_on="deal", how="left")
        .with_columns(
            pl.col("sold", "counted").fill_null(money.literal(0)),
            pl.col("sales").fill_null(0),
            program_id=pl.lit(case.program.id),
            registered="amount",
        )
        .select(*PROTECTED)
        .sort("deal_id")
        .collect(engine="streaming")
    )


def _conflicts(case: Case) -> pl.DataFrame:
    """`CONFLICTS` of one program."""
    found = conflicts(case.program, case.channel)
    days = case.channel.tables["deals"].select("deal_id", "registered_on")
    return (
        found.join(days, on="deal_id", how="left")
        .join(days, left_on="earlier_deal_id", right_on="deal_id", how="left", suffix="_of_winner")
        .select(
            "customer_id",
            program_id=pl.lit(case.program.id),
            winner="earlier_deal_id",
            winner_partner_id="earlier_partner_id",
            winner_registered_on="registered_on_of_winner",
            loser="deal_id",
            loser_partner_id="partner_id",
            loser_registered_on="registered_on",
            winner_loses=pl.col("earlier_deal_id").is_in(found["deal_id"].to_list()),
        )
        .select(*CONFLICTS)
        .sort("winner", "loser")
    )


def _late(case: Case) -> pl.DataFrame:
    """`LATE` of one program: sales that it would count if only a deal covered them."""
    until = approved_deals(case.program, case.channel).select(
        pl.col("deal_id").alias("deal"), "protected_until"
    )
    return (
        judged(case, case.periods)
        .filter(pl.col("reason") == "no-deal", ~pl.col("is_return"))
        .join(covered_a_day_late(case.program, case.channel, case.facts), on="row", how="inner")
        .join(until.lazy(), on="deal", how="left")
        .sort(*LINE_ORDER)
        .with_columns(program_id=pl.lit(case.program.id), deal_id="deal")
        .select(*LATE)
        .collect(engine="streaming")
    )


def _stacked(frames: Sequence[pl.DataFrame], schema: Schema) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *frames])
