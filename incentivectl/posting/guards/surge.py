"""Far more new money than before, or a payment beyond `[payout] maximum`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.posting.guards.judged_run import JudgedRun, Refusal
from incentivectl.settlement.bookings import ZERO

BATCHES_BEFORE = 3
_BEFORE = """
SELECT sum(amount_minor) FROM entries
WHERE batch_id = ? AND program_id = ? AND currency = ? AND kind <> 'opening' AND adjustment_id IS NULL
"""


def surge(judged: JudgedRun) -> Iterator[Refusal]:
    """Refuses for each program whose batch exceeds `surge_guard` x the mean of its last three."""
    factor = judged.run.loaded.workspace.payout.surge_guard
    new = (
        judged.run.settlement.entries.filter(
            pl.col("adjustment_id").is_null() & (pl.col("kind") != "opening")
        )
        .group_by("program_id", "currency")
        .agg(pl.col("amount").sum())
        .sort("program_id", "currency")
    )
    for program_id, currency, amount in new.iter_rows():
        before = _last_batches(judged, program_id, currency)
        together = sum(before, Decimal(0))
        if together > 0 and amount * len(before) > factor * together:
            mean = money.round_decimal(together / len(before), money.minor_digits(currency))
            batches = f"last {len(before)} batches" if len(before) > 1 else "last batch"
            message = (
                f"program {program_id}: {money.money_text(amount, currency)} are more than"
                f" {factor:f} times {mean:,f}, the mean of its {batches}"
            )
            hint = "has the unit of amounts changed?"
            yield Refusal("surge", program_id, message, hint)


def _last_batches(judged: JudgedRun, program_id: str, currency: str) -> list[Decimal]:
    """What the last batches with money of a program booked for it."""
    found: list[Decimal] = []
    for batch in reversed(judged.standing):
        row = judged.connection.execute(_BEFORE, (batch.id, program_id, currency)).fetchone()
        if row[0] is not None:
            found.append(money.from_minor(row[0], currency))
        if len(found) == BATCHES_BEFORE:
            break
    return found


def maximum(judged: JudgedRun) -> Iterator[Refusal]:
    """Refuses for each payment beyond `[payout] maximum`, an amount or a table of currencies."""
    limit = judged.run.loaded.workspace.payout.maximum
    if limit is None:
        return
    channel = judged.run.channel
    paid = judged.run.payouts.filter(pl.col("payable") > 0)
    home = channel.rates.in_workspace(
        pl.col("payable"), pl.col("currency"), pl.lit(channel.as_of), home=channel.currency
    )
    compared = paid.with_columns(home=home.fill_null(ZERO))
    for row in compared.iter_rows(named=True):
        most = limit.get(row["currency"]) if isinstance(limit, Mapping) else limit
        amount = row["payable"] if isinstance(limit, Mapping) else row["home"]
        if most is not None and amount > most:
            payment = money.money_text(row["payable"], row["currency"])
            currency = row["currency"] if isinstance(limit, Mapping) else channel.currency
            message = (
                f"{row['payee_id']}: a payment of {payment} exceeds the maximum of"
                f" {money.money_text(most, currency)}"
            )
            hint = "raise [payout] maximum if the payment is right"
            yield Refusal("maximum", row["payee_id"], message, hint)
