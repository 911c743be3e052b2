"""The tables of the ledger, and how a file comes to the newest version of them.

Each migration runs in the transaction that opens the ledger for writing; `PRAGMA user_version` tells
which ones a file has. Amounts are whole minor units with their currency, dates ISO text. Triggers
refuse every update and delete.
"""

import sqlite3
from collections.abc import Sequence

_FIRST_TABLES = (
    "records", "batches", "entries", "payments", "payment_states", "rules", "deliveries",
)  # fmt: skip
_SECOND_TABLES = ("accruals", "rates", "remittances")
TABLES = (*_FIRST_TABLES, *_SECOND_TABLES)

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
_SECOND = """
ALTER TABLE records ADD COLUMN       -- how its hash and its batch's are made: `chain`
  version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE entries ADD COLUMN debtor TEXT;   -- who owes it; null where the config names nobody
ALTER TABLE payments ADD COLUMN debtor_name TEXT;
ALTER TABLE payments ADD COLUMN debtor_iban TEXT;
ALTER TABLE payments ADD COLUMN debtor_bic TEXT;
ALTER TABLE rules ADD COLUMN kind TEXT;       -- of the program
CREATE TABLE accruals (              -- what stood unbooked on a batch's date
  id INTEGER PRIMARY KEY,
  batch_id TEXT NOT NULL REFERENCES batches (id),
  program_id TEXT NOT NULL,
  period_start TEXT NOT NULL,
  period_end TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('held', 'accruing', 'fund')),
  currency TEXT NOT NULL,
  debtor TEXT,
  amount_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX accruals_of_batch ON accruals (batch_id);
CREATE TABLE rates (                 -- one unit of a currency in the workspace's, on a record's day
  record INTEGER NOT NULL REFERENCES records (seq) DEFERRABLE INITIALLY DEFERRED,
  currency TEXT NOT NULL,
  home TEXT NOT NULL,                -- the workspace's currency; its own rate is 1
  rate TEXT NOT NULL,                -- exact decimal
  PRIMARY KEY (record, currency)
) STRICT;
CREATE TABLE remittances (           -- what an export sends of a payment in cash
  record INTEGER NOT NULL REFERENCES records (seq) DEFERRABLE INITIALLY DEFERRED,
  payment_id TEXT NOT NULL REFERENCES payments (payment_id),
  execute_on TEXT NOT NULL,
  tax_form TEXT,                     -- as in force on that day; null without one
  withholding TEXT NOT NULL,         -- exact decimal: the rate in force on that day
  gross_minor INTEGER NOT NULL,
  withheld_minor INTEGER NOT NULL,
  net_minor INTEGER NOT NULL,
  PRIMARY KEY (record, payment_id)
) STRICT;
CREATE INDEX remittances_of_payment ON remittances (payment_id);
"""
_REFUSAL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table} BEGIN
  SELECT RAISE(ABORT, 'the ledger is only ever appended to');
END;
"""


def _append_only(tables: Sequence[str]) -> str:
    return "".join(
        _REFUSAL.format(table=table, verb=verb, VERB=verb.upper())
        for table in tables
        for verb in ("update", "delete")
    )


MIGRATIONS = (_FIRST + _append_only(_FIRST_TABLES), _SECOND + _append_only(_SECOND_TABLES))
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
