"""What stands unbooked on the last day of PERIOD (docs/ledger.md, "Accruals")."""

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema

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
STATUSES = ("held", "accruing")  # of earnings; what funds hold is `fund`


def accruals_of(earnings: pl.DataFrame) -> pl.DataFrame:
    """What is earned and neither booked before nor by this batch (columns `ACCRUALS`), sorted.

    `earnings` are those of a settlement, with `debtor`.
    """
    unbooked = pl.col("entitlement") - pl.col("booked_before") - pl.col("this_batch")
    return (
        earnings.lazy()
        .filter(pl.col("status").is_in(STATUSES))
        .group_by(KEY)
        .agg(unbooked.sum().alias("amount"))
        .filter(pl.col("amount") != 0)
        .select(pl.col(name).cast(dtype) for name, dtype in ACCRUALS.items())
        .sort(KEY)
        .collect()
    )
