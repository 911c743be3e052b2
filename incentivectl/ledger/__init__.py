"""The ledger: one SQLite file of batches, entries, payments and their states, only ever appended to.

Every change is a record; a record carries the hash of the one before it and of its own content, so
that any changed, missing or inserted row is found (docs/ledger.md, "The ledger").
"""
