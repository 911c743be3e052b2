"""What the ledger adds to a statement: what PERIOD's earlier batches booked and paid, and what is posted.

A run knows what is booked before the last day of PERIOD; a statement tells all of PERIOD, however many
batches it has (docs/questions.md, "Statements").
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.run.run import Run
from incentivectl.settlement.past import POINTS
from incentivectl.settlement.payouts import BALANCE

Posted = Literal["yes", "changed", "no"]
ENTERED: Schema = {
    **dict.fromkeys(BALANCE, pl.String),
    "program_id": pl.String,
    "period_start": pl.Date,
    "adjustment_id": pl.String,
    "amount": money.AMOUNT,
    "points": POINTS,
}
PAID: Schema = {**dict.fromkeys(BALANCE, pl.String), "amount": money.AMOUNT, "points": POINTS}
TOLD: Schema = {"payee_kind": pl.String, "payee_id": pl.String, "batch_id": pl.String}
_NOTHING = money.literal(0)
_NO_POINTS = money.literal(0, money.SHARED_SCALE)
_AMOUNTS = ["brought_forward", "this_batch", "payable", "carried_forward", "held"]
_EARNING = ["program_id", "period_start", "payee_kind", "payee_id", "currency"]


def _empty(schema: Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class YearBooks:
    """What is booked and paid (columns `PAID`) from the first day of a year on, less what came back."""

    first: date
    booked: pl.DataFrame = field(default_factory=lambda: _empty(PAID))
    paid: pl.DataFrame = field(default_factory=lambda: _empty(PAID))


@dataclass(frozen=True)
class ToldBatch:
    """The batch that a statement tells, and the one that it reverses; empty if it reverses none."""

    id: str
    reverses: str = ""


@dataclass(frozen=True)
class PeriodBooks:
    """Batches of PERIOD, without opening amounts, which were paid before.

    `entered` (columns `ENTERED`) are the sums of entries of batches dated in PERIOD before its last day,
    `paid` (columns `PAID`) the payments of these less those that came back, `entered_last` (columns
    `ENTERED`) the entries of batches dated on the last day; `has_posted` says whether one of them stands.
    `told` (columns `TOLD`) says which batches of PERIOD booked or paid anything for whom, in their order.
    `year` is the year to date, without what the run itself would book.

    Where the statement is that of one `batch`, the run is that batch, and nothing else is entered.
    """

    entered: pl.DataFrame = field(default_factory=lambda: _empty(ENTERED))
    paid: pl.DataFrame = field(default_factory=lambda: _empty(PAID))
    entered_last: pl.DataFrame = field(default_factory=lambda: _empty(ENTERED))
    has_posted: bool = False
    told: pl.DataFrame = field(default_factory=lambda: _empty(TOLD))
    year: YearBooks | None = None
    batch: ToldBatch | None = None


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
    """The adjustments that are booked in PERIOD: `BALANCE`, `adjustment_id`, `program_id`, and `amount`.

    Points are told as points, as in all that follows.
    """
    keys = [*BALANCE, "adjustment_id", "program_id"]
    now = run.settlement.entries.filter(pl.col("adjustment_id").is_not_null())
    earlier = books.entered.filter(pl.col("adjustment_id").is_not_null())
    both = pl.concat([_in_points(frame).select(*keys, "amount") for frame in (now, earlier)])
    return _sums(both, keys).filter(pl.col("amount") != 0)


def payouts_of(run: Run, books: PeriodBooks) -> pl.DataFrame:
    """Balances of PERIOD: brought forward into it + this_batch = payable + carried_forward + held.

    `payable` is all that is paid in PERIOD; `paid_earlier` is the part that earlier batches than its last
    one have paid.
    """
    entered = _sums(_in_points(books.entered), BALANCE).rename({"amount": "entered"})
    paid = _sums(_in_points(books.paid), BALANCE).rename({"amount": "paid_earlier"})
    now = _payouts_in_points(run)
    every = pl.concat([frame.select(BALANCE) for frame in (now, entered, paid)]).unique()
    return (
        every.join(now, on=BALANCE, how="left")
        .join(entered, on=BALANCE, how="left")
        .join(paid, on=BALANCE, how="left")
        .with_columns(pl.col(*_AMOUNTS, "entered", "paid_earlier").fill_null(_NO_POINTS))
        .with_columns(
            brought_forward=pl.col("brought_forward") - pl.col("entered") + pl.col("paid_earlier"),
            this_batch=pl.col("this_batch") + pl.col("entered"),
            payable=pl.col("payable") + pl.col("paid_earlier"),
        )
        .drop("entered")
        .sort(BALANCE)
    )


def year_to_date(run: Run, books: PeriodBooks) -> pl.DataFrame:
    """`BALANCE`, `booked` and `paid` of the year, with what the run books and pays itself."""
    year = books.year
    if year is None:
        return _empty({**PAID, "paid": money.AMOUNT}).rename({"amount": "booked"})
    entries = run.settlement.entries.filter(pl.col("kind") != "opening")
    paying = run.payouts.select(*BALANCE, "points", amount="payable")
    booked, paid = (
        _sums(_in_points(pl.concat([frame.select(*PAID) for frame in both])), BALANCE)
        for both in ((year.booked, entries), (year.paid, paying))
    )
    return (
        booked.rename({"amount": "booked"})
        .join(paid.rename({"amount": "paid"}), on=BALANCE, how="full", coalesce=True)
        .with_columns(pl.col("booked", "paid").fill_null(_NO_POINTS))
        .filter((pl.col("booked") != 0) | (pl.col("paid") != 0))
        .sort(BALANCE)
    )


def changed_since(run: Run, books: PeriodBooks) -> frozenset[tuple[str, str]]:
    """Kind and id of the payees whose last batch would book something else now."""
    if books.batch is not None or not books.has_posted:
        return frozenset()
    booked = _sums(books.entered_last, BALANCE)
    now = run.payouts.select(*BALANCE, computed="this_batch")
    differing = now.join(booked, on=BALANCE, how="full", coalesce=True).filter(
        pl.col("computed").fill_null(_NOTHING) != pl.col("amount").fill_null(_NOTHING)
    )
    return frozenset(differing.select("payee_kind", "payee_id").iter_rows())


def _sums(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return frame.group_by(keys).agg(pl.col("amount").sum())


def _in_points(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with `method`, `amount` and `points`, the amount a number of points where it is paid in them."""
    points = pl.when(pl.col("method") == "points").then(pl.col("points").fill_null(_NO_POINTS))
    return frame.with_columns(amount=pl.coalesce(points, pl.col("amount").cast(POINTS)))


def _payouts_in_points(run: Run) -> pl.DataFrame:
    """`BALANCE` and the amounts of a run's payouts, numbers of points where they are paid in points."""
    moving = run.settlement.entries.filter(
        pl.col("kind") != "opening", pl.col("method") == "points"
    )
    entered = moving.group_by(BALANCE).agg(entered=pl.col("points").sum())
    is_points = pl.col("method") == "points"
    rest = pl.col("points_forward") + pl.col("entered") - pl.col("points")
    in_points = {
        "brought_forward": pl.col("points_forward"),
        "this_batch": pl.col("entered"),
        "payable": pl.col("points"),
        "carried_forward": pl.when(pl.col("held") == 0).then(rest).otherwise(_NO_POINTS),
        "held": pl.when(pl.col("held") == 0).then(_NO_POINTS).otherwise(rest),
    }
    return (
        run.payouts.join(entered, on=BALANCE, how="left")
        .join(run.past.balances.select(*BALANCE, "points_forward"), on=BALANCE, how="left")
        .with_columns(pl.col("points_forward", "entered", "points").fill_null(_NO_POINTS))
        .select(
            *BALANCE,
            *(
                pl.when(is_points).then(worth).otherwise(pl.col(name).cast(POINTS)).alias(name)
                for name, worth in in_points.items()
            ),
        )
    )
