"""What each row of earnings books: entitlement - booked, or what is kept of it.

Rows that are booked and no longer computed have the entitlement 0; what ended before the first period
was settled elsewhere; what is older than `correct_for_months` is closed (docs/rules.md, "Settlement").
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.periods import add_months
from incentivectl.engine.engine import Settled
from incentivectl.programs.model import Program
from incentivectl.rules.earning.limits import EARNINGS
from incentivectl.rules.lines.payees import period_status
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.people import people
from incentivectl.settlement.budgets import within_budgets
from incentivectl.settlement.past import Past

KEY = ("program_id", "period_start", "payee_kind", "payee_id", "currency")
PERIODS: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "last_day": pl.Date,
    "period": pl.Int32,
    "period_status": pl.String,
    "kind": pl.String,
    "rule_hash": pl.String,
}
CLOSED: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "payee_name": pl.String,
    "currency": pl.String,
    "booked": money.AMOUNT,
    "computed": money.AMOUNT,
    "difference": money.AMOUNT,
}
ELSEWHERE, CLOSED_STATUS = "settled-elsewhere", "closed"
ZERO = money.literal(0)


@dataclass(frozen=True)
class Window:
    """Which measurement periods a ledger may still book.

    What ended before `first_day` was settled elsewhere; what ended more than `correct_for_months`
    months before the last day of PERIOD is closed, but for those `reopened` (program id, first day).
    """

    first_day: date | None = None
    correct_for_months: int | None = None
    reopened: frozenset[tuple[str, date]] = frozenset()


def with_bookings(
    settled: Sequence[Settled],
    channel: LineSource,
    programs: Sequence[Program],
    past: Past,
    window: Window,
) -> pl.DataFrame:
    """All earnings with `booked_before`, `kept`, `this_batch` (6 decimals) and `limited` (Boolean).

    `limited` tells where a budget had no room left for all of it. Sorted by program as given, then
    measurement period and payee, as the earnings of `settled` are.
    """
    computed = pl.concat([pl.DataFrame(schema=EARNINGS), *(one.earnings for one in settled)])
    gone = _gone(computed, settled, channel, past.booked)
    rows = computed if gone.is_empty() else _in_order(pl.concat([computed, gone]), programs)
    booked = past.booked.group_by(*KEY).agg(pl.col("booked_before").sum())
    rows = rows.join(booked, on=[*KEY], how="left", maintain_order="left").with_columns(
        pl.col("booked_before").fill_null(ZERO)
    )
    rows = _with_window(rows, window, channel.as_of)
    return within_budgets(_with_this_batch(rows), programs, channel.currency)


def closed_differences(earnings: pl.DataFrame) -> pl.DataFrame:
    """What closed measurement periods would book if they were not (columns `CLOSED`)."""
    differing = earnings.filter(
        (pl.col("status") == CLOSED_STATUS) & (pl.col("computed") != pl.col("entitlement"))
    )
    return differing.with_columns(
        booked="booked_before", difference=pl.col("computed") - pl.col("booked_before")
    ).select(pl.col(name).cast(dtype) for name, dtype in CLOSED.items())


def _gone(
    computed: pl.DataFrame, settled: Sequence[Settled], channel: LineSource, booked: pl.DataFrame
) -> pl.DataFrame:
    """Rows (columns `EARNINGS`) for what is booked and no longer computed: their entitlement is 0."""
    if booked.is_empty():
        return pl.DataFrame(schema=EARNINGS)
    missing = booked.join(computed, on=[*KEY], how="anti").unique(subset=[*KEY])
    if missing.is_empty():
        return pl.DataFrame(schema=EARNINGS)
    named = missing.join(_periods(settled), on=["program_id", "period_start"], how="left").join(
        people(channel, missing), on=["payee_kind", "payee_id"], how="left"
    )
    nothing: dict[str, pl.Expr] = {
        name: pl.lit(0) if name in _AMOUNTS else pl.lit(None) for name in EARNINGS
    }
    still_going_on = (pl.col("period_status") == "accruing").fill_null(value=False)
    may_be_paid = pl.col("is_active") | still_going_on
    known: dict[str, pl.Expr] = {
        **{name: pl.col(name) for name in (*KEY, "payee_name", "period", "kind", "rule_hash")},
        "boost": pl.lit(1),
        "period_end": pl.coalesce("last_day", "period_end", "period_start"),
        "inactive": ~may_be_paid,
        "status": pl.when(may_be_paid)
        .then(pl.col("period_status").fill_null("due"))
        .otherwise(pl.lit("held")),
    }
    return named.select(
        expression.cast(EARNINGS[name]).alias(name)
        for name, expression in {**nothing, **known}.items()
    )


_AMOUNTS = frozenset({"reward", "cap_cut", "before_budget", "budget_cut", "entitlement"})


def _periods(settled: Sequence[Settled]) -> pl.DataFrame:
    """The measurement periods of every program (columns `PERIODS`)."""
    return pl.DataFrame(
        [
            (
                one.case.program.id,
                period.start,
                period.end,
                index,
                period_status(one.case, period),
                one.case.program.kind,
                one.case.program.rule_hash,
            )
            for one in settled
            for index, period in enumerate(one.case.periods)
        ],
        schema=PERIODS,
        orient="row",
    )


def _with_window(rows: pl.DataFrame, window: Window, as_of: date) -> pl.DataFrame:
    """Adds `computed`; what may not be booked any more gets its status and what is booked instead."""
    ends = rows["period_end"].unique().to_list()
    first, months = window.first_day, window.correct_for_months
    elsewhere = [end for end in ends if first is not None and end < first]
    old = [end for end in ends if months is not None and add_months(end, months) < as_of]
    is_elsewhere = pl.col("period_end").is_in(elsewhere)
    is_closed = pl.col("period_end").is_in(old) & ~is_elsewhere & ~_reopened(window.reopened)
    return rows.with_columns(
        computed="entitlement",
        status=pl.when(is_elsewhere)
        .then(pl.lit(ELSEWHERE))
        .when(is_closed)
        .then(pl.lit(CLOSED_STATUS))
        .otherwise("status"),
        entitlement=pl.when(is_closed).then("booked_before").otherwise("entitlement"),
        inactive=pl.col("inactive") & ~is_elsewhere & ~is_closed,
    )


def _reopened(pairs: Collection[tuple[str, date]]) -> pl.Expr:
    named = [
        (pl.col("program_id") == program) & (pl.col("period_start") == start)
        for program, start in sorted(pairs)
    ]
    return pl.any_horizontal(pl.lit(value=False), *named)


def _with_this_batch(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `kept` and `this_batch`: max(entitlement, kept) - booked, where it may be booked at all.

    A held row of a payee who is not active books only what it reverses; what accrues or is within
    its hold days books nothing.
    """
    booked = pl.col("booked_before")
    is_due = pl.col("status") == "due"
    counts = is_due | pl.col("inactive") | (booked != 0)
    kept = pl.min_horizontal(booked, "before_budget")
    change = pl.max_horizontal("entitlement", "kept") - booked
    return rows.with_columns(
        kept=pl.when(pl.col("status") == CLOSED_STATUS)
        .then(booked)
        .when(counts)
        .then(kept)
        .otherwise(ZERO)
    ).with_columns(
        this_batch=pl.when(is_due)
        .then(change)
        .when(pl.col("inactive"))
        .then(pl.min_horizontal(change, ZERO))
        .otherwise(ZERO)
    )


def _in_order(rows: pl.DataFrame, programs: Sequence[Program]) -> pl.DataFrame:
    order = {program.id: index for index, program in enumerate(programs)}
    place = pl.col("program_id").replace_strict(order, default=len(order), return_dtype=pl.Int32)
    return rows.sort(place, "program_id", "period_start", "payee_kind", "payee_id", "currency")
