"""Rejected rows that were corrected and read again: they are counted as superseded.

A corrected row names the rejected one by `reject_file` and `reject_line` (docs/rules.md, "Reading").
A row that was corrected twice leads from the last correction back to the first.
"""

import polars as pl

from incentivectl.ingest.pieces import ROW, Piece, cell
from incentivectl.ingest.table_rows import TableRows, decided

CORRECTIONS = {"row": ROW, "reject_file": pl.String, "reject_line": pl.Int64}


def supersede_corrected(rows: TableRows) -> None:
    """Turns the rejected rows whose correction was accepted into superseded ones."""
    found = [_corrections(piece) for piece in rows.opened.pieces if piece.layout.rejects]
    corrections = pl.concat([pl.DataFrame(schema=CORRECTIONS), *found])
    if corrections.is_empty():
        return
    rejected = rows.located(rows.rejected().select("row").collect(engine="streaming"))
    bad = set(rejected["row"])
    row_at = {(file, line): row for row, file, line in rejected.rows()}
    corrects = {row: row_at.get((file, line)) for row, file, line in corrections.rows()}
    superseded: set[int] = set()
    for row, corrected in corrects.items():
        target = None if row in bad else corrected
        while target is not None and target not in superseded:
            superseded.add(target)
            target = corrects.get(target)
    gone = pl.DataFrame({"row": sorted(superseded)}, schema={"row": ROW})
    fates = gone.with_columns(fate=pl.lit("superseded", dtype=rows.decided.schema["fate"]))
    kept = rows.decided.join(gone, on="row", how="anti")
    rows.decided = pl.concat([kept, decided(fates)])


def _corrections(piece: Piece) -> pl.DataFrame:
    layout = piece.layout
    file = cell(layout.reject_place("reject_file")).str.strip_chars()
    line = cell(layout.reject_place("reject_line")).str.strip_chars()
    return (
        piece.cells.filter(~pl.col("wrong") & (file != ""))
        .select("row", reject_file=file, reject_line=line.cast(pl.Int64, strict=False))
        .filter(pl.col("reject_line").is_not_null())
        .collect(engine="streaming")
    )
