"""What payees are paid, in statements: adjustments, balances, the year to date."""

from collections.abc import Iterator

import polars as pl

from incentivectl.insight.statement.by_payee import Who, who
from incentivectl.insight.statement.statement import (
    Adjustment,
    Payout,
    YearToDate,
)
from incentivectl.run.run import Run
from incentivectl.run.statement_books import PeriodBooks, adjustments_of

_PAYOUT = ("currency", "method", "brought_forward", "this_batch", "payable", "paid_earlier",
           "carried_forward", "held")  # fmt: skip


def booked_adjustments(run: Run, books: PeriodBooks) -> pl.DataFrame:
    """The adjustments that are booked in PERIOD, with `on` and `reason`, by day and id."""
    texts = run.channel.tables["adjustments"].select("adjustment_id", "on", "reason")
    return (
        adjustments_of(run, books)
        .join(texts, on="adjustment_id", how="left")
        .with_columns(pl.col("on").fill_null(run.period.last), pl.col("reason").fill_null(""))
        .sort("on", "adjustment_id")
    )


def adjustments_in(rows: pl.DataFrame) -> Iterator[tuple[Who, Adjustment]]:
    """The adjustments of some rows, each with its payee."""
    names = ("adjustment_id", "on", "program_id", "currency", "method", "amount", "reason")
    for row in rows.iter_rows(named=True):
        yield who(row), Adjustment(**{name: row[name] for name in names})


def payouts_in(rows: pl.DataFrame) -> Iterator[tuple[Who, Payout]]:
    """The payouts of some rows of `payouts_of`, each with its payee."""
    for row in rows.iter_rows(named=True):
        yield who(row), Payout(**{name: row[name] for name in _PAYOUT})


def year_in(rows: pl.DataFrame) -> Iterator[tuple[Who, YearToDate]]:
    """The years to date of some rows of `year_to_date`, each with its payee."""
    names = ("currency", "method", "booked", "paid")
    for row in rows.iter_rows(named=True):
        yield who(row), YearToDate(**{name: row[name] for name in names})
