"""What the ledger recorded, summed up as the journal tells it: nothing is computed from exports.

Amounts are whole minor units of their currency. `opening` entries and their payments are left out: they
were booked and paid before the ledger began.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Units = int
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Booked:
    """What a batch books of one program: entries that add, or entries that claw back."""

    program_id: str | None
    method: str
    debtor: str | None
    currency: str
    units: Units


@dataclass(frozen=True)
class Accrued:
    """What a batch records as unbooked of one program and measurement period."""

    program_id: str
    period_start: str
    status: str
    debtor: str | None
    currency: str
    units: Units


@dataclass(frozen=True)
class Answered:
    """Payments that one record found paid, or `returned` after they were paid.

    `withheld` is the part of them that was kept back for the tax office.
    """

    record: int
    batch_id: str
    day: date
    returned: bool
    method: str
    debtor: str | None
    currency: str
    units: Units
    withheld: Units


_ENTRIES = """
SELECT batch_id, program_id, method, debtor, currency, sum(amount_minor) FROM entries
WHERE kind <> 'opening'
GROUP BY batch_id, program_id, method, debtor, currency, amount_minor > 0
ORDER BY batch_id, program_id, method, debtor, currency, amount_minor < 0
"""
_ACCRUALS = """
SELECT batch_id, program_id, period_start, status, debtor, currency, amount_minor FROM accruals
ORDER BY id
"""
_EARNED = """
SELECT batch_id, program_id, period_start, currency, sum(amount_minor) FROM entries
WHERE kind <> 'opening' AND adjustment_id IS NULL
GROUP BY batch_id, program_id, period_start, currency
"""
_ANSWERS = """
SELECT r.seq, r.batch_id, substr(r.recorded_at, 1, 10), s.state = 'failed', p.method, p.debtor_name,
       p.currency, sum(p.amount_minor), sum(coalesce(
         (SELECT withheld_minor FROM remittances m WHERE m.payment_id = p.payment_id
          ORDER BY m.record DESC LIMIT 1), 0))
FROM payment_states s JOIN records r ON r.seq = s.record
JOIN payments p ON p.payment_id = s.payment_id
WHERE r.kind = 'confirm' AND p.kind = 'transfer' AND (s.state = 'paid' OR EXISTS
  (SELECT 1 FROM payment_states b
   WHERE b.payment_id = s.payment_id AND b.id < s.id AND b.state = 'paid'))
GROUP BY r.seq, s.state, p.method, p.debtor_name, p.currency
ORDER BY r.seq, s.state DESC, p.method, p.debtor_name, p.currency
"""
_KINDS = """
SELECT program_id, kind FROM rules JOIN batches b ON b.id = batch_id
WHERE kind IS NOT NULL ORDER BY b.record
"""


@dataclass(frozen=True)
class Sums:
    """What the ledger holds, by batch.

    `entries` by program, method, debtor and currency, what adds before what claws back; `earned` by
    program, first day of the measurement period, and currency. `answers` are in the order in which they
    were recorded. `kinds`: program → kind, as the newest batch that saw it recorded it.
    """

    entries: Mapping[str, Sequence[Booked]]
    earned: Mapping[str, Mapping[tuple[str, str, str], Units]]
    accruals: Mapping[str, Sequence[Accrued]]
    answers: Sequence[Answered]
    kinds: Mapping[str, str]


def sums_of(connection: sqlite3.Connection) -> Sums:
    """All sums of a ledger."""
    earned: dict[str, dict[tuple[str, str, str], Units]] = {}
    for batch_id, program_id, start, currency, units in connection.execute(_EARNED):
        earned.setdefault(batch_id, {})[program_id, start, currency] = units
    answers = [
        Answered(seq, batch_id, date.fromisoformat(day), bool(returned), *others)
        for seq, batch_id, day, returned, *others in connection.execute(_ANSWERS)
    ]
    return Sums(
        _by_batch(connection, _ENTRIES, Booked),
        earned,
        _by_batch(connection, _ACCRUALS, Accrued),
        answers,
        dict(connection.execute(_KINDS).fetchall()),
    )


def _by_batch(
    connection: sqlite3.Connection, query: str, row: Callable[..., _Row]
) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for batch_id, *values in connection.execute(query):
        found.setdefault(batch_id, []).append(row(*values))
    return found
