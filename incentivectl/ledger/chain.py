"""Hashes: what a batch and a record say of themselves and of the one before.

A row is hashed as the JSON list of its values, so that no two contents have one text. A batch's hash
covers what it books and pays, and no clock: computed again, a batch has the same hash and the same
payment ids. A record's hash covers everything else, too: when, by whom, and what became of payments
(docs/ledger.md, "The chain").
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

Value = str | int | None
GENESIS = "0" * 64
BATCH_COLUMNS = "id, period, first_day, dated, reverses, archive_hash, previous_hash"
RECORD_COLUMNS = (
    "seq, kind, batch_id, effective_on, recorded_at, recorded_by, host, details, previous_hash"
)
BATCH_ROWS = (
    "SELECT * FROM entries WHERE batch_id = ? ORDER BY id",
    "SELECT * FROM rules WHERE batch_id = ? ORDER BY program_id",
    "SELECT * FROM deliveries WHERE batch_id = ? ORDER BY source, month",
)
# Payment ids follow from the batch's hash and are no part of it.
PAYMENT_ROWS = """
SELECT kind, payee_kind, payee_id, currency, method, amount_minor, points FROM payments
WHERE batch_id = ? ORDER BY kind, payee_kind, payee_id, currency, method
"""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # one for all rows
STATE_ROWS = "SELECT * FROM payment_states WHERE record = ? ORDER BY id"


def batch_hash(
    connection: sqlite3.Connection, header: Sequence[Value], payments: Iterable[Sequence[Value]]
) -> str:
    """The hash of a batch: its `BATCH_COLUMNS`, its rows in the ledger, and its `PAYMENT_ROWS`."""
    digest = sha256(_text(header))
    for query in BATCH_ROWS:
        _add(digest, connection.execute(query, (header[0],)))
    _add(digest, payments)
    return digest.hexdigest()


def record_hash(
    connection: sqlite3.Connection, header: Sequence[Value], hash_of_batch: str | None
) -> str:
    """The hash of a record from its `RECORD_COLUMNS`, its batch's hash and its payment states."""
    digest = sha256(_text([*header, hash_of_batch]))
    _add(digest, connection.execute(STATE_ROWS, (header[0],)))
    return digest.hexdigest()


def payment_id(hash_of_batch: str, kind: str, key: Sequence[str]) -> str:
    """The id of a payment: it follows from the batch's hash, payee, currency and method."""
    return "P" + sha256(_text([hash_of_batch, kind, *key])).hexdigest()[:20].upper()


def _add(digest: "_Hash", rows: Iterable[Sequence[Value]]) -> None:
    for row in rows:
        digest.update(_text(row))
    digest.update(b"\n")


def _text(values: Sequence[Value]) -> bytes:
    return _ENCODER.encode(list(values)).encode() + b"\n"
