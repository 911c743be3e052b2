"""What is booked, as frames: the past that a settlement starts from (docs/rules.md, "Settlement").

A view knows the records that take effect up to a day, and on demand only those before one record, so
that a batch can be computed again as it was.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.ledger.chain import GENESIS
from incentivectl.ledger.records import newest_batch_hash
from incentivectl.settlement.accruals import ACCRUALS
from incentivectl.settlement.entries import ENTRIES
from incentivectl.settlement.past import BALANCES, BOOKED, BOOKED_ADJUSTMENTS, POINTS, Past

ALWAYS = 2**62  # before no record at all
# Entries of a batch that was reversed, and of the batch that reversed it, no longer count for these.
_STANDING = """
SELECT e.* FROM (
  SELECT b.id, b.reverses IS NULL AND NOT EXISTS
    (SELECT 1 FROM batches v WHERE v.reverses = b.id AND v.record < :before) AS stands
  FROM batches b WHERE b.dated <= :as_of AND b.record < :before
) known CROSS JOIN entries e ON e.batch_id = known.id
WHERE known.stands OR e.kind = 'opening'
"""
_BOOKED = f"""
SELECT program_id, period_start, max(period_end), payee_kind, payee_id, currency,
       sum(amount_minor)
FROM ({_STANDING}) WHERE adjustment_id IS NULL
GROUP BY program_id, period_start, payee_kind, payee_id, currency
"""
_ADJUSTED = f"""
SELECT adjustment_id, currency, sum(amount_minor)
FROM ({_STANDING}) WHERE adjustment_id IS NOT NULL GROUP BY adjustment_id, currency
"""
_ENTERED = """
SELECT payee_kind, payee_id, currency, method, sum(amount_minor)
FROM entries e JOIN batches b ON b.id = e.batch_id
WHERE b.dated <= :as_of AND b.record < :before
GROUP BY payee_kind, payee_id, currency, method
"""
# The payments of earlier batches that did not fail, as far as the day knows.
_GOING_OUT = """
SELECT p.* FROM payments p JOIN batches b ON b.id = p.batch_id
WHERE b.dated <= :as_of AND b.record < :before AND
  (SELECT s.state FROM payment_states s JOIN records r ON r.seq = s.record
   WHERE s.payment_id = p.payment_id AND r.effective_on <= :as_of AND r.seq < :before
   ORDER BY s.id DESC LIMIT 1) NOT IN ('failed', 'cancelled')
"""
_PAID = f"""
SELECT payee_kind, payee_id, currency, method, -sum(amount_minor)
FROM ({_GOING_OUT}) GROUP BY payee_kind, payee_id, currency, method
"""
_POINTS_ENTERED = """
SELECT payee_kind, payee_id, currency, method, points
FROM entries e JOIN batches b ON b.id = e.batch_id
WHERE b.dated <= :as_of AND b.record < :before AND points IS NOT NULL
"""
_POINTS_PAID = f"""
SELECT payee_kind, payee_id, currency, method, '-' || points
FROM ({_GOING_OUT}) WHERE points IS NOT NULL
"""
MOVEMENTS: Schema = {
    "dated": pl.Date,
    "batch_id": pl.String,
    "what": pl.String,
    "program_id": pl.String,
    "period_start": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "currency": pl.String,
    "method": pl.String,
    "amount": money.AMOUNT,
    "reference": pl.String,
}
_MOVEMENTS = """
SELECT b.dated, b.id AS batch_id, e.kind AS what, e.program_id, e.period_start, e.payee_kind,
       e.payee_id, e.currency, e.method, e.amount_minor AS units, e.adjustment_id AS reference,
       b.record AS seq, e.id AS place
FROM entries e JOIN batches b ON b.id = e.batch_id
UNION ALL
SELECT b.dated, b.id, 'payment', NULL, NULL, p.payee_kind, p.payee_id, p.currency, p.method,
       -p.amount_minor, p.payment_id, b.record, 1 << 60
FROM payments p JOIN batches b ON b.id = p.batch_id
UNION ALL
SELECT r.effective_on, b.id, 'payment ' || s.state, NULL, NULL, p.payee_kind, p.payee_id,
       p.currency, p.method, p.amount_minor, p.payment_id, r.seq, s.id
FROM payment_states s JOIN payments p ON p.payment_id = s.payment_id
JOIN batches b ON b.id = p.batch_id JOIN records r ON r.seq = s.record
WHERE s.state IN ('failed', 'cancelled')
"""
BALANCE = ["payee_kind", "payee_id", "currency", "method"]
_UNITS: Schema = {**dict.fromkeys(BALANCE, pl.String), "units": pl.Int64}


def past(connection: sqlite3.Connection | None, as_of: date, before: int = ALWAYS) -> Past:
    """What was booked up to a day, as a settlement needs it."""
    if connection is None:
        return Past(head=GENESIS)
    known: dict[str, str | int] = {"as_of": as_of.isoformat(), "before": before}
    begun = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM batches WHERE dated <= :as_of AND record < :before)", known
    ).fetchone()
    booked = _in_units(
        connection.execute(_BOOKED, known).fetchall(),
        {**{name: pl.String for name in BOOKED if name != "booked_before"}, "units": pl.Int64},
    )
    adjusted = _in_units(
        connection.execute(_ADJUSTED, known).fetchall(),
        {"adjustment_id": pl.String, "currency": pl.String, "units": pl.Int64},
    )
    brought = balances(connection, as_of, before)
    return Past(
        booked=booked.with_columns(
            pl.col("period_start", "period_end").str.to_date(), booked_before="amount"
        ).select(pl.col(name).cast(dtype) for name, dtype in BOOKED.items()),
        balances=brought,
        differing=_differing(connection, brought, known),
        adjustments=adjusted.with_columns(booked="amount").select(
            pl.col(name).cast(dtype) for name, dtype in BOOKED_ADJUSTMENTS.items()
        ),
        has_begun=bool(begun[0]),
        head=newest_batch_hash(connection, None if before == ALWAYS else before),
    )


def balances(
    connection: sqlite3.Connection | None, as_of: date, before: int = ALWAYS
) -> pl.DataFrame:
    """Entries - payments by payee, currency and method (columns `BALANCES`), sorted."""
    if connection is None:
        return pl.DataFrame(schema=BALANCES)
    known = {"as_of": as_of.isoformat(), "before": before}
    moved = [
        *connection.execute(_ENTERED, known).fetchall(),
        *connection.execute(_PAID, known).fetchall(),
    ]
    worth = [
        *connection.execute(_POINTS_ENTERED, known).fetchall(),
        *connection.execute(_POINTS_PAID, known).fetchall(),
    ]
    points = pl.DataFrame(
        [(*row[:4], Decimal(row[4].removeprefix("--"))) for row in worth],
        schema={**dict.fromkeys(BALANCE, pl.String), "points_forward": POINTS},
        orient="row",
    )
    return (
        _in_units(moved, _UNITS)
        .group_by(BALANCE)
        .agg(pl.col("amount").sum().alias("brought_forward"))
        .join(points.group_by(BALANCE).agg(pl.col("points_forward").sum()), on=BALANCE, how="left")
        .with_columns(pl.col("points_forward").fill_null(money.literal(0, money.SHARED_SCALE)))
        .select(pl.col(name).cast(dtype) for name, dtype in BALANCES.items())
        .sort(BALANCE)
    )


def _differing(
    connection: sqlite3.Connection, brought: pl.DataFrame, known: Mapping[str, str | int]
) -> tuple[str, ...]:
    """The balances that the movements, added up one by one, do not come to."""
    rows = connection.execute(
        f"SELECT payee_kind, payee_id, currency, method, sum(units) FROM ({_MOVEMENTS})"
        " WHERE dated <= :as_of AND seq < :before GROUP BY 1, 2, 3, 4",
        known,
    ).fetchall()
    both = _in_units(rows, _UNITS).join(brought, on=BALANCE, how="full", coalesce=True)
    nothing = money.literal(0)
    differing = both.filter(
        pl.col("amount").fill_null(nothing) != pl.col("brought_forward").fill_null(nothing)
    )
    return tuple(differing["payee_id"].sort())


def _in_units(rows: Sequence[tuple[object, ...]], schema: Schema) -> pl.DataFrame:
    """Rows with `units` and `currency`, and their `amount` (6 decimals)."""
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(amount=money.amounts_of(pl.col("units"), pl.col("currency")))


def opposite_entries(connection: sqlite3.Connection, batch_id: str) -> pl.DataFrame:
    """The entries that take a batch back (columns `ENTRIES`); opening amounts stay, they are paid."""
    query = """
    SELECT 'reversal' AS kind, program_id, period_start, period_end, payee_kind, payee_id, currency,
           method, -amount_minor AS units, points, adjustment_id, rule_hash,
           debtor
    FROM entries WHERE batch_id = ? AND kind <> 'opening' ORDER BY id
    """
    schema: Schema = {
        **{name: pl.String for name in ENTRIES if name != "amount"},
        "units": pl.Int64,
    }
    order = [name if name != "amount" else "units" for name in ENTRIES]
    rows = connection.execute(query, (batch_id,)).fetchall()
    frame = _in_units(rows, {name: schema[name] for name in order})
    return frame.with_columns(
        pl.col("period_start", "period_end").str.to_date(),
        points=-pl.col("points").cast(POINTS),
    ).select(pl.col(name).cast(dtype) for name, dtype in ENTRIES.items())


def entries(
    connection: sqlite3.Connection, *, batch_id: str | None = None, payee: str | None = None
) -> pl.DataFrame:
    """Entries as they were booked: columns `ENTRIES` with `batch_id` and `dated`, in their order."""
    query = f"""
    SELECT batch_id, dated, {", ".join(f"e.{_column(name)}" for name in ENTRIES)}
    FROM entries e JOIN batches b ON b.id = e.batch_id
    WHERE (:batch IS NULL OR e.batch_id = :batch) AND (:payee IS NULL OR e.payee_id = :payee)
    ORDER BY b.record, e.id
    """
    rows = connection.execute(query, {"batch": batch_id, "payee": payee}).fetchall()
    names = ["batch_id", "dated", *("units" if name == "amount" else name for name in ENTRIES)]
    frame = _in_units(rows, {name: pl.Int64 if name == "units" else pl.String for name in names})
    days = pl.col("dated", "period_start", "period_end").str.to_date()
    return frame.with_columns(days, pl.col("points").cast(POINTS)).select(
        "batch_id", "dated", *ENTRIES
    )


def accruals(connection: sqlite3.Connection, batch_id: str | None) -> pl.DataFrame:
    """What a batch recorded as unbooked (columns `ACCRUALS`), as it was booked; nothing of no batch."""
    names = ["units" if name == "amount" else name for name in ACCRUALS]
    query = (
        f"SELECT {', '.join(map(_column, ACCRUALS))} FROM accruals WHERE batch_id = ? ORDER BY id"
    )
    rows = connection.execute(query, (batch_id,)).fetchall()
    frame = _in_units(rows, {name: pl.Int64 if name == "units" else pl.String for name in names})
    return frame.with_columns(pl.col("period_start", "period_end").str.to_date()).select(*ACCRUALS)


def recorded_accruals(connection: sqlite3.Connection | None) -> pl.DataFrame:
    """What the batch that was booked last recorded as unbooked (columns `ACCRUALS`)."""
    if connection is None:
        return pl.DataFrame(schema=ACCRUALS)
    newest = connection.execute("SELECT id FROM batches ORDER BY record DESC LIMIT 1").fetchone()
    return accruals(connection, None if newest is None else newest[0])


def _column(name: str) -> str:
    return "amount_minor" if name == "amount" else name


def every_movement(connection: sqlite3.Connection | None) -> pl.DataFrame:
    """Entries, payments (negative) and payments that came back (columns `MOVEMENTS`), in order.

    The movements of a payee, currency and method add up to the balance.
    """
    return _moved(connection, "", {})


def payees(connection: sqlite3.Connection | None) -> list[tuple[str, str]]:
    """Kind and id of everybody for whom anything was ever booked, sorted."""
    if connection is None:
        return []
    query = "SELECT DISTINCT payee_kind, payee_id FROM entries ORDER BY payee_kind, payee_id"
    return connection.execute(query).fetchall()


def movements(
    connection: sqlite3.Connection | None, kind: str, payee_id: str, as_of: date
) -> pl.DataFrame:
    """The movements of one payee up to a day (columns `MOVEMENTS`)."""
    where = "WHERE payee_kind = :kind AND payee_id = :payee AND dated <= :as_of"
    return _moved(connection, where, {"kind": kind, "payee": payee_id, "as_of": as_of.isoformat()})


def _moved(
    connection: sqlite3.Connection | None, where: str, values: dict[str, str]
) -> pl.DataFrame:
    if connection is None:
        return pl.DataFrame(schema=MOVEMENTS)
    names = ["units" if name == "amount" else name for name in MOVEMENTS]
    query = f"SELECT {', '.join(names)} FROM ({_MOVEMENTS}) {where} ORDER BY seq, place"
    rows = connection.execute(query, values).fetchall()
    frame = _in_units(rows, {name: pl.Int64 if name == "units" else pl.String for name in names})
    return frame.with_columns(pl.col("dated", "period_start").str.to_date()).select(*MOVEMENTS)


def postings(connection: sqlite3.Connection | None) -> pl.DataFrame:
    """Program, measurement period and payee of what is booked, with the batches that booked it.

    Columns `program_id`, `period_start`, `payee_kind`, `payee_id`, `dated` (the batch's date) and
    `posted_on` (Date, UTC).
    """
    keys = "program_id, period_start, payee_kind, payee_id"
    query = f"""
    SELECT DISTINCT {keys}, b.dated, substr(r.recorded_at, 1, 10)
    FROM entries e JOIN batches b ON b.id = e.batch_id JOIN records r ON r.seq = b.record
    WHERE e.kind IN ('earning', 'true-up', 'clawback')
      AND b.id NOT IN (SELECT reverses FROM batches WHERE reverses IS NOT NULL)
    """
    rows = [] if connection is None else connection.execute(query).fetchall()
    names = (*keys.split(", "), "dated", "posted_on")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(pl.col("period_start", "dated", "posted_on").str.to_date())
