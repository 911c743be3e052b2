"""The first rejected rows of each source and reason, so that a run that stops can say why."""

import polars as pl

from incentivectl.ingest.account.details import FIRST_REJECTED
from incentivectl.ingest.account.rejects import rejected_records
from incentivectl.ingest.files.pieces import ROW, Piece
from incentivectl.ingest.reasons import reasons_of
from incentivectl.ingest.rows.table_rows import TableRows

EXAMPLES = 3
ORDER = ("source", "rows", "reason", "column")


def first_rejected(rows: TableRows) -> pl.DataFrame:
    """Columns `FIRST_REJECTED`; by source, the most frequent reasons first."""
    starts = rows.opened.file_starts()["row"]
    file = pl.col("row").map_batches(
        lambda some: starts.search_sorted(some, side="right"),
        return_dtype=pl.UInt32,
        is_elementwise=True,
    )
    groups = (
        rows.rejected()
        .select("row", "_reason", "_source", file=file)
        .group_by("_source", "_reason")
        .agg(
            first=pl.col("row").bottom_k(EXAMPLES),
            rows=pl.len().cast(pl.Int64),
            files=pl.col("file").n_unique().cast(pl.Int64),
        )
        .collect(engine="streaming")
    )
    if groups.is_empty():
        return pl.DataFrame(schema=FIRST_REJECTED)
    some = groups.explode("first").rename({"first": "row"})
    parts = [
        _placed(piece, rows, mine)
        for piece in rows.opened.pieces
        if not (mine := piece.own_rows(some)).is_empty()
    ]
    reasons = dict(enumerate(reasons_of(rows.table)))
    return (
        some.join(pl.concat(parts), on="row")
        .with_columns(
            table=pl.lit(rows.table),
            reason=_named({at: reason.code for at, reason in reasons.items()}),
            column=_named({at: reason.column for at, reason in reasons.items()}),
            source="_source",
        )
        .sort(*ORDER, "row", descending=[False, True, False, False, False])
        .select(pl.col(name).cast(dtype) for name, dtype in FIRST_REJECTED.items())
    )


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
