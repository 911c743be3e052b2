"""What reading notes of single rows, so that they can be told with file and line (docs/operation.md, 42)."""

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema

# Where each row of the small tables in `small_tables.PLACED` stands; `at` is its index in the table.
PLACES: Schema = {"table": pl.String, "at": pl.UInt32, "file": pl.String, "line": pl.Int64}
# The first credits of no accepted sale or line; `rows` is how many there are.
UNMATCHED: Schema = {
    "sale_id": pl.String,
    "line_id": pl.String,
    "nearest": pl.String,
    "file": pl.String,
    "line": pl.Int64,
    "rows": pl.Int64,
}
# The first three rejected rows of each source, reason and column, of the file with most of them first. `rows`
# and `files` are how many there are, `in_file` how many in that file; `values` are texts to blame in it.
FIRST_REJECTED: Schema = {
    "table": pl.String,
    "source": pl.String,
    "reason": pl.String,
    "column": pl.String,
    "rows": pl.Int64,
    "files": pl.Int64,
    "in_file": pl.Int64,
    "file": pl.String,
    "line": pl.Int64,
    "value": pl.String,
    "values": pl.List(pl.String),
}
# The file of each source with most rows that were met before; `rows` is how many it has.
REPEATED: Schema = {"source": pl.String, "file": pl.String, "rows": pl.Int64}
# Sale lines that others replaced (see `ingest.account.replaced`); amounts are in workspace currency.
REPLACED: Schema = {
    "how": pl.String,
    "source": pl.String,
    "by_source": pl.String,
    "month": pl.Date,
    "by_month": pl.Date,
    "lines": pl.Int64,
    "before": money.AMOUNT,
    "after": money.AMOUNT,
    "places": pl.List(pl.String),
}
# Rejected rows by source, and unknown ids (`what`: rejected or unknown; `table` of an id: the master that
# lacks it). `amount` is absolute, at face value in `currency` (null: the workspace's), `day` the earliest.
WAITING: Schema = {
    "what": pl.String,
    "table": pl.String,
    "source": pl.String,
    "id": pl.String,
    "currency": pl.String,
    "rows": pl.Int64,
    "amount": money.AMOUNT,
    "day": pl.Date,
}
DETAILS: dict[str, Schema] = {
    "places": PLACES,
    "unmatched_credits": UNMATCHED,
    "first_rejected": FIRST_REJECTED,
    "replaced": REPLACED,
    "repeated": REPEATED,
    "waiting": WAITING,
}


def no_details() -> dict[str, pl.DataFrame]:
    """Every frame of `DETAILS`, empty."""
    return {name: pl.DataFrame(schema=schema) for name, schema in DETAILS.items()}
