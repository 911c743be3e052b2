"""Hashes: what a batch and a record say of themselves and of the one before.

A row is hashed as the JSON list of its values, so that no two contents have one text. A batch's hash
covers what it books and pays, and no clock: computed again, a batch has the same hash and the same
payment ids. A record's hash covers everything else, too: when, by whom, and what became of payments.
Each record names the version of both hashes, so that what was hashed once stays as it was
(docs/ledger.md, "The chain").
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

Value = str | int | None
GENESIS = "0" * 64
FIRST, NEWEST = 1, 2  # versions of the hashes: `records.version`
BATCH_COLUMNS = "id, period, first_day, dated, reverses, archive_hash, previous_hash"
RECORD_COLUMNS = (
    "seq, kind, batch_id, effective_on, recorded_at, recorded_by, host, details, previous_hash"
)
_ENTRY = (
    "id, batch_id, kind, program_id, period_start, period_end, payee_kind, payee_id, currency,"
    " method, amount_minor, points, adjustment_id, rule_hash"
)
_ACCRUAL = (
    "id, batch_id, program_id, period_start, period_end, status, currency, debtor, amount_minor"
)
_PAYMENT = "kind, payee_kind, payee_id, currency, method, amount_minor, points"
_DELIVERIES = (
    "SELECT batch_id, source, month, lines FROM deliveries WHERE batch_id = ?"
    " ORDER BY source, month"
)
_STATES = (
    "SELECT id, record, payment_id, state, reason, account_name, iban, bic FROM payment_states"
    " WHERE record = ? ORDER BY id"
)


@dataclass(frozen=True)
class Formula:
    """The rows that the hashes of one version cover, as queries by batch or by record.

    Payment ids follow from the batch's hash and are no part of it.
    """

    batch_rows: tuple[str, ...]
    payments: str
    record_rows: tuple[str, ...]


_FIRST = Formula(
    batch_rows=(
        f"SELECT {_ENTRY} FROM entries WHERE batch_id = ? ORDER BY id",
        "SELECT batch_id, program_id, rule_hash FROM rules WHERE batch_id = ? ORDER BY program_id",
        _DELIVERIES,
    ),
    payments=(
        f"SELECT {_PAYMENT} FROM payments WHERE batch_id = ?"
        " ORDER BY kind, payee_kind, payee_id, currency, method"
    ),
    record_rows=(_STATES,),
)
_SECOND = Formula(
    batch_rows=(
        f"SELECT {_ENTRY}, debtor FROM entries WHERE batch_id = ? ORDER BY id",
        "SELECT batch_id, program_id, rule_hash, kind FROM rules WHERE batch_id = ?"
        " ORDER BY program_id",
        _DELIVERIES,
        f"SELECT {_ACCRUAL} FROM accruals WHERE batch_id = ? ORDER BY id",
    ),
    payments=(
        f"SELECT {_PAYMENT}, debtor_name, debtor_iban, debtor_bic FROM payments"
        " WHERE batch_id = ? ORDER BY kind, payee_kind, payee_id, currency, method"
    ),
    record_rows=(
        _STATES,
        "SELECT record, currency, home, rate FROM rates WHERE record = ? ORDER BY currency",
        "SELECT record, payment_id, execute_on, tax_form, withholding, gross_minor,"
        " withheld_minor, net_minor FROM remittances WHERE record = ? ORDER BY payment_id",
    ),
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # one for all rows


def formula_of(version: int) -> Formula:
    """What the hashes of a record of this version, and of its batch, are made of."""
    return _FIRST if version == FIRST else _SECOND


def batch_hash(
    connection: sqlite3.Connection,
    header: Sequence[Value],
    payments: Iterable[Sequence[Value]],
    version: int,
) -> str:
    """The hash of a batch: its `BATCH_COLUMNS`, its rows in the ledger, and its payments.

    `payments` have the columns of `Formula.payments`, in that order.
    """
    digest = sha256(_text([*header, *_named(version)]))
    for query in formula_of(version).batch_rows:
        _add(digest, connection.execute(query, (header[0],)))
    _add(digest, payments)
    return digest.hexdigest()


def record_hash(
    connection: sqlite3.Connection,
    header: Sequence[Value],
    hash_of_batch: str | None,
    version: int,
) -> str:
    """The hash of a record from its `RECORD_COLUMNS`, its batch's hash and its rows in the ledger."""
    digest = sha256(_text([*header, hash_of_batch, *_named(version)]))
    for query in formula_of(version).record_rows:
        _add(digest, connection.execute(query, (header[0],)))
    return digest.hexdigest()


def _named(version: int) -> list[Value]:
    """A version as part of what is hashed; the first one did not name itself."""
    return [] if version == FIRST else [version]


def payment_id(hash_of_batch: str, kind: str, key: Sequence[str]) -> str:
    """The id of a payment: it follows from the batch's hash, payee, currency and method."""
    return "P" + sha256(_text([hash_of_batch, kind, *key])).hexdigest()[:20].upper()


def _add(digest: "_Hash", rows: Iterable[Sequence[Value]]) -> None:
    for row in rows:
        digest.update(_text(row))
    digest.update(b"\n")


def _text(values: Sequence[Value]) -> bytes:
    return _ENCODER.encode(list(values)).encode() + b"\n"
