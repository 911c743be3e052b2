"""What each program costs, in columns that add up (docs/questions.md, rule 91.2).

earned + kept = booked before + this batch + held + accruing + no budget left, for each program.
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.model import Program
from incentivectl.sales.line_source import LineSource
from incentivectl.settlement.adjustments import adjustments_up_to
from incentivectl.settlement.bookings import ELSEWHERE
from incentivectl.settlement.past import Past

LEFT = ("earned", "kept")
RIGHT = ("booked_before", "this_batch", "held", "accruing", "no_budget_left")
AMOUNTS = (*LEFT, *RIGHT, "settled_elsewhere")
COSTS: Schema = {
    "program_id": pl.String,
    "currency": pl.String,
    **dict.fromkeys(AMOUNTS, money.AMOUNT),
    "due": money.AMOUNT,
    "payees": pl.Int64,
}
ADJUSTED: Schema = {
    "currency": pl.String,
    "booked_before": money.AMOUNT,
    "this_batch": money.AMOUNT,
}


def program_costs(earnings: pl.DataFrame) -> pl.DataFrame:
    """The cost of each program and currency with any row in `earnings` (columns `COSTS`, sorted).

    Amounts are in the program's currency (6 decimals). `earned` are the entitlements that concern
    this ledger, `kept` what is booked beyond them and not reversed; `held` and `accruing` are what
    is earned and not booked yet, `no_budget_left` what is due and not booked for want of budget.
    `settled_elsewhere` stands apart; `due` are the entitlements of due rows; `payees` counts those
    who earned anything.
    """
    status, entitlement = pl.col("status"), pl.col("entitlement")
    is_elsewhere = status == ELSEWHERE
    booked = pl.col("booked_before") + pl.col("this_batch")
    waits = status.is_in(["held", "accruing"]) & (pl.col("booked_before") == 0) & (booked == 0)
    goal = pl.when(waits).then(entitlement).otherwise(pl.max_horizontal("entitlement", "kept"))
    here = ~is_elsewhere
    return (
        earnings.with_columns(left=goal - booked, more=goal - entitlement)
        .group_by("program_id", "currency")
        .agg(
            earned=entitlement.filter(here).sum(),
            kept=pl.col("more").filter(here).sum(),
            booked_before=pl.col("booked_before").filter(here).sum(),
            this_batch=pl.col("this_batch").filter(here).sum(),
            held=pl.col("left").filter(status == "held").sum(),
            accruing=pl.col("left").filter(status == "accruing").sum(),
            no_budget_left=pl.col("left").filter(status == "due").sum(),
            settled_elsewhere=entitlement.filter(is_elsewhere).sum(),
            due=entitlement.filter(status == "due").sum(),
            payees=pl.col("payee_id").filter(entitlement != 0).n_unique(),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in COSTS.items())
        .sort("program_id", "currency")
    )


def adjusted(channel: LineSource, programs: Sequence[Program], past: Past) -> pl.DataFrame:
    """Adjustments by currency: what is booked of them, and what this batch books (`ADJUSTED`)."""
    nothing = money.literal(0)
    known = adjustments_up_to(channel, programs).join(
        past.adjustments, on="adjustment_id", how="left"
    )
    return (
        known.group_by("currency")
        .agg(
            booked_before=pl.col("booked").fill_null(nothing).sum(),
            this_batch=pl.col("amount").filter(pl.col("booked").is_null()).sum(),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in ADJUSTED.items())
        .sort("currency")
    )
