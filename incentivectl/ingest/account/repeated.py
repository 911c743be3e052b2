"""Files of which many rows were met before, so that a file that is there twice can be named."""

from collections.abc import Sequence

import polars as pl

from incentivectl.ingest.account.details import REPEATED
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.sale_rows import SaleRows


def duplicates(rows: SaleRows) -> pl.DataFrame:
    """`_file`, `row` (the first), `rows`: the duplicates of each file."""
    found = rows.decided.filter(pl.col("fate") == "duplicate").sort("row")
    starts = rows.opened.file_starts().set_sorted("row")
    return (
        found.select("row")
        .join_asof(starts, on="row")
        .group_by("_file")
        .agg(pl.col("row").first(), rows=pl.len().cast(pl.Int64))
    )


def duplicates_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The `duplicates` of all rows from those of their parts."""
    return pl.concat(parts).group_by("_file").agg(pl.col("row").min(), pl.col("rows").sum())


def repeated(rows: TableRows, by_file: pl.DataFrame) -> pl.DataFrame:
    """The file of each source with most `duplicates` (columns `REPEATED`)."""
    if by_file.is_empty():
        return pl.DataFrame(schema=REPEATED)
    files = [file for piece in rows.opened.pieces for file in piece.files]
    sources = [files[number].file.source.name for number in by_file["_file"]]
    most = (
        by_file.with_columns(source=pl.Series(sources, dtype=pl.String))
        .sort("rows", "_file", descending=[True, False])
        .unique("source", keep="first", maintain_order=True)
    )
    return rows.located(most.sort("row")).select(
        pl.col(name).cast(dtype) for name, dtype in REPEATED.items()
    )
