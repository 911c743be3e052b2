"""What stands unbooked on the last day of PERIOD (docs/ledger.md, "Accruals")."""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.kinds.catalogue import KINDS

ACCRUALS: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "status": pl.String,
    "currency": pl.String,
    "debtor": pl.String,
    "amount": money.AMOUNT,
}
KEY = ["program_id", "period_start", "period_end", "status", "currency", "debtor"]
UNBOOKED: Schema = {
    **{name: dtype for name, dtype in ACCRUALS.items() if name not in ("debtor", "amount")},
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "amount": money.AMOUNT,
}
_OF_PAYEE = ["program_id", "period_start", "payee_kind", "payee_id"]
HELD, ACCRUING, FUND = "held", "accruing", "fund"


def unbooked(
    earnings: pl.DataFrame, settled: Sequence[Settled], accrued: pl.DataFrame | None = None
) -> pl.LazyFrame:
    """What payees have earned and no batch has booked, and what funds hold (columns `UNBOOKED`).

    `earnings` are those of a settlement: what it books itself is not part of it. `accrued` (columns
    `engine.outlook.ACCRUED`) stands in for the entitlements to date of what accrues.
    """
    standing = pl.col("entitlement")
    earned = earnings.lazy().filter(pl.col("status").is_in([HELD, ACCRUING]))
    if accrued is not None:
        earned = earned.join(accrued.lazy(), on=_OF_PAYEE, how="left")
        going_on = pl.when(pl.col("status") == ACCRUING).then("accrued")
        standing = pl.coalesce(going_on, standing)
    change = standing - pl.col("booked_before") - pl.col("this_batch")
    parts = [earned.with_columns(amount=change), *(_promised(one).lazy() for one in settled)]
    return pl.concat(
        part.select(pl.col(name).cast(dtype) for name, dtype in UNBOOKED.items()) for part in parts
    ).filter(pl.col("amount") != 0)


def _promised(one: Settled) -> pl.DataFrame:
    """What the funds of a program hold, in the measurement period that began last."""
    case, promised = one.case, KINDS[one.case.program.kind].promised
    if promised is None or one.measured is None:
        return pl.DataFrame(schema=UNBOOKED)
    period = case.periods[-1]
    return promised(case, one.measured).with_columns(
        program_id=pl.lit(case.program.id),
        period_start=pl.lit(period.start),
        period_end=pl.lit(period.end),
        status=pl.lit(FUND),
        currency=pl.lit(case.currency),
        payee_kind=pl.lit("partner"),
    )


def accruals_of(unbooked: pl.LazyFrame) -> pl.DataFrame:
    """What payees have coming (columns `UNBOOKED` and `debtor`) as accruals (`ACCRUALS`), sorted."""
    return (
        unbooked.group_by(KEY)
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") != 0)
        .select(pl.col(name).cast(dtype) for name, dtype in ACCRUALS.items())
        .sort(KEY)
        .collect(engine="in-memory")
    )
