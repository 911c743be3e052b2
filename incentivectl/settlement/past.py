"""What earlier batches booked, as frames: all that a settlement knows of the ledger."""

from dataclasses import dataclass, field

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema

POINTS = pl.Decimal(money.PRECISION, money.SHARED_SCALE)  # amount x points per unit
BOOKED: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "currency": pl.String,
    "booked_before": money.AMOUNT,
}
BALANCES: Schema = {
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "currency": pl.String,
    "method": pl.String,
    "brought_forward": money.AMOUNT,
    "points_forward": POINTS,
}
BOOKED_ADJUSTMENTS: Schema = {"adjustment_id": pl.String, "booked": money.AMOUNT}


def _empty(schema: Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class Past:
    """What batches dated up to the last day of PERIOD booked (docs/rules.md, "Settlement").

    `booked` has a row (columns `BOOKED`) for each program, measurement period and payee that an entry
    stands for, `balances` (columns `BALANCES`) one for each payee, currency and method with an entry or
    payment, `adjustments` (columns `BOOKED_ADJUSTMENTS`) one for each adjustment that is booked.
    `differing` names the balances that another query adds up differently. `has_begun`: there is a
    batch, so that `opening` is booked already. `head` is the hash of the newest batch, 64 zeros before
    the first.
    """

    booked: pl.DataFrame = field(default_factory=lambda: _empty(BOOKED))
    balances: pl.DataFrame = field(default_factory=lambda: _empty(BALANCES))
    adjustments: pl.DataFrame = field(default_factory=lambda: _empty(BOOKED_ADJUSTMENTS))
    differing: tuple[str, ...] = ()
    has_begun: bool = False
    head: str = "0" * 64
