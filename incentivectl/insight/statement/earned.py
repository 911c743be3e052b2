"""The earnings that payees are told of, and what explains them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.insight.statement.by_payee import WHO
from incentivectl.insight.statement.items import items_of
from incentivectl.insight.statement.next_step import distance, next_steps
from incentivectl.kinds.rebate.rules import counted_lines
from incentivectl.output.language import POINTS
from incentivectl.programs.bundle import Need
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward
from incentivectl.programs.words.statements import EarningRow, Item, NextStep, TermPaid
from incentivectl.rules.case import Case, due_day
from incentivectl.rules.earning.earn import EARNED
from incentivectl.rules.earning.limits import TAKEN
from incentivectl.rules.earning.measures import quantities_of_needs
from incentivectl.run.run import Run
from incentivectl.run.statement_books import PeriodBooks, earnings_of

Row = dict[str, Any]
_ELSEWHERE = "settled-elsewhere"
_KEYS: Schema = {"period": pl.Int32, "payee_id": pl.String}
_BY_TERM = _KEYS | {"by_term": pl.List(pl.Struct({"block": pl.Int32, "earned": money.EARNED}))}
_NEEDS = _KEYS | {"needs": pl.List(pl.Struct({"need": pl.Int32, "quantity": money.SHARED}))}


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
    """Some earnings of a run (and the `method` that each is paid by) by program, with what explains them.

    That is what was measured, the reward that was taken, the rank, and the next step.
    """
    by_program = earnings.partition_by("program_id", as_dict=True)
    for one in run.settled:
        of_program = by_program.get((one.case.program.id,))
        if of_program is not None:
            yield one.case, _explained(one, of_program)


def _explained(one: Settled, rows: pl.DataFrame) -> pl.DataFrame:
    """Earnings with what was measured, the reward and terms that were taken, the rank, and the next step."""
    keys = ["period", "payee_id"]
    measured = one.measured.payees if one.measured is not None else pl.DataFrame(schema=keys)
    for name in ("block", "revenue", "quantity", TAKEN):
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
    extra = measured.with_columns(rank=rank).select(
        *keys, "block", "revenue", "quantity", "rank", TAKEN
    )
    own = pl.col("payee_id").is_in(rows["payee_id"].unique().implode())
    steps = next_steps(one, own).rename({"metric": "next_metric"})
    found = rows.join(extra, on=keys, how="left").join(steps, on=keys, how="left")
    items = items_of(one, rows["payee_id"])
    for more in (_by_term(one, own), _needs_had(one, own, found), items):
        found = found.join(more, on=keys, how="left")
    return found


def _by_term(one: Settled, own: pl.Expr) -> pl.DataFrame:
    """`by_term` of the payees whose terms are found for each line: `block` and what it earned, in order."""
    measured = one.measured
    if measured is None or measured.details is None or not _adds_up_terms(one.case):
        return pl.DataFrame(schema=_BY_TERM)
    earned = pl.struct("block", earned=pl.sum_horizontal(EARNED))
    return (
        measured.details.filter(own)
        .sort("block")
        .group_by("period", "payee_id", maintain_order=True)
        .agg(by_term=earned)
    )


def _adds_up_terms(case: Case) -> bool:
    return case.program.terms_by_line and case.program.tiers_over_period


def _needs_had(one: Settled, own: pl.Expr, found: pl.DataFrame) -> pl.DataFrame:
    """`needs` of the payees who are told of one bundle more: each need's place and quantity so far.

    Only where bundles are made of all lines of a payee.
    """
    bundle, measured = one.case.program.bundle, one.measured
    lines = None if measured is None else measured.judged
    is_told = (found["step"] == "bundle").any()
    if bundle is None or bundle.per is not None or lines is None or not is_told:
        return pl.DataFrame(schema=_NEEDS)
    had = quantities_of_needs(one.case, counted_lines(one.case, lines)).filter(own)
    return had.group_by("period", "payee_id").agg(needs=pl.struct("need", "quantity")).collect()


def earning_row(case: Case, row: Row) -> EarningRow:
    """A row of `explained` as a statement tells it."""
    program = case.program
    period = case.periods[row["period"]]
    terms = _terms(case, row)
    names = (
        "period_start", "period_end", "currency", "status", "inactive", "metric", "metric_value",
        "baseline", "tier", "rate", "reward", "boost", "cap_cut", "before_budget", "budget_cut",
        "entitlement", "kept", "booked_before", "this_batch", "why_nothing", "revenue", "quantity",
        "rank",
    )  # fmt: skip
    return EarningRow(
        program=program,
        payable_from=due_day(period, program.payout.hold_days),
        reward_block=_reward(case, row),
        next_step=_next_step(case, row, period.end),
        terms=terms,
        items=tuple(Item(**item) for item in row["items"] or ()),
        points_per_unit=program.payout.points_per_unit if row["method"] == POINTS else None,
        **{name: row[name] for name in names},
    )


def _reward(case: Case, row: Row) -> Reward | None:
    """The reward or the one term that a payee takes."""
    if not case.program.reward:
        return None
    taken: list[int] = row[TAKEN] or []
    block = taken[0] if len(taken) == 1 else row["block"]
    return None if block is None else case.blocks.reward(block)


def _terms(case: Case, row: Row) -> tuple[TermPaid, ...]:
    """The terms that a payee took, with what it earned under each where its lines took them."""
    earned = {one["block"]: one["earned"] for one in row["by_term"] or ()}
    found = ((case.blocks.term(block), earned.get(block)) for block in row[TAKEN] or ())
    return tuple(TermPaid(term, amount) for term, amount in found if term is not None)


def _next_step(case: Case, row: Row, until: date) -> NextStep | None:
    if row["step"] is None:
        return None
    more = None if row["at_goal"] is None else row["at_goal"] - row["before_budget"]
    metric, block = row["next_metric"], row["next_block"]
    term = None if block is None else case.blocks.term(block)
    return NextStep(
        step=row["step"],
        metric=metric,
        have=row["have"],
        goal=row["goal"],
        missing=distance(row["have"], row["goal"], metric, case.digits),
        tier=row["next_tier"],
        more=more if more is not None and more > 0 else None,
        until=until,
        reward=None if block is None else case.blocks.reward(block),
        contract="" if term is None else term.contract,
        gate=None if row["gate"] is None else case.program.gate[row["gate"]],
        needs=_missing_needs(case.program, row),
    )


def _missing_needs(program: Program, row: Row) -> tuple[tuple[Need, Decimal], ...]:
    """What of each need is missing to one bundle more; empty where that is not known."""
    if row["needs"] is None:
        return ()
    had = {one["need"]: one["quantity"] for one in row["needs"]}
    with money.exactly():
        missing = (
            (need, row["goal"] * need.quantity - had.get(place, Decimal(0)))
            for place, need in enumerate(program.needs)
        )
        return tuple((need, number) for need, number in missing if number > 0)
