"""The earnings that payees are told of, and what explains them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from incentivectl.engine.engine import Settled
from incentivectl.insight.statement.by_payee import WHO
from incentivectl.insight.statement.next_step import distance, next_steps
from incentivectl.programs.words.statements import EarningRow, NextStep
from incentivectl.rules.case import Case, due_day
from incentivectl.run.run import Run
from incentivectl.run.statement_books import PeriodBooks, earnings_of

Row = dict[str, Any]
_ELSEWHERE = "settled-elsewhere"


def news(run: Run, books: PeriodBooks) -> pl.DataFrame:
    """`payee_kind`, `payee_id` and `row` (its place) of the run's earnings that a statement tells of.

    They are of this period, still open, or changed now.
    """
    keys = ("program_id", "period_start", "period_end", *WHO, "currency", "status")
    is_news = (
        (pl.col("this_batch") != 0)
        | (pl.col("status") != "due")
        | (pl.col("period_end") >= run.period.first)
    )
    earnings = run.earnings.select(*keys, "booked_before", "this_batch").with_row_index("row")
    return (
        earnings_of(earnings, books)
        .filter(pl.col("status") != _ELSEWHERE, is_news)
        .select(*WHO, "row")
    )


def explained(run: Run, earnings: pl.DataFrame) -> Iterator[tuple[Case, pl.DataFrame]]:
    """Some earnings of a run by program, with what explains them.

    That is what was measured, the reward that was taken, the rank, and the next step.
    """
    by_program = earnings.partition_by("program_id", as_dict=True)
    for one in run.settled:
        of_program = by_program.get((one.case.program.id,))
        if of_program is not None:
            yield one.case, _explained(one, of_program)


def _explained(one: Settled, rows: pl.DataFrame) -> pl.DataFrame:
    """Earnings with what was measured, the reward that was taken, the rank, and the next step."""
    keys = ["period", "payee_id"]
    measured = one.measured.payees if one.measured is not None else pl.DataFrame(schema=keys)
    for name in ("block", "revenue", "quantity"):
        if name not in measured.columns:
            measured = measured.with_columns(pl.lit(None).alias(name))
    rank = pl.lit(None, dtype=pl.UInt32)
    if one.case.program.ranks_payees:
        rank = (
            pl.when(pl.col("why_nothing").is_null() | (pl.col("why_nothing") == "no-prize"))
            .then(pl.col("metric_value"))
            .rank("min", descending=True)
            .over("period", "block")
        )
    extra = measured.with_columns(rank=rank).select(*keys, "block", "revenue", "quantity", "rank")
    own = pl.col("payee_id").is_in(rows["payee_id"].unique().implode())
    return rows.join(extra, on=keys, how="left").join(
        next_steps(one, own).rename({"metric": "next_metric"}), on=keys, how="left"
    )


def earning_row(case: Case, row: Row) -> EarningRow:
    """A row of `Statements.earned` as statements tell it."""
    """A row of `explained` as a statement tells it."""
    program = case.program
    period = case.periods[row["period"]]
    block = row["block"]
    names = (
        "period_start", "period_end", "currency", "status", "inactive", "metric", "metric_value",
        "baseline", "tier", "rate", "reward", "boost", "cap_cut", "before_budget", "budget_cut",
        "entitlement", "kept", "booked_before", "this_batch", "why_nothing", "revenue", "quantity",
        "rank",
    )  # fmt: skip
    return EarningRow(
        program=program,
        payable_from=due_day(period, program.payout.hold_days),
        reward_block=program.reward[block] if block is not None and program.reward else None,
        next_step=_next_step(case, row, period.end),
        **{name: row[name] for name in names},
    )


def _next_step(case: Case, row: Row, until: date) -> NextStep | None:
    if row["step"] is None:
        return None
    more = None if row["at_goal"] is None else row["at_goal"] - row["before_budget"]
    metric = row["next_metric"]
    return NextStep(
        step=row["step"],
        metric=metric,
        have=row["have"],
        goal=row["goal"],
        missing=distance(row["have"], row["goal"], metric, case.digits),
        tier=row["next_tier"],
        more=more if more is not None and more > 0 else None,
        until=until,
    )
