"""Appending to the ledger: records, batches with what they book and pay, states of payments.

Everything here works within the transaction of `connection.writing`; nothing is ever changed.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.rates import RatesOfDay
from incentivectl.ledger import chain
from incentivectl.ledger.chain import Value
from incentivectl.ledger.records import newest_batch_hash, newest_hash

NO_ACCOUNT = ("", "", "")
# Columns of the frames that are dates or decimals become text before they are booked.
_ENTRY = (
    "kind", "program_id", "period_start", "period_end", "payee_kind", "payee_id", "currency",
    "method", "units", "points", "adjustment_id", "rule_hash", "debtor",
)  # fmt: skip
_PAYMENT_KEY = ("kind", "payee_kind", "payee_id", "currency", "method")
_PAYMENT = (*_PAYMENT_KEY, "units", "points", "debtor_name", "debtor_iban", "debtor_bic")
_ACCRUAL = (
    "program_id", "period_start", "period_end", "status", "currency", "debtor", "units",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who makes a change, where and when."""

    at: datetime
    user: str
    host: str


@dataclass(frozen=True, slots=True)
class State:
    """A payment's next state; `account` is the name, IBAN and BIC that it goes to."""

    payment_id: str
    state: str
    reason: str = ""
    account: tuple[str, str, str] = NO_ACCOUNT


@dataclass(frozen=True, slots=True)
class Remittance:
    """What an export sends of a payment in cash, in minor units: gross = withheld + net.

    The payee's tax form and rate of withholding are those in force on the day of execution.
    """

    payment_id: str
    execute_on: date
    tax_form: str | None
    withholding: Decimal
    gross_minor: int
    withheld_minor: int
    net_minor: int


@dataclass(frozen=True)
class NewBatch:
    """A batch before it is booked.

    `entries` has the columns of `settlement.entries.ENTRIES`; `payments` those of a payout with `kind`
    (`transfer` or `opening`), `amount`, `points` and the account of the debtor; `accruals` those of
    `settlement.accruals.ACCRUALS`. `rules`: program id → rule hash and kind; `deliveries`: (source,
    month, lines); `rates` are those of its date.
    """

    id: str
    period: str
    first_day: date
    dated: date
    archive_hash: str
    entries: pl.DataFrame
    payments: pl.DataFrame
    accruals: pl.DataFrame
    rates: RatesOfDay | None
    reverses: str | None = None
    rules: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    deliveries: Sequence[tuple[str, str, int]] = ()


def book(
    connection: sqlite3.Connection,
    new: NewBatch,
    stamp: Stamp,
    details: Mapping[str, object],
    states: Sequence[State] = (),
) -> list[str]:
    """Books a batch with its record and payments; the ids of its payments, in their order.

    `states` are states of earlier payments that change with it.
    """
    header: list[Value] = [
        new.id,
        new.period,
        new.first_day.isoformat(),
        new.dated.isoformat(),
        new.reverses,
        new.archive_hash,
        newest_batch_hash(connection),
    ]
    connection.execute(
        "PRAGMA defer_foreign_keys = ON"
    )  # the hash covers the rows: they come first
    entries = [(new.id, *row) for row in _as_text(new.entries, _ENTRY).iter_rows()]
    _insert(connection, "entries", ["batch_id", *_named(_ENTRY)], entries)
    rules = [(new.id, name, *rule) for name, rule in sorted(new.rules.items())]
    _insert(connection, "rules", ["batch_id", "program_id", "rule_hash", "kind"], rules)
    deliveries = [(new.id, *delivery) for delivery in sorted(new.deliveries)]
    _insert(connection, "deliveries", ["batch_id", "source", "month", "lines"], deliveries)
    accruals = [(new.id, *row) for row in _as_text(new.accruals, _ACCRUAL).iter_rows()]
    _insert(connection, "accruals", ["batch_id", *_named(_ACCRUAL)], accruals)
    payments = _payment_rows(new)
    digest = chain.batch_hash(connection, header, payments, chain.NEWEST)
    connection.execute(
        f"INSERT INTO batches ({chain.BATCH_COLUMNS}, record, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*header, _next_record(connection), digest],
    )
    ids = [
        chain.payment_id(digest, str(row[0]), [str(cell) for cell in row[1:5]]) for row in payments
    ]
    named = [(name, new.id, *row) for name, row in zip(ids, payments, strict=True)]
    _insert(connection, "payments", ["payment_id", "batch_id", *_named(_PAYMENT)], named)
    first = [
        State(name, "paid" if row[0] == "opening" else "reserved")
        for name, row in zip(ids, payments, strict=True)
    ]
    _record(connection, "post" if new.reverses is None else "void", new.id, new.dated, stamp,
            details, [*first, *states], digest, new.rates)  # fmt: skip
    return ids


def note(
    connection: sqlite3.Connection,
    kind: str,
    batch_id: str,
    effective_on: date,
    stamp: Stamp,
    details: Mapping[str, object],
    states: Sequence[State] = (),
    *,
    rates: RatesOfDay | None = None,
    remittances: Sequence[Remittance] = (),
) -> str:
    """Appends a record that books nothing: an approval, a release, an export, the bank's answer.

    An export has `remittances`, an answer the `rates` of its day.
    """
    return _record(
        connection, kind, batch_id, effective_on, stamp, details, states, None, rates, remittances
    )


def _named(columns: Sequence[str]) -> list[str]:
    """Columns of a frame as the ledger names them."""
    return ["amount_minor" if name == "units" else name for name in columns]


def _record(
    connection: sqlite3.Connection,
    kind: str,
    batch_id: str,
    effective_on: date,
    stamp: Stamp,
    details: Mapping[str, object],
    states: Sequence[State],
    hash_of_batch: str | None,
    rates: RatesOfDay | None,
    remittances: Sequence[Remittance] = (),
) -> str:
    seq = _next_record(connection)
    header: list[Value] = [
        seq,
        kind,
        batch_id,
        effective_on.isoformat(),
        stamp.at.isoformat(timespec="seconds"),
        stamp.user,
        stamp.host,
        json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        newest_hash(connection),
    ]
    connection.execute("PRAGMA defer_foreign_keys = ON")
    _insert(
        connection,
        "payment_states",
        ["record", "payment_id", "state", "reason", "account_name", "iban", "bic"],
        [(seq, one.payment_id, one.state, one.reason, *one.account) for one in states],
    )
    _insert(connection, "rates", ["record", "currency", "home", "rate"], _rate_rows(seq, rates))
    _insert(
        connection,
        "remittances",
        ["record", "payment_id", "execute_on", "tax_form", "withholding", "gross_minor",
         "withheld_minor", "net_minor"],
        [(seq, *_remittance_row(one)) for one in remittances],
    )  # fmt: skip
    digest = chain.record_hash(connection, header, hash_of_batch, chain.NEWEST)
    connection.execute(
        f"INSERT INTO records ({chain.RECORD_COLUMNS}, hash, version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*header, digest, chain.NEWEST],
    )
    return digest


def _rate_rows(record: int, rates: RatesOfDay | None) -> list[tuple[Value, ...]]:
    if rates is None:
        return []
    return [
        (record, currency, rates.home, money.plain(rate)) for currency, rate in rates.rates.items()
    ]


def _remittance_row(one: Remittance) -> tuple[Value, ...]:
    return (
        one.payment_id, one.execute_on.isoformat(), one.tax_form, money.plain(one.withholding),
        one.gross_minor, one.withheld_minor, one.net_minor,
    )  # fmt: skip


def _next_record(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM records").fetchone()[0])


def _insert(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Value, ...]],
) -> None:
    places = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


def _payment_rows(new: NewBatch) -> list[tuple[Value, ...]]:
    rows = _as_text(new.payments, _PAYMENT)
    return list(rows.sort(_PAYMENT_KEY).iter_rows())


def _as_text(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Amounts as whole minor units, dates as ISO text, points as exact decimal text."""
    frame = frame.with_columns(units=money.units_of(pl.col("amount"), pl.col("currency")))
    if "points" in columns:
        frame = frame.with_columns(points=money.plain_text(pl.col("points")))
    return frame.select(
        pl.col(name).dt.to_string("%Y-%m-%d") if frame.schema.get(name) == pl.Date else pl.col(name)
        for name in columns
    )
