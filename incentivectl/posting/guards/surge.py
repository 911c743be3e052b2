"""(f) Far more new money than before, or a payment beyond `[payout] maximum`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import polars as pl

from incentivectl import money
from incentivectl.posting.guards.situation import Refusal, Situation, refusal
from incentivectl.settlement.bookings import ZERO

BATCHES_BEFORE = 3
_BEFORE = """
SELECT sum(amount_minor) FROM entries
WHERE batch_id = ? AND program_id = ? AND currency = ? AND kind <> 'opening' AND adjustment_id IS NULL
"""


def surge(situation: Situation) -> Iterator[Refusal]:
    """Refuses for each program whose batch exceeds `surge_guard` x the mean of its last three."""
    factor = situation.run.loaded.workspace.payout.surge_guard
    new = (
        situation.run.settlement.entries.filter(
            pl.col("adjustment_id").is_null() & (pl.col("kind") != "opening")
        )
        .group_by("program_id", "currency")
        .agg(pl.col("amount").sum())
        .sort("program_id", "currency")
    )
    for program_id, currency, amount in new.iter_rows():
        before = _last_batches(situation, program_id, currency)
        together = sum(before, Decimal(0))
        if together > 0 and amount * len(before) > factor * together:
            mean = money.round_decimal(together / len(before), money.minor_digits(currency))
            yield refusal(
                "surge",
                f"program {program_id}: {amount:,.2f} {currency} are more than {factor:f} times"
                f" {mean:,f}, the mean of its last {len(before)} batches",
                "are amounts in another unit than before?",
            )


def _last_batches(situation: Situation, program_id: str, currency: str) -> list[Decimal]:
    """What the last batches with money of a program booked for it."""
    found: list[Decimal] = []
    for batch in reversed(situation.standing):
        row = situation.connection.execute(_BEFORE, (batch.id, program_id, currency)).fetchone()
        if row[0] is not None:
            found.append(money.from_minor(row[0], currency))
        if len(found) == BATCHES_BEFORE:
            break
    return found


def maximum(situation: Situation) -> Iterator[Refusal]:
    """Refuses for each payment beyond `[payout] maximum`, an amount or a table of currencies."""
    limit = situation.run.loaded.workspace.payout.maximum
    if limit is None:
        return
    channel = situation.run.channel
    paid = situation.run.payouts.filter(pl.col("payable") > 0)
    home = channel.rates.in_workspace(
        pl.col("payable"), pl.col("currency"), pl.lit(channel.as_of), home=channel.currency
    )
    compared = paid.with_columns(home=home.fill_null(ZERO))
    for row in compared.iter_rows(named=True):
        most = limit.get(row["currency"]) if isinstance(limit, Mapping) else limit
        amount = row["payable"] if isinstance(limit, Mapping) else row["home"]
        if most is not None and amount > most:
            yield refusal(
                "maximum",
                f"{row['payee_id']}: a payment of {row['payable']:,.2f} {row['currency']} is beyond"
                f" the maximum of {most:f}",
                "look at `run` and raise [payout] maximum if it is right",
            )
