"""The tables of the ledger, and how a file comes to the newest version of them.

Each migration runs in the transaction that opens the ledger for writing; `PRAGMA user_version` tells
which ones a file has. Amounts are whole minor units with their currency, dates ISO text. Triggers
refuse every update and delete.
"""

import sqlite3

TABLES = ("records", "batches", "entries", "payments", "payment_states", "rules", "deliveries")

_FIRST = """
CREATE TABLE records (               -- one for each change, in order and without gaps
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('post', 'void', 'approve', 'release', 'export', 'confirm')),
  batch_id TEXT NOT NULL REFERENCES batches (id) DEFERRABLE INITIALLY DEFERRED,
  effective_on TEXT NOT NULL,        -- what runs up to an earlier day do not know of
  recorded_at TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  host TEXT NOT NULL,
  details TEXT NOT NULL,             -- JSON: what the record's kind needs
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE batches (
  id TEXT NOT NULL PRIMARY KEY,
  record INTEGER NOT NULL UNIQUE REFERENCES records (seq),
  period TEXT NOT NULL,
  first_day TEXT NOT NULL,
  dated TEXT NOT NULL,
  reverses TEXT UNIQUE REFERENCES batches (id),
  archive_hash TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  batch_id TEXT NOT NULL REFERENCES batches (id),
  kind TEXT NOT NULL CHECK
    (kind IN ('opening', 'earning', 'true-up', 'clawback', 'adjustment', 'reversal')),
  program_id TEXT,
  period_start TEXT,
  period_end TEXT,
  payee_kind TEXT NOT NULL,
  payee_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  method TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  points TEXT,                       -- exact decimal, where the method is points
  adjustment_id TEXT,
  rule_hash TEXT
) STRICT;
CREATE INDEX entries_of_batch ON entries (batch_id);
CREATE INDEX entries_of_payee ON entries (payee_id);
CREATE TABLE payments (
  payment_id TEXT NOT NULL PRIMARY KEY,
  batch_id TEXT NOT NULL REFERENCES batches (id),
  kind TEXT NOT NULL CHECK (kind IN ('transfer', 'opening')),
  payee_kind TEXT NOT NULL,
  payee_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  method TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  points TEXT
) STRICT;
CREATE INDEX payments_of_batch ON payments (batch_id);
CREATE INDEX payments_of_payee ON payments (payee_id);
CREATE TABLE payment_states (        -- the latest one counts
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES records (seq),
  payment_id TEXT NOT NULL REFERENCES payments (payment_id),
  state TEXT NOT NULL CHECK
    (state IN ('reserved', 'cancelled', 'released', 'exported', 'paid', 'failed')),
  reason TEXT NOT NULL,
  account_name TEXT NOT NULL,
  iban TEXT NOT NULL,
  bic TEXT NOT NULL
) STRICT;
CREATE INDEX states_of_payment ON payment_states (payment_id);
CREATE INDEX states_of_record ON payment_states (record);
CREATE TABLE rules (                 -- the programs as a batch saw them
  batch_id TEXT NOT NULL REFERENCES batches (id),
  program_id TEXT NOT NULL,
  rule_hash TEXT NOT NULL,
  PRIMARY KEY (batch_id, program_id)
) STRICT;
CREATE TABLE deliveries (            -- the sale lines of each source and month as a batch saw them
  batch_id TEXT NOT NULL REFERENCES batches (id),
  source TEXT NOT NULL,
  month TEXT NOT NULL,
  lines INTEGER NOT NULL,
  PRIMARY KEY (batch_id, source, month)
) STRICT;
"""
_REFUSAL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table} BEGIN
  SELECT RAISE(ABORT, 'the ledger is only ever appended to');
END;
"""
MIGRATIONS = (
    _FIRST
    + "".join(
        _REFUSAL.format(table=table, verb=verb, VERB=verb.upper())
        for table in TABLES
        for verb in ("update", "delete")
    ),
)
VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the tables in a file; 0 before any exist."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the tables to the newest version, within the transaction that is open."""
    for number in range(version_of(connection), VERSION):
        for statement in _statements(MIGRATIONS[number]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number + 1}")


def _statements(script: str) -> list[str]:
    """The single statements of a script: `executescript` would end the transaction."""
    found, text = [], ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            found.append(text.strip())
            text = ""
    return found


def objects_of(connection: sqlite3.Connection) -> dict[str, str]:
    """Every table, index and trigger with the statement that made it."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows}


def expected_objects() -> dict[str, str]:
    """`objects_of` a ledger that nobody tampered with."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        return objects_of(connection)
    finally:
        connection.close()
