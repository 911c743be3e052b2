"""Files as frames of text cells: one row for each record, each with its place in the reading order.

Most files have one plain record on each line; those are scanned by Polars, many files at once. Before
that a pass over their physical lines finds what the scan could not tell: empty lines, and records
with too few or too many cells. Files with quoted line breaks or odd quotes are split record by record
(`split`), and so are small ones.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

import polars as pl

from incentivectl.ingest.files import DataFile
from incentivectl.ingest.layout import Layout
from incentivectl.ingest.parquet import parquet_cells
from incentivectl.ingest.reasons import ALL_CODES
from incentivectl.ingest.split import split_records
from incentivectl.ingest.text import UNIT_SEPARATOR, Text

SMALL = 1 << 16  # bytes; splitting so few is quicker than planning a scan
ROWS_AT_ONCE = 50_000
ROW = pl.UInt32

Way = Literal["scan", "split", "parquet"]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that is about to be read.

    Its rows have numbers from `first_row` on, fewer than `most_rows`. `constants` are the values of
    its `from_path` columns.
    """

    file: DataFile
    text: Text
    layout: Layout
    way: Way
    first_row: int
    most_rows: int
    constants: tuple[tuple[str, str], ...]

    @property
    def shape(self) -> tuple[object, ...]:
        """Files that lie side by side and agree in this are read together."""
        traits = self.text.traits
        return (
            self.file.source.name,
            self.layout,
            self.way,
            self.constants,
            traits.quotes,
            traits.valid,
            traits.replacements,
        )

    @property
    def first_line(self) -> int:
        """The physical line of the row `first_row` (in Parquet its number, from 1)."""
        return self.layout.lines_before + 1

    @property
    def data_lines(self) -> int:
        """The lines that may hold records."""
        return max(self.text.traits.lines - self.layout.lines_before, 0)


@dataclass(frozen=True)
class Piece:
    """Files of one shape and their records.

    `cells` has `row` (UInt32, rising in reading order), `wrong` (Boolean: not as many cells as
    columns) and the cells `c0`, `c1`, … (String). `iso` are the positions whose cells came typed, and
    are therefore written in the ISO dialect. `records` counts the records of each file.
    """

    source_name: str
    layout: Layout
    files: tuple[ReadFile, ...]
    cells: pl.LazyFrame
    records: tuple[int, ...]
    iso: frozenset[int] = frozenset()

    @property
    def first(self) -> ReadFile:
        """The first of the files; the others have the same shape."""
        return self.files[0]

    def own_rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those of `rows` (with a column `row`) that belong to this piece."""
        end = self.files[-1].first_row + self.files[-1].most_rows
        return rows.filter(pl.col("row").is_between(self.first.first_row, end, closed="left"))

    def located(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` (with a column `row`) with `file` (String, relative) and `line` (Int64)."""
        starts = pl.DataFrame(
            {
                "row": [file.first_row for file in self.files],
                "file": [file.file.name for file in self.files],
                "first_row": [file.first_row for file in self.files],
                "first_line": [file.first_line for file in self.files],
            },
            schema={"row": ROW, "file": pl.String, "first_row": pl.Int64, "first_line": pl.Int64},
        )
        placed = rows.sort("row").join_asof(starts, on="row")
        if self.first.way == "split":
            lines = self.cells.select("row", pl.col("line").cast(pl.Int64))
            joined = placed.lazy().join(lines, on="row", how="left").collect(engine="streaming")
        else:
            joined = placed.with_columns(
                line=pl.col("row") - pl.col("first_row") + pl.col("first_line")
            )
        return joined.drop("first_row", "first_line").sort("row")

    def raw_texts(self, rows: pl.Series) -> pl.DataFrame:
        """`row`, `text`: the records of the rows with a wrong number of cells, as they stand there."""
        if self.first.way == "split":
            found = self.cells.filter(pl.col("row").is_in(rows.implode())).select("row", "text")
        elif self.first.way == "scan":
            found = _lines(self.files).filter(pl.col("row").is_in(rows.implode()))
        else:
            return pl.DataFrame(schema={"row": ROW, "text": pl.String})
        return found.collect(engine="streaming")


def cell(place: int) -> pl.Expr:
    """The cells at a position."""
    return pl.col(f"c{place}")


def pieces_of(files: Sequence[ReadFile], scratch: Path) -> Iterator[Piece]:
    """The records of files in reading order, those of one shape together."""
    for _, alike in groupby(files, key=lambda file: file.shape):
        together = tuple(alike)
        if together[0].way == "scan":
            yield from _scanned_pieces(together, scratch)
        elif together[0].way == "split":
            yield _split_piece(together, scratch)
        else:
            yield from (_parquet_piece(file) for file in together)


def way_of(text: Text, path: Path) -> Way:
    """How a file is read: small ones and those with odd line ends are split."""
    if path.suffix == ".parquet":
        return "parquet"
    traits = text.traits
    is_odd = traits.lone_returns or traits.separators
    return "split" if traits.size <= max(SMALL, 0) or is_odd else "scan"


# --- one plain record on each line


def _scanned_pieces(files: tuple[ReadFile, ...], scratch: Path) -> Iterator[Piece]:
    """Pieces of the files that are regular, and of those that turn out not to be."""
    flagged = _flagged_lines(files)
    odd_rows = flagged.filter(pl.col("flag") == ODD)["row"]
    odd = [
        file
        for file in files
        if odd_rows.is_between(
            file.first_row, file.first_row + file.data_lines, closed="left"
        ).any()
    ]
    if odd:
        again = [replace(file, way="split") if file in odd else file for file in files]
        yield from pieces_of(again, scratch)
        return
    yield _scanned_piece(files, flagged)


EMPTY, WRONG, ODD, EXTRA = 0, 1, 2, 3


def _scan_options(files: tuple[ReadFile, ...]) -> dict[str, object]:
    valid = files[0].text.traits.valid
    return {
        "has_header": False,
        "skip_lines": files[0].layout.lines_before,
        "missing_columns": "insert",
        "extra_columns": "ignore",
        "truncate_ragged_lines": True,
        "empty_string_is_null": False,
        "encoding": "utf8" if valid else "utf8-lossy",
        "row_index_name": "at",
    }


def _with_rows(scan: pl.LazyFrame, files: tuple[ReadFile, ...]) -> pl.LazyFrame:
    """Adds `row`; the scan counts the lines of all its files in one go, as `first_row` does."""
    return scan.with_columns(row=pl.col("at") + pl.lit(files[0].first_row, dtype=ROW)).drop("at")


def _lines(files: tuple[ReadFile, ...]) -> pl.LazyFrame:
    """`row`, `text`: the physical lines of files of one shape."""
    scan = pl.scan_csv(
        [file.text.path for file in files],
        separator=UNIT_SEPARATOR,
        quote_char=None,
        schema={"text": pl.String},
        **_scan_options(files),  # type: ignore[arg-type]
    )
    return _with_rows(scan, files).select("row", pl.col("text").fill_null(""))


def _flagged_lines(files: tuple[ReadFile, ...]) -> pl.DataFrame:
    """`row`, `flag` of the lines that are more or less than one plain record."""
    layout, source = files[0].layout, files[0].file.source
    lines = _lines(files)
    text = pl.col("text")
    odd = pl.lit(value=False)
    if files[0].text.traits.quotes:
        quoted = pl.when(text.str.contains('"', literal=True)).then(text)
        odd = ~quoted.str.contains(_simple_quoting(source.delimiter))
    cells = cell_count(text, source.delimiter, quotes=files[0].text.traits.quotes)
    own = len(layout.names)
    flag = pl.when(text == "").then(EMPTY).when(odd.fill_null(value=False)).then(ODD)
    if not source.header:
        flag = flag.when(cells == layout.width).then(EXTRA).when(cells != own).then(WRONG)
    else:
        flag = flag.when(cells != layout.width).then(WRONG)
    flags = lines.select("row", flag=flag.otherwise(None).cast(pl.UInt8))
    return flags.filter(pl.col("flag").is_not_null()).collect(engine="streaming")


def cell_count(text: pl.Expr, delimiter: str, *, quotes: bool = True) -> pl.Expr:
    """How many cells a record has; delimiters within quotes do not count."""
    bare = text
    if quotes:
        quoted = pl.when(text.str.contains('"', literal=True)).then(text)
        bare = pl.coalesce(quoted.str.replace_all('"(?:[^"]|"")*"', ""), text)
    return bare.str.count_matches(delimiter, literal=True) + 1


def _simple_quoting(delimiter: str) -> str:
    """A line that is one record by itself, each cell either wholly quoted or without a quote."""
    stop = f"\\x{ord(delimiter):02x}"
    one = f'(?:"(?:[^"]|"")*"|[^"{stop}]*)'
    return f"^{one}(?:{stop}{one})*$"


def _scanned_piece(files: tuple[ReadFile, ...], flagged: pl.DataFrame) -> Piece:
    layout, source = files[0].layout, files[0].file.source
    scan = pl.scan_csv(
        [file.text.path for file in files],
        separator=source.delimiter,
        quote_char='"' if files[0].text.traits.quotes else None,
        schema={f"c{place}": pl.String for place in range(layout.width)},
        **_scan_options(files),  # type: ignore[arg-type]
    )
    rows = {flag: flagged.filter(pl.col("flag") == flag)["row"] for flag in (EMPTY, WRONG, EXTRA)}
    cells = _with_rows(scan, files)
    if not rows[EMPTY].is_empty():
        cells = cells.filter(~pl.col("row").is_in(rows[EMPTY].implode()))
    wrong = pl.lit(value=False)
    if not rows[WRONG].is_empty():
        wrong = pl.col("row").is_in(rows[WRONG].implode())
    if not rows[EXTRA].is_empty():
        is_wide = pl.col("row").is_in(rows[EXTRA].implode())
        wrong |= is_wide & ~_names_a_reason(cell(layout.reject_place("reject_reason")))
    empty = rows[EMPTY]
    counts = tuple(
        file.data_lines
        - int(
            empty.is_between(file.first_row, file.first_row + file.data_lines, closed="left").sum()
        )
        for file in files
    )
    return Piece(source.name, layout, files, cells.with_columns(wrong=wrong), counts)


def _names_a_reason(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().is_in(sorted(ALL_CODES))


# --- record by record


def _split_piece(files: tuple[ReadFile, ...], scratch: Path) -> Piece:
    layout = files[0].layout
    frames: list[pl.LazyFrame] = []
    counts = []
    for file in files:
        count = 0
        for frame in _split_frames(file):
            count += frame.height
            frames.append(_kept(frame, scratch))
        counts.append(count)
    cells = pl.concat(frames) if frames else _split_frame([], layout, 0).lazy()
    return Piece(files[0].file.source.name, layout, files, cells, tuple(counts))


def _kept(frame: pl.DataFrame, scratch: Path) -> pl.LazyFrame:
    """The frame itself where it is small, else a scan of what is kept of it on disk."""
    if frame.height < ROWS_AT_ONCE:
        return frame.lazy()
    scratch.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="split-", suffix=".arrow", dir=scratch)
    os.close(handle)
    frame.write_ipc(name)
    return pl.scan_ipc(name)


def _split_frames(file: ReadFile) -> Iterator[pl.DataFrame]:
    layout = file.layout
    with file.text.path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for _ in range(layout.lines_before):
            lines.readline()
        records = split_records(
            lines, file.file.source.delimiter, first_line=layout.lines_before + 1
        )
        first_row = file.first_row
        rows = ((r.line, r.text, r.cells) for r in records)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            yield _split_frame(some, layout, first_row)
            first_row += len(some)


def _split_frame(
    rows: list[tuple[int, str, list[str] | None]], layout: Layout, first_row: int
) -> pl.DataFrame:
    """`row`, `line`, `wrong`, `text` (only of wrong records) and the cells."""
    fits = [_fits(cells, layout) for _, _, cells in rows]
    empty = [""] * layout.width
    padded = [
        cells if cells is not None and len(cells) == layout.width else [*(cells or ()), *empty]
        for _, _, cells in rows
    ]
    columns = {
        f"c{place}": pl.Series([cells[place] for cells in padded], dtype=pl.String)
        for place in range(layout.width)
    }
    return pl.DataFrame(
        {
            "row": pl.int_range(first_row, first_row + len(rows), dtype=ROW, eager=True),
            "line": pl.Series([line for line, _, _ in rows], dtype=pl.Int64),
            "wrong": pl.Series([not fit for fit in fits], dtype=pl.Boolean),
            "text": pl.Series(
                [None if fit else text for fit, (_, text, _) in zip(fits, rows, strict=True)],
                dtype=pl.String,
            ),
            **columns,
        }
    )


def _fits(cells: list[str] | None, layout: Layout) -> bool:
    """Whether a record has as many cells as its layout; without a header the reject columns may lack."""
    if cells is None or len(cells) not in layout.widths:
        return False
    if layout.header or len(cells) == len(layout.names):
        return True
    return cells[layout.reject_place("reject_reason")].strip() in ALL_CODES


# --- Parquet


def _parquet_piece(file: ReadFile) -> Piece:
    cells, iso, count = parquet_cells(file.file.path)
    rows = cells.with_columns(
        row=pl.col("at") + pl.lit(file.first_row, dtype=ROW), wrong=pl.lit(value=False)
    )
    return Piece(file.file.source.name, file.layout, (file,), rows.drop("at"), (count,), iso)
