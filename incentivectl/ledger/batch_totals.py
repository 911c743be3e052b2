"""What the batches of a period booked, and where their payments stand."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from incentivectl.core import money
from incentivectl.core.periods import Period
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import Batch, batches

ENTRIES = "entries"
HELD_BACK = "held back"  # a cash payment that an export of its batch did not send
_STATES = ("reserved", "released", HELD_BACK, "exported", "paid", "failed", "cancelled")
_ENTRIES = """
SELECT currency, count(*), sum(amount_minor) FROM entries
WHERE batch_id = ? AND kind <> 'opening' GROUP BY currency ORDER BY currency
"""
_PAYMENTS = """
SELECT p.currency, p.method, s.state, count(*), sum(p.amount_minor)
FROM payments p JOIN payment_states s
  ON s.id = (SELECT max(id) FROM payment_states WHERE payment_id = p.payment_id)
WHERE p.batch_id = ? AND p.kind = 'transfer' GROUP BY 1, 2, 3
"""
_EXPORTED = "SELECT EXISTS (SELECT 1 FROM records WHERE kind = 'export' AND batch_id = ?)"


@dataclass(frozen=True)
class BatchTotal:
    """How many entries, or payments of a state, a batch has in a currency, and what they come to."""

    batch_id: str
    what: str
    currency: str
    number: int
    amount: Decimal

    @property
    def is_payment(self) -> bool:
        """Whether it counts payments; what failed or was cancelled is in the balance again."""
        return self.what not in (ENTRIES, "failed", "cancelled")


@dataclass(frozen=True)
class Booked:
    """What the standing batches within a period booked, oldest first.

    `batches` are their ids, `since` those that were booked after a run. `is_posted`: one of them is dated on
    the period's last day.
    """

    totals: tuple[BatchTotal, ...] = ()
    since: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    is_posted: bool = False


def booked_within(ledger: Path, period: Period, head: str | None = None) -> Booked:
    """The batches that stand and lie within a period: entries, then payments by state.

    `head` is the hash of the newest batch that a run knew; opening amounts are left out.
    """
    with reading(ledger) as connection:
        if connection is None:
            return Booked()
        every = batches(connection)
        known = next((one.record for one in every if one.hash == head), 0)
        mine = [
            one
            for one in every
            if not one.is_void and period.first <= one.first_day and one.dated <= period.last
        ]
        since = [one.id for one in mine if head is not None and one.record > known]
        return Booked(
            tuple(total for one in mine for total in _totals(connection, one)),
            tuple(since),
            tuple(one.id for one in mine),
            any(one.dated == period.last for one in mine),
        )


def _totals(connection: sqlite3.Connection, batch: Batch) -> Iterator[BatchTotal]:
    for currency, number, units in connection.execute(_ENTRIES, (batch.id,)).fetchall():
        amount = money.from_minor(units, currency)
        yield BatchTotal(batch.id, ENTRIES, currency, number, amount)
    (went_out,) = connection.execute(_EXPORTED, (batch.id,)).fetchone()
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for currency, method, state, number, units in connection.execute(_PAYMENTS, (batch.id,)):
        waits = state in ("reserved", "released") and went_out and method == "cash"
        key = (HELD_BACK if waits else state, currency)
        before = sums.get(key, (0, 0))
        sums[key] = (before[0] + number, before[1] + units)
    for state, currency in sorted(sums, key=lambda key: (_STATES.index(key[0]), key[1])):
        number, units = sums[state, currency]
        amount = money.from_minor(units, currency)
        yield BatchTotal(batch.id, state, currency, number, amount)
