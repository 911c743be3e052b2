"""What the ledger holds, read one thing at a time: batches, payments, approvals, the newest hash."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.rates import RatesOfDay
from incentivectl.ledger.chain import GENESIS


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: what it settles, who booked it, and whether another one reversed it."""

    id: str
    record: int
    period: str
    first_day: date
    dated: date
    reverses: str | None
    archive_hash: str
    hash: str
    recorded_at: str
    recorded_by: str
    host: str
    details: Mapping[str, object]
    voided_by: str | None

    @property
    def is_void(self) -> bool:
        """Whether it reverses another batch or was reversed itself."""
        return self.reverses is not None or self.voided_by is not None


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A payment and its state; `account` (name, IBAN, BIC) is the one it went to, if known.

    `debtor` is the account of who pays it, as on posting; None where nobody was named.
    """

    payment_id: str
    batch_id: str
    kind: str
    payee_kind: str
    payee_id: str
    currency: str
    method: str
    amount_minor: int
    points: str | None
    state: str
    reason: str
    account: tuple[str, str, str]
    record: int
    debtor: tuple[str, str, str] | None

    @property
    def amount(self) -> Decimal:
        """In units of the currency."""
        return money.from_minor(self.amount_minor, self.currency)

    @property
    def whole_points(self) -> int | None:
        """What it is worth in points, rounded half up; None where it is not paid in points."""
        return None if self.points is None else int(money.round_decimal(Decimal(self.points), 0))


@dataclass(frozen=True, slots=True)
class Export:
    """One payment file of a batch: when it was made, what it says, and the payments in it.

    `hash` is its record's: the newest of the ledger when the file was made. `sums`: payment id → what is
    withheld of a payment in cash and what is transferred, in minor units; earlier versions kept none.
    """

    record: int
    batch_id: str
    recorded_at: str
    details: Mapping[str, object]
    hash: str
    payments: tuple[BookedPayment, ...]
    sums: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a batch: the name given, and the user who ran the command, where and when.

    `accounts`: payment id → a hash of the account that it was to go to.
    """

    name: str
    user: str
    host: str
    at: str
    accounts: Mapping[str, str]


_BATCHES = """
SELECT b.id, b.record, b.period, b.first_day, b.dated, b.reverses, b.archive_hash, b.hash,
       r.recorded_at, r.recorded_by, r.host, r.details, v.id
FROM batches b JOIN records r ON r.seq = b.record LEFT JOIN batches v ON v.reverses = b.id
"""
_PAYMENTS = """
SELECT p.payment_id, p.batch_id, p.kind, p.payee_kind, p.payee_id, p.currency, p.method,
       p.amount_minor, p.points, s.state, s.reason, s.account_name, s.iban, s.bic, s.record,
       p.debtor_name, p.debtor_iban, p.debtor_bic
FROM payments p JOIN payment_states s ON {which}
"""
_LATEST = "s.id = (SELECT max(id) FROM payment_states WHERE payment_id = p.payment_id)"
_OF_RECORD = "s.payment_id = p.payment_id AND s.record = ?"


def batches(connection: sqlite3.Connection | None) -> list[Batch]:
    """All batches in the order in which they were booked."""
    if connection is None:
        return []
    return [_batch(row) for row in connection.execute(f"{_BATCHES} ORDER BY b.record")]


def _batch(row: tuple[object, ...]) -> Batch:
    try:
        return _read(row)
    except ValueError as error:  # a date or a text that nobody booked like this
        message = f"batch {row[0]} was changed after it was booked: {error}"
        hint = "restore the newest backup; `ledger verify` lists what was changed"
        raise Refused([Problem("damaged-ledger", message, hint)], ExitCode.CONFIG) from None


def _read(row: tuple[object, ...]) -> Batch:
    (name, record, period, first, dated, reverses, archive, own, at, by, host, details, void) = row
    return Batch(
        str(name),
        int(str(record)),
        str(period),
        date.fromisoformat(str(first)),
        date.fromisoformat(str(dated)),
        None if reverses is None else str(reverses),
        str(archive),
        str(own),
        str(at),
        str(by),
        str(host),
        json.loads(str(details)),
        None if void is None else str(void),
    )


def batch(connection: sqlite3.Connection | None, batch_id: str) -> Batch:
    """The batch of this id; refuses an unknown id and lists the known ones."""
    every = batches(connection)
    found = next((one for one in every if one.id == batch_id), None)
    if found is None:
        known = ", ".join(one.id for one in every[-5:])
        hint = f"the latest batches: {known}" if known else "nothing is booked yet"
        problem = Problem("no-batch", f"unknown batch `{batch_id}`", hint)
        raise Refused([problem], ExitCode.USAGE)
    return found


def archives(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """The id and archive hash of each batch that has an archive, whatever else its row holds."""
    return connection.execute(
        "SELECT id, archive_hash FROM batches WHERE reverses IS NULL ORDER BY record"
    ).fetchall()


def latest(connection: sqlite3.Connection | None) -> Batch | None:
    """The batch of the latest date that is not void."""
    standing = [one for one in batches(connection) if not one.is_void]
    return max(standing, key=lambda one: (one.dated, one.record), default=None)


def payments(
    connection: sqlite3.Connection | None, *, batch_id: str | None = None, payee: str | None = None
) -> list[BookedPayment]:
    """Payments with their latest states, in the order of payment ids."""
    if connection is None:
        return []
    where, values = [], []
    for column, value in (("batch_id", batch_id), ("payee_id", payee)):
        if value is not None:
            where.append(f"p.{column} = ?")
            values.append(value)
    clause = f"WHERE {' AND '.join(where)}" if where else ""
    rows = connection.execute(
        f"{_PAYMENTS.format(which=_LATEST)} {clause} ORDER BY p.payment_id", values
    )
    return [_payment(row) for row in rows]


def _payment(row: tuple[Any, ...]) -> BookedPayment:
    debtor = None if row[15] is None else row[15:18]
    return BookedPayment(*(*row[:11], row[11:14], row[14], debtor))


def exports(connection: sqlite3.Connection, batch_id: str | None = None) -> list[Export]:
    """The payment files of a batch, or of all, oldest first."""
    query = """
    SELECT seq, batch_id, recorded_at, details, hash FROM records
    WHERE kind = 'export' AND (:batch IS NULL OR batch_id = :batch) ORDER BY seq
    """
    return [
        Export(
            seq,
            batch,
            at,
            json.loads(text),
            own,
            payments_of_record(connection, seq),
            _sums(connection, seq),
        )
        for seq, batch, at, text, own in connection.execute(query, {"batch": batch_id}).fetchall()
    ]


def newest_form(connection: sqlite3.Connection) -> str | None:
    """The form of the newest payment file of any batch; None without one."""
    query = "SELECT details FROM records WHERE kind = 'export' ORDER BY seq DESC LIMIT 1"
    row = connection.execute(query).fetchone()
    return None if row is None else str(json.loads(row[0])["form"])


def payments_of_record(connection: sqlite3.Connection, record: int) -> tuple[BookedPayment, ...]:
    """The payments that an export, a void or another record changed, with their states after it."""
    query = _PAYMENTS.format(which=_OF_RECORD)
    rows = connection.execute(f"{query} ORDER BY p.payment_id", (record,))
    return tuple(_payment(row) for row in rows)


def _sums(connection: sqlite3.Connection, record: int) -> dict[str, tuple[int, int]]:
    query = "SELECT payment_id, withheld_minor, net_minor FROM remittances WHERE record = ?"
    return {name: (held, net) for name, held, net in connection.execute(query, (record,))}


def rates(connection: sqlite3.Connection, record: int) -> RatesOfDay | None:
    """The exchange rates that a record kept of its day; None where it kept none."""
    query = "SELECT home, currency, rate FROM rates WHERE record = ? ORDER BY currency"
    rows = connection.execute(query, (record,)).fetchall()
    if not rows:
        return None
    return RatesOfDay(rows[0][0], {currency: Decimal(rate) for _, currency, rate in rows})


def newest_hash(connection: sqlite3.Connection | None) -> str:
    """The hash of the newest record; of an empty ledger 64 zeros."""
    return _newest(connection, "SELECT hash FROM records ORDER BY seq DESC LIMIT 1")


def newest_batch_hash(connection: sqlite3.Connection | None, before: int | None = None) -> str:
    """The hash of the newest batch (before a record); 64 zeros without one."""
    limit = "" if before is None else f"WHERE record < {before}"
    return _newest(connection, f"SELECT hash FROM batches {limit} ORDER BY record DESC LIMIT 1")


def _newest(connection: sqlite3.Connection | None, query: str) -> str:
    row = None if connection is None else connection.execute(query).fetchone()
    return GENESIS if row is None else str(row[0])


def knows(connection: sqlite3.Connection | None, digest: str) -> bool:
    """Whether a hash, or the beginning of one, is that of a record or batch of this ledger."""
    if digest == GENESIS:
        return True
    if connection is None:
        return False
    query = """
    SELECT EXISTS (SELECT 1 FROM records WHERE hash >= :least AND hash <= :most)
        OR EXISTS (SELECT 1 FROM batches WHERE hash >= :least AND hash <= :most)
    """
    between = {"least": digest, "most": digest + "g"}
    return bool(digest) and bool(connection.execute(query, between).fetchone()[0])


def approvals(connection: sqlite3.Connection, batch_id: str) -> list[Approval]:
    """The approvals of a batch that name its hash, oldest first."""
    query = """
    SELECT r.details, r.recorded_by, r.host, r.recorded_at, b.hash
    FROM records r JOIN batches b ON b.id = r.batch_id
    WHERE r.kind = 'approve' AND r.batch_id = ? ORDER BY r.seq
    """
    found = []
    for text, user, host, at, own in connection.execute(query, (batch_id,)):
        details = json.loads(text)
        if details["batch_hash"] == own:
            accounts = details.get("accounts", {})
            found.append(Approval(str(details["name"]), user, host, at, accounts))
    return found


def totals(connection: sqlite3.Connection | None) -> dict[str, list[tuple[str, int, Decimal]]]:
    """By batch: currency, number of entries and their sum, for each currency."""
    found: dict[str, list[tuple[str, int, Decimal]]] = {}
    if connection is None:
        return found
    query = """
    SELECT batch_id, currency, count(*), sum(amount_minor) FROM entries
    GROUP BY batch_id, currency ORDER BY batch_id, currency
    """
    for batch_id, currency, count, units in connection.execute(query):
        found.setdefault(batch_id, []).append((currency, count, money.from_minor(units, currency)))
    return found
