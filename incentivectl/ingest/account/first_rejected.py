"""The first rejected rows of each source and reason, so that a run that stops can say why."""

from collections.abc import Sequence

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.ingest.account.details import FIRST_REJECTED
from incentivectl.ingest.account.rejects import rejected_records
from incentivectl.ingest.files.pieces import Piece
from incentivectl.ingest.reasons import reasons_of
from incentivectl.ingest.rows.table_rows import TableRows

EXAMPLES = 3
SAMPLE = 100  # rows at either end of a file, of which the values are looked at
ORDER = ("source", "rows", "reason", "column")
_KEYS = ("_source", "_reason")


def first_rejected(rows: TableRows, by_file: pl.DataFrame) -> pl.DataFrame:
    """Columns `FIRST_REJECTED`; by source, the most frequent reasons first.

    `by_file` is what `rejected_by_file` found of the rows.
    """
    some = _sample(by_file)
    if some.is_empty():
        return pl.DataFrame(schema=FIRST_REJECTED)
    parts = [
        _placed(piece, rows, mine)
        for piece in rows.opened.pieces
        if not (mine := piece.own_rows(some)).is_empty()
    ]
    reasons = dict(enumerate(reasons_of(rows.table)))
    placed = some.join(pl.concat(parts), on="row").sort(*_KEYS, "rank", "row")
    return (
        placed.join(_values(placed), on=_KEYS)
        .filter(pl.int_range(pl.len()).over(_KEYS) < EXAMPLES)
        .with_columns(
            table=pl.lit(rows.table),
            reason=_named({at: reason.code for at, reason in reasons.items()}),
            column=_named({at: reason.column for at, reason in reasons.items()}),
            source="_source",
        )
        .sort(*ORDER, descending=[False, True, False, False], maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in FIRST_REJECTED.items())
    )


def rejected_by_file(rows: TableRows) -> pl.DataFrame:
    """The rejected rows of each source, reason and file: how many (`in_file`), the `first` and the `last`."""
    starts = rows.opened.file_starts()["row"]
    file = pl.col("row").map_batches(
        lambda some: starts.search_sorted(some, side="right"),
        return_dtype=pl.UInt32,
        is_elementwise=True,
    )
    return (
        rows.rejected()
        .select("row", *_KEYS, file=file)
        .group_by(*_KEYS, "file")
        .agg(
            first=pl.col("row").bottom_k(SAMPLE),
            last=pl.col("row").top_k(SAMPLE),
            in_file=pl.len().cast(pl.Int64),
        )
        .collect(engine="streaming")
    )


def rejected_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The `rejected_by_file` of all rows from those of their parts."""
    first, last = pl.col("first").explode().sort(), pl.col("last").explode().sort()
    return (
        pl.concat(parts)
        .group_by(*_KEYS, "file")
        .agg(first.head(SAMPLE), last.tail(SAMPLE), pl.col("in_file").sum())
    )


def _sample(by_file: pl.DataFrame) -> pl.DataFrame:
    """Some rejected rows of each source and reason, of the file with most of them more than of others.

    `row`, `_source`, `_reason`, `rank` (of the file: 0 has most of them), `rows`, `files`, `in_file`.
    """
    few = pl.col("first").list.sort().list.head(EXAMPLES)
    return (
        by_file.sort("in_file", "file", descending=[True, False])
        .with_columns(
            rank=pl.int_range(pl.len()).over(_KEYS),
            rows=pl.col("in_file").sum().over(_KEYS),
            files=pl.len().cast(pl.Int64).over(_KEYS),
            in_file=pl.col("in_file").max().over(_KEYS),
        )
        .filter(pl.col("rank") < EXAMPLES)
        .with_columns(
            row=pl.when(pl.col("rank") == 0).then(pl.concat_list("first", "last")).otherwise(few)
        )
        .drop("first", "last", "file")
        .explode("row")
        .unique("row")
    )


def _values(placed: pl.DataFrame) -> pl.DataFrame:
    """`values`, by source and reason: the different texts to blame in the file with most of them."""
    texts = pl.col("value").filter(pl.col("rank") == 0)
    return placed.group_by(_KEYS).agg(values=texts.drop_nulls().unique(maintain_order=True))


def _named(names: dict[int, str]) -> pl.Expr:
    return pl.col("_reason").replace_strict(names, return_dtype=pl.String)


def _placed(piece: Piece, rows: TableRows, mine: pl.DataFrame) -> pl.DataFrame:
    """`row`, `file`, `line`, `value` of some rejected rows of a piece."""
    ordered = mine.sort("row")
    records = rejected_records(piece, rows, (), ordered.select("row", "_reason"))
    return records.select(
        row=ordered["row"].cast(ROW),
        file="reject_file",
        line=pl.col("reject_line").cast(pl.Int64),
        value="reject_value",
    )
