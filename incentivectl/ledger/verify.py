"""`ledger verify`: finds any changed, missing or inserted row, and says which batch.

Everything is computed again from the rows: the hash of each batch and record, the chain between them,
payment ids, and the tables themselves (docs/ledger.md, "The chain").
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from incentivectl.core.nouns import counted
from incentivectl.ledger import chain
from incentivectl.ledger.schema import expected_objects, objects_of

_UNFOUNDED = {  # orphaned rows, which the chain does not cover
    "entries": "SELECT count(*) FROM entries WHERE batch_id NOT IN (SELECT id FROM batches)",
    "payments": "SELECT count(*) FROM payments WHERE batch_id NOT IN (SELECT id FROM batches)",
    "rules": "SELECT count(*) FROM rules WHERE batch_id NOT IN (SELECT id FROM batches)",
    "deliveries": "SELECT count(*) FROM deliveries WHERE batch_id NOT IN (SELECT id FROM batches)",
    "accruals": "SELECT count(*) FROM accruals WHERE batch_id NOT IN (SELECT id FROM batches)",
    "rates": "SELECT count(*) FROM rates WHERE record NOT IN (SELECT seq FROM records)",
    "remittances": (
        "SELECT count(*) FROM remittances WHERE record NOT IN (SELECT seq FROM records)"
    ),
    "batches": "SELECT count(*) FROM batches WHERE record NOT IN (SELECT seq FROM records)",
    "payment_states": (
        "SELECT count(*) FROM payment_states WHERE record NOT IN (SELECT seq FROM records)"
    ),
    "payments without a state": (
        "SELECT count(*) FROM payments WHERE payment_id NOT IN"
        " (SELECT payment_id FROM payment_states)"
    ),
}
_FIRST_BATCHES = (
    "(SELECT b.id FROM batches b JOIN records r ON r.seq = b.record WHERE r.version = 1)"
)
_FIRST_RECORDS = "(SELECT seq FROM records WHERE version = 1)"
_ADDED_LATER = {  # what the first version of the hashes did not cover, because it was not there
    "entries": f"batch_id IN {_FIRST_BATCHES} AND debtor IS NOT NULL",
    "payments": (
        f"batch_id IN {_FIRST_BATCHES}"
        " AND coalesce(debtor_name, debtor_iban, debtor_bic) IS NOT NULL"
    ),
    "rules": f"batch_id IN {_FIRST_BATCHES} AND kind IS NOT NULL",
    "accruals": f"batch_id IN {_FIRST_BATCHES}",
    "rates": f"record IN {_FIRST_RECORDS}",
    "remittances": f"record IN {_FIRST_RECORDS}",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was booked: where (a batch, or a part of the file), and what."""

    where: str
    what: str


@dataclass(frozen=True)
class Verdict:
    """What a verification found, and how much it looked at."""

    faults: tuple[Fault, ...]
    records: int
    batches: int
    entries: int
    newest: str


def verify(connection: sqlite3.Connection) -> Verdict:
    """Computes every hash again; never raises for what is wrong with the ledger itself."""
    try:
        faults = list(_faults(connection))
        seen, booked, entries = (
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("records", "batches", "entries")
        )
        row = connection.execute("SELECT hash FROM records ORDER BY seq DESC LIMIT 1").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError) as error:
        return Verdict((Fault("the file", f"is damaged: {error}"),), 0, 0, 0, "")
    newest = chain.GENESIS if row is None else str(row[0])
    return Verdict(tuple(faults), seen, booked, entries, newest)


def _faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    damaged = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
    if damaged != ["ok"]:
        yield from (Fault("the file", f"is damaged: {text}") for text in damaged)
    yield from _tables(connection)
    faults: list[Fault] = []
    hashes = dict(_batches(connection, faults))
    yield from faults
    yield from _records(connection, hashes)
    for table, query in _UNFOUNDED.items():
        count = connection.execute(query).fetchone()[0]
        if count:
            yield Fault(table, f"{counted(count, 'row')} without a booked batch or payment")
    for table, which in _ADDED_LATER.items():
        count = connection.execute(f"SELECT count(*) FROM {table} WHERE {which}").fetchone()[0]
        if count:
            yield Fault(table, f"{counted(count, 'row')} added to after booking")


def _tables(connection: sqlite3.Connection) -> Iterator[Fault]:
    expected, found = expected_objects(), objects_of(connection)
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            what = "is missing" if name not in found else "was altered"
            yield Fault(f"the table or trigger {name}", what)


def _batches(connection: sqlite3.Connection, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """Batch id → hash as it is computed now; what differs from the rows goes to `faults`."""
    previous = chain.GENESIS
    rows = connection.execute(
        f"SELECT {chain.BATCH_COLUMNS}, hash, coalesce((SELECT version FROM records"
        f" WHERE seq = record), {chain.NEWEST}) FROM batches ORDER BY record"
    ).fetchall()
    for *header, stated, version in rows:
        name = str(header[0])
        if header[-1] != previous:
            faults.append(Fault(f"batch {name}", "does not follow the batch before it"))
        paid = connection.execute(chain.formula_of(version).payments, (name,))
        digest = chain.batch_hash(connection, header, paid, version)
        if digest != stated:
            faults.append(Fault(f"batch {name}", "entries or payments were changed after booking"))
        ids = connection.execute(
            "SELECT payment_id, kind, payee_kind, payee_id, currency, method FROM payments"
            " WHERE batch_id = ?",
            (name,),
        )
        for payment_id, kind, *key in ids:
            if payment_id != chain.payment_id(stated, kind, key):
                faults.append(Fault(f"batch {name}", f"payment {payment_id} has another id"))
        previous = stated
        yield name, digest


def _records(connection: sqlite3.Connection, hashes: dict[str, str]) -> Iterator[Fault]:
    previous, expected = chain.GENESIS, 1
    booked = dict(connection.execute("SELECT record, id FROM batches").fetchall())
    rows = connection.execute(
        f"SELECT {chain.RECORD_COLUMNS}, hash, version FROM records ORDER BY seq"
    )
    for *header, stated, version in rows.fetchall():
        seq, kind, name = header[0], header[1], header[2]
        where = f"batch {name}, record {seq} ({kind})"
        if seq != expected:
            yield Fault(where, f"record {expected} is missing before it")
        if header[-1] != previous:
            yield Fault(where, "does not follow the record before it")
        if (kind in ("post", "void")) != (seq in booked):
            yield Fault(where, "has no batch" if seq not in booked else "should not have a batch")
        own = hashes.get(booked[seq]) if seq in booked else None
        if chain.record_hash(connection, header, own, version) != stated:
            yield Fault(where, "was changed after it was recorded")
        previous, expected = stated, seq + 1
