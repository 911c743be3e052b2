"""Files that are split record by record: small ones, quoted line breaks, odd quotes and line ends."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.core.input_files import opened_text
from incentivectl.ingest.files.layout import Layout
from incentivectl.ingest.files.pieces import (
    Piece,
    ReadFile,
    footers,
    has_errors,
    has_exponents,
    has_replacements,
    kept,
)
from incentivectl.ingest.files.split import split_records
from incentivectl.ingest.reasons import ALL_CODES

ROWS_AT_ONCE = 50_000


def split_piece(files: tuple[ReadFile, ...], scratch: Path) -> Piece:
    """The records of files of one shape; besides the cells `line` (Int64) and `text` (wrong records)."""
    layout = files[0].layout
    frames: list[pl.LazyFrame] = []
    some: list[pl.DataFrame] = [_split_frame([], layout, 0)]
    counts = []
    for file in files:
        count = 0
        for frame in _split_frames(file):
            count += frame.height
            some.append(frame)
            if sum(one.height for one in some) >= ROWS_AT_ONCE:
                frames.append(kept(pl.concat(some), scratch))
                some = []
        counts.append(count)
    if some:
        frames.append(kept(pl.concat(some), scratch))
    return Piece(
        files[0].file.source.name,
        layout,
        files,
        pl.concat(frames),
        tuple(counts),
        footers=footers(files, counts),
        replacements=has_replacements(files),
        exponents=has_exponents(files),
        errors=has_errors(files),
    )


def _split_frames(file: ReadFile) -> Iterator[pl.DataFrame]:
    layout = file.layout
    with opened_text(file.text.path, "utf-8-sig", "replace") as lines:
        for _ in range(layout.lines_before):
            lines.readline()
        records = split_records(lines, file.text.delimiter, first_line=layout.lines_before + 1)
        first_row = file.first_row
        rows = ((r.line, r.text, r.cells) for r in records)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            yield _split_frame(some, layout, first_row)
            first_row += len(some)


def _split_frame(
    rows: list[tuple[int, str, list[str] | None]], layout: Layout, first_row: int
) -> pl.DataFrame:
    """`row`, `line`, `wrong`, `text` (only of wrong records) and the cells."""
    fitting = [fits(cells, layout) for _, _, cells in rows]
    empty = [None] * layout.width
    padded = [
        cells if cells is not None and len(cells) == layout.width else [*(cells or ()), *empty]
        for _, _, cells in rows
    ]
    columns = {
        f"c{place}": pl.Series([cells[place] or None for cells in padded], dtype=pl.String)
        for place in range(layout.width)
    }
    return pl.DataFrame(
        {
            "row": pl.int_range(first_row, first_row + len(rows), dtype=ROW, eager=True),
            "line": pl.Series([line for line, _, _ in rows], dtype=pl.Int64),
            "wrong": pl.Series([not fit for fit in fitting], dtype=pl.Boolean),
            "text": pl.Series(
                [None if fit else text for fit, (_, text, _) in zip(fitting, rows, strict=True)],
                dtype=pl.String,
            ),
            **columns,
        }
    )


def fits(cells: list[str] | None, layout: Layout) -> bool:
    """Whether a record has as many cells as its layout; without a header the reject columns may lack."""
    if cells is None or len(cells) not in layout.widths:
        return False
    if layout.header or len(cells) == len(layout.names):
        return True
    return cells[layout.reject_place("reject_reason")].strip() in ALL_CODES
