"""Clawbacks beyond a share of what the same measurement periods had been posted."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.posting.guards.judged_run import JudgedRun, Refusal
from incentivectl.settlement.bookings import ZERO

TOTAL = "total"  # the subject of all programs together
_PERIOD = ["program_id", "period_start", "currency"]


def clawbacks(judged: JudgedRun) -> Iterator[Refusal]:
    """Refuses for each program, and for all together in the workspace's currency."""
    limit = judged.run.loaded.workspace.payout.clawback_guard
    periods = _clawed_back(judged)
    for (program_id, currency), rows in periods.group_by(
        "program_id", "currency", maintain_order=True
    ):
        whose = f"program {program_id}"
        yield from _judged(str(program_id), whose, rows, "", str(currency), limit)
    if periods["program_id"].n_unique() > 1:
        home = judged.run.loaded.workspace.currency
        every = _in_currency(judged, periods)
        yield from _judged(TOTAL, "all programs", every, "_home", home, limit)


def _clawed_back(judged: JudgedRun) -> pl.DataFrame:
    """Measurement periods with clawbacks: `taken` and `posted` (6 decimals)."""
    taken = (
        judged.run.settlement.entries.filter(pl.col("kind") == "clawback")
        .group_by(_PERIOD)
        .agg((-pl.col("amount")).sum().alias("taken"))
    )
    posted = judged.run.earnings.group_by(_PERIOD).agg(
        pl.col("booked_before").sum().alias("posted")
    )
    return taken.join(posted, on=_PERIOD, how="left").sort(_PERIOD)


def _in_currency(judged: JudgedRun, periods: pl.DataFrame) -> pl.DataFrame:
    """Adds both amounts in the workspace's currency; without a rate a program is judged by itself."""
    channel = judged.run.channel
    currency, day = pl.col("currency"), pl.lit(channel.as_of)
    return periods.with_columns(
        channel.rates.in_workspace(pl.col(name), currency, day, home=channel.currency)
        .fill_null(ZERO)
        .alias(f"{name}_home")
        for name in ("taken", "posted")
    )


def _judged(
    subject: str, whose: str, rows: pl.DataFrame, suffix: str, currency: str, limit: Decimal
) -> Iterator[Refusal]:
    taken, posted = total(rows, f"taken{suffix}"), total(rows, f"posted{suffix}")
    if taken > limit * posted:
        message = (
            f"{whose}: clawbacks of {money.money_text(taken, currency)} are more than"
            f" {money.plain(limit * 100)} % of the {money.figure_text(posted, currency)} that were"
            " posted for the same measurement periods"
        )
        hint = "check them with `batch post --dry-run`: a missing export has this effect"
        yield Refusal("clawbacks", subject, message, hint)
