"""What the ledger adds to a statement: what PERIOD's earlier batches booked and paid, and what is posted.

A run knows what is booked before the last day of PERIOD; a statement tells all of PERIOD, however many
batches it has (docs/questions.md, "Statements").
"""

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.run.run import Run
from incentivectl.settlement.payouts import BALANCE

Posted = Literal["yes", "changed", "no"]
ENTERED: Schema = {
    **dict.fromkeys(BALANCE, pl.String),
    "program_id": pl.String,
    "period_start": pl.Date,
    "adjustment_id": pl.String,
    "amount": money.AMOUNT,
}
PAID: Schema = {**dict.fromkeys(BALANCE, pl.String), "amount": money.AMOUNT}
_NOTHING = money.literal(0)
_EARNING = ["program_id", "period_start", "payee_kind", "payee_id", "currency"]


def _empty(schema: Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class PeriodBooks:
    """Batches of PERIOD, without opening amounts, which were paid before.

    `entered` (columns `ENTERED`) are the sums of entries of batches dated in PERIOD before its last day,
    `paid` (columns `PAID`) the payments of these less those that came back, `entered_last` (columns
    `ENTERED`) the entries of batches dated on the last day; `has_posted` says whether one of them stands.
    """

    entered: pl.DataFrame = field(default_factory=lambda: _empty(ENTERED))
    paid: pl.DataFrame = field(default_factory=lambda: _empty(PAID))
    entered_last: pl.DataFrame = field(default_factory=lambda: _empty(ENTERED))
    has_posted: bool = False


def earnings_of(earnings: pl.DataFrame, books: PeriodBooks) -> pl.DataFrame:
    """Earnings of a run, with `booked_before` and `this_batch` as of PERIOD rather than its last batch."""
    entered = _sums(books.entered.filter(pl.col("adjustment_id").is_null()), _EARNING)
    return (
        earnings.join(entered, on=_EARNING, how="left", maintain_order="left")
        .with_columns(pl.col("amount").fill_null(_NOTHING))
        .with_columns(
            booked_before=pl.col("booked_before") - pl.col("amount"),
            this_batch=pl.col("this_batch") + pl.col("amount"),
        )
        .drop("amount")
    )


def adjustments_of(run: Run, books: PeriodBooks) -> pl.DataFrame:
    """The adjustments that are booked in PERIOD: payee, `adjustment_id`, `program_id`, and `amount`."""
    keys = ["payee_kind", "payee_id", "currency", "adjustment_id", "program_id"]
    now = run.settlement.entries.filter(pl.col("kind") == "adjustment")
    earlier = books.entered.filter(pl.col("adjustment_id").is_not_null())
    both = pl.concat([frame.select(*keys, "amount") for frame in (now, earlier)])
    return _sums(both, keys).filter(pl.col("amount") != 0)


def payouts_of(run: Run, books: PeriodBooks) -> pl.DataFrame:
    """Balances of PERIOD: brought forward into it + this_batch = payable + carried_forward + held.

    `payable` is all that is paid in PERIOD; `paid_earlier` is what of it earlier batches than its last
    one have paid.
    """
    entered = _sums(books.entered, BALANCE).rename({"amount": "entered"})
    paid = _sums(books.paid, BALANCE).rename({"amount": "paid_earlier"})
    amounts = ["brought_forward", "this_batch", "payable", "carried_forward", "held"]
    every = pl.concat([frame.select(BALANCE) for frame in (run.payouts, entered, paid)]).unique()
    return (
        every.join(run.payouts.select(*BALANCE, *amounts), on=BALANCE, how="left")
        .join(entered, on=BALANCE, how="left")
        .join(paid, on=BALANCE, how="left")
        .with_columns(pl.col(*amounts, "entered", "paid_earlier").fill_null(_NOTHING))
        .with_columns(
            brought_forward=pl.col("brought_forward") - pl.col("entered") + pl.col("paid_earlier"),
            this_batch=pl.col("this_batch") + pl.col("entered"),
            payable=pl.col("payable") + pl.col("paid_earlier"),
        )
        .drop("entered")
        .sort(BALANCE)
    )


def changed_since(run: Run, books: PeriodBooks) -> frozenset[tuple[str, str]]:
    """Kind and id of the payees whose last batch would book something else now."""
    booked = _sums(books.entered_last, BALANCE)
    now = run.payouts.select(*BALANCE, computed="this_batch")
    differing = now.join(booked, on=BALANCE, how="full", coalesce=True).filter(
        pl.col("computed").fill_null(_NOTHING) != pl.col("amount").fill_null(_NOTHING)
    )
    return frozenset(differing.select("payee_kind", "payee_id").iter_rows())


def _sums(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return frame.group_by(keys).agg(pl.col("amount").sum())
