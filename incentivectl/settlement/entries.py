"""The entries that a batch books (docs/ledger.md, "Entries")."""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.model import Program
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.people import people
from incentivectl.settlement.adjustments import adjustments_up_to
from incentivectl.settlement.bookings import KEY, ZERO
from incentivectl.settlement.methods import method_for
from incentivectl.settlement.past import POINTS, Past

ENTRIES: Schema = {
    "kind": pl.String,
    "program_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "currency": pl.String,
    "method": pl.String,
    "amount": money.AMOUNT,
    "points": POINTS,
    "adjustment_id": pl.String,
    "rule_hash": pl.String,
    "debtor": pl.String,
}
ORDER = ["program_id", "period_start", "payee_kind", "payee_id", "currency", "adjustment_id"]


def entries_of(
    earnings: pl.DataFrame,
    opening: pl.DataFrame,
    channel: LineSource,
    programs: Sequence[Program],
    past: Past,
) -> pl.DataFrame:
    """What the batch books (columns `ENTRIES`): opening amounts, earnings, adjustments, in this order.

    `debtor` is not known yet.
    The first entry of a program, measurement period and payee is an `earning`, a later one a `true-up`
    or `clawback`. The method is chosen here and does not change afterwards.
    """
    parts = [
        opening.with_columns(kind=pl.lit("opening")).sort(ORDER[:-1]),
        _earned(earnings, past),
        _adjusted(channel, programs, past),
    ]
    entries = pl.concat([_as_entries(part) for part in parts])
    known = people(channel, entries, "payout_method").drop("payee_name")
    named = entries.join(
        known, on=["payee_kind", "payee_id"], how="left", maintain_order="left"
    ).with_columns(method=method_for(programs))
    return named.with_columns(points=_points(programs)).select(*ENTRIES)


def _earned(earnings: pl.DataFrame, past: Past) -> pl.DataFrame:
    booked = past.booked.select(*KEY, known=pl.lit(value=True)).unique()
    first = pl.col("known").is_null()
    asked = [name for name in ENTRIES if name in earnings.columns and name != "kind"]
    return (
        earnings.select(*asked, "this_batch")
        .filter(pl.col("this_batch") != 0)
        .join(booked, on=[*KEY], how="left", maintain_order="left")
        .with_columns(
            amount="this_batch",
            kind=pl.when(first)
            .then(pl.lit("earning"))
            .when(pl.col("this_batch") > 0)
            .then(pl.lit("true-up"))
            .otherwise(pl.lit("clawback")),
        )
        .sort(ORDER[:-1])
    )


def _adjusted(channel: LineSource, programs: Sequence[Program], past: Past) -> pl.DataFrame:
    return (
        adjustments_up_to(channel, programs)
        .join(past.adjustments, on="adjustment_id", how="anti")
        .filter(pl.col("amount") != 0)
        .with_columns(kind=pl.lit("adjustment"))
        .sort("adjustment_id")
    )


def _as_entries(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in ENTRIES.items()
    )


def _points(programs: Sequence[Program]) -> pl.Expr:
    """What an entry is worth in points, exact; null where it is not paid in points."""
    rates = [
        pl.when(pl.col("program_id") == program.id).then(
            money.literal(program.payout.points_per_unit)
        )
        for program in programs
    ]
    rate = pl.coalesce(*rates, money.literal(1))
    worth = money.multiply(pl.col("amount"), rate, scales=(money.SCALE, money.SCALE))
    return pl.when(pl.col("method") == "points").then(worth).cast(POINTS)


def changed_adjustments(channel: LineSource, programs: Sequence[Program], past: Past) -> list[str]:
    """The ids of adjustments whose amount has changed since it was booked."""
    return (
        adjustments_up_to(channel, programs)
        .join(past.adjustments, on="adjustment_id", how="inner")
        .filter(pl.col("amount").fill_null(ZERO) != pl.col("booked"))["adjustment_id"]
        .sort()
        .to_list()
    )
