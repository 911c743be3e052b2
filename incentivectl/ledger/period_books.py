"""What batches of one PERIOD booked and paid, for statements."""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import Period
from incentivectl.ledger.books import ALWAYS
from incentivectl.ledger.connection import reading
from incentivectl.ledger.records import batches
from incentivectl.run.statement_books import ENTERED, PAID, TOLD, PeriodBooks, YearBooks
from incentivectl.settlement.past import POINTS

_BALANCE = "payee_kind, payee_id, currency, method"
_ENTERED = f"""
SELECT {_BALANCE}, program_id, period_start, adjustment_id, sum(amount_minor), exact_sum(points)
FROM entries e JOIN batches b ON b.id = e.batch_id
WHERE b.dated BETWEEN :first AND :last AND b.record < :before AND e.kind <> 'opening'
GROUP BY {_BALANCE}, program_id, period_start, adjustment_id
"""
_PAID = f"""
SELECT {_BALANCE}, sum(units), exact_sum(points) FROM (
  SELECT {_BALANCE}, amount_minor AS units, points
  FROM payments p JOIN batches b ON b.id = p.batch_id
  WHERE b.dated BETWEEN :first AND :last AND b.record < :before AND p.kind <> 'opening'
  UNION ALL
  SELECT {_BALANCE}, -amount_minor, '-' || points
  FROM payment_states s JOIN payments p ON p.payment_id = s.payment_id
  JOIN records r ON r.seq = s.record
  WHERE s.state IN ('failed', 'cancelled') AND r.effective_on BETWEEN :first AND :last
    AND r.seq < :before AND p.kind <> 'opening'
) GROUP BY {_BALANCE}
"""
_TOLD = """
SELECT payee_kind, payee_id, id FROM (
  SELECT payee_kind, payee_id, batch_id FROM entries WHERE kind <> 'opening'
  UNION
  SELECT payee_kind, payee_id, batch_id FROM payments WHERE kind <> 'opening'
) JOIN batches ON id = batch_id
WHERE dated BETWEEN :first AND :last ORDER BY record
"""


def books_of(ledger: Path, period: Period, year: Period) -> PeriodBooks:
    """What batches dated in PERIOD booked and paid, and in its year so far; nothing without a ledger."""
    with reading(ledger) as connection:
        if connection is None:
            return PeriodBooks(year=YearBooks(year.first))
        before = period.last - timedelta(days=1)
        standing = (one for one in batches(connection) if not one.is_void and one.reverses is None)
        return PeriodBooks(
            entered=_entered(connection, period.first, before),
            paid=_amounts(connection, _PAID, list(PAID), period.first, before).select(*PAID),
            entered_last=_entered(connection, period.last, period.last),
            has_posted=any(one.dated == period.last for one in standing),
            told=pl.DataFrame(
                connection.execute(_TOLD, _days(period.first, period.last)).fetchall(),
                schema=TOLD,
                orient="row",
            ),
            year=year_books(connection, year.first, before),
        )


def year_books(
    connection: sqlite3.Connection, first: date, last: date, before: int = ALWAYS
) -> YearBooks:
    """What batches dated from one day to another booked and paid, before a record."""
    booked = _amounts(connection, _ENTERED, list(ENTERED), first, last, before)
    paid = _amounts(connection, _PAID, list(PAID), first, last, before)
    return YearBooks(first, booked.select(*PAID), paid.select(*PAID))


def _entered(connection: sqlite3.Connection, first: date, last: date) -> pl.DataFrame:
    found = _amounts(connection, _ENTERED, list(ENTERED), first, last)
    return found.with_columns(pl.col("period_start").str.to_date()).select(*ENTERED)


def _amounts(
    connection: sqlite3.Connection,
    query: str,
    names: Sequence[str],
    first: date,
    last: date,
    before: int = ALWAYS,
) -> pl.DataFrame:
    """Rows whose last columns are a sum of minor units, as an amount, and one of points, as decimal text."""
    connection.create_aggregate("exact_sum", 1, _ExactSum)
    rows = connection.execute(query, _days(first, last) | {"before": before})
    schema = {name: pl.Int64 if name == "amount" else pl.String for name in names}
    frame = pl.DataFrame(rows.fetchall(), schema=schema, orient="row")
    return frame.with_columns(
        amount=money.amounts_of(pl.col("amount"), pl.col("currency")),
        points=pl.col("points").cast(POINTS),
    )


class _ExactSum:
    """SQL's sum of exact decimal texts; null without rows."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, text: Any) -> None:  # noqa: ANN401
        if text is not None:
            with money.exactly():
                self._sum = (self._sum or Decimal(0)) + Decimal(text)

    def finalize(self) -> Any:  # noqa: ANN401
        return None if self._sum is None else f"{self._sum:f}"


def _days(first: date, last: date) -> dict[str, str | int]:
    return {"first": first.isoformat(), "last": last.isoformat()}
