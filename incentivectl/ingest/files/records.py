"""Files as frames of text cells: one row for each record, each with its place in the reading order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.core.safe_text import restored_column
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.ingest.files.filling import filled
from incentivectl.ingest.files.parquet import parquet_cells
from incentivectl.ingest.files.pieces import (
    Piece,
    ReadFile,
    Way,
    cell,
    footers,
    has_errors,
    has_replacements,
)
from incentivectl.ingest.files.scanned import (
    flagged_lines,
    odd_files,
    physical_lines,
    scanned_piece,
)
from incentivectl.ingest.files.split_files import split_piece
from incentivectl.ingest.files.text import Text

SMALL = 1 << 17  # bytes; splitting so few is quicker than planning a scan


def way_of(text: Text, path: Path) -> Way:
    """How a file can be read; files that may be scanned may also be split."""
    if path.suffix == ".parquet":
        return "parquet"
    if is_workbook(path):
        return "sheet"
    traits = text.traits
    return "split" if not traits.size or traits.lone_returns or traits.separators else "scan"


def pieces_of(files: Sequence[ReadFile], scratch: Path) -> Iterator[Piece]:
    """The records of files in reading order, those of one shape together."""
    return (filled(piece, scratch) for piece in _pieces_of(files, scratch))


def _pieces_of(files: Sequence[ReadFile], scratch: Path) -> Iterator[Piece]:
    for _, alike in groupby(files, key=lambda file: file.shape):
        together = tuple(alike)
        if together[0].way == "parquet":
            yield from (_parquet_piece(file) for file in together)
        elif together[0].way == "sheet":
            yield _sheet_piece(together)
        elif together[0].way == "split" or _size(together) <= SMALL:
            together = tuple(replace(file, way="split") for file in together)
            yield _restored(split_piece(together, scratch))
        else:
            yield from _scanned_pieces(together, scratch)


def _size(files: Sequence[ReadFile]) -> int:
    return sum(file.text.traits.size for file in files)


def _scanned_pieces(files: tuple[ReadFile, ...], scratch: Path) -> Iterator[Piece]:
    """Pieces of the files that are regular, and of those that turn out not to be."""
    flagged = flagged_lines(files)
    odd = odd_files(files, flagged)
    if odd:
        again = [replace(file, way="split") if file in odd else file for file in files]
        yield from _pieces_of(again, scratch)
    else:
        yield _restored(scanned_piece(files, flagged, scratch))


def _restored(piece: Piece) -> Piece:
    """The piece without the apostrophes that kept its cells from being run by a spreadsheet."""
    if not any(file.text.traits.apostrophes for file in piece.files):
        return piece
    cells = [cell(place) for place in range(piece.layout.width)]
    return replace(piece, cells=piece.cells.with_columns(map(restored_column, cells)))


def _parquet_piece(file: ReadFile) -> Piece:
    cells, iso, count = parquet_cells(file.file.path, file.file.source.time_zone)
    rows = cells.with_columns(
        row=pl.col("at") + pl.lit(file.first_row, dtype=ROW), wrong=pl.lit(value=False)
    )
    piece = Piece(file.file.source.name, file.layout, (file,), rows.drop("at"), (count,), iso)
    return replace(piece, footers=footers((file,), (count,)))


def _sheet_piece(files: tuple[ReadFile, ...]) -> Piece:
    cells = [
        file.records.with_columns(row=pl.col("at") + pl.lit(file.first_row, dtype=ROW)).drop("at")
        for file in files
        if file.records is not None
    ]
    counts = tuple(file.most_rows for file in files)
    return Piece(
        files[0].file.source.name,
        files[0].layout,
        files,
        pl.concat(cells),
        counts,
        footers=footers(files, counts),
        replacements=has_replacements(files),
        errors=has_errors(files),
    )


def raw_texts(piece: Piece, rows: pl.Series) -> pl.DataFrame:
    """`row`, `text`: the records of rows with a wrong number of cells, as they stand in the file."""
    if piece.first.way == "parquet" or rows.is_empty():
        return pl.DataFrame(schema={"row": ROW, "text": pl.String})
    texts = piece.cells if piece.first.has_lines else physical_lines(piece.files)
    wanted = texts.filter(pl.col("row").is_in(rows.implode())).select("row", "text")
    return wanted.collect(engine="streaming")
