"""What batches of one PERIOD booked and paid, for statements."""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import Period
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import batches
from incentivectl.run.statement_books import ENTERED, PAID, PeriodBooks

_BALANCE = "payee_kind, payee_id, currency, method"
_ENTERED = f"""
SELECT {_BALANCE}, program_id, period_start, adjustment_id, sum(amount_minor)
FROM entries e JOIN batches b ON b.id = e.batch_id
WHERE b.dated BETWEEN :first AND :last AND e.kind <> 'opening'
GROUP BY {_BALANCE}, program_id, period_start, adjustment_id
"""
_PAID = f"""
SELECT {_BALANCE}, sum(units) FROM (
  SELECT {_BALANCE}, amount_minor AS units
  FROM payments p JOIN batches b ON b.id = p.batch_id
  WHERE b.dated BETWEEN :first AND :last AND p.kind <> 'opening'
  UNION ALL
  SELECT {_BALANCE}, -amount_minor
  FROM payment_states s JOIN payments p ON p.payment_id = s.payment_id
  JOIN records r ON r.seq = s.record
  WHERE s.state IN ('failed', 'cancelled') AND r.effective_on BETWEEN :first AND :last
    AND p.kind <> 'opening'
) GROUP BY {_BALANCE}
"""


def books_of(ledger: Path, period: Period) -> PeriodBooks:
    """What batches dated in PERIOD booked and paid; nothing without a ledger."""
    with reading(ledger) as connection:
        if connection is None:
            return PeriodBooks()
        before = period.last - timedelta(days=1)
        standing = (one for one in batches(connection) if not one.is_void and one.reverses is None)
        return PeriodBooks(
            entered=_entered(connection, period.first, before),
            paid=_amounts(connection, _PAID, list(PAID), period.first, before).select(*PAID),
            entered_last=_entered(connection, period.last, period.last),
            has_posted=any(one.dated == period.last for one in standing),
        )


def _entered(connection: sqlite3.Connection, first: date, last: date) -> pl.DataFrame:
    found = _amounts(connection, _ENTERED, list(ENTERED), first, last)
    return found.with_columns(pl.col("period_start").str.to_date()).select(*ENTERED)


def _amounts(
    connection: sqlite3.Connection, query: str, names: Sequence[str], first: date, last: date
) -> pl.DataFrame:
    """Rows whose last column is a sum of minor units, as an amount (6 decimals)."""
    rows = connection.execute(query, {"first": first.isoformat(), "last": last.isoformat()})
    schema = {name: pl.Int64 if name == "amount" else pl.String for name in names}
    frame = pl.DataFrame(rows.fetchall(), schema=schema, orient="row")
    return frame.with_columns(amount=money.amounts_of(pl.col("amount"), pl.col("currency")))
