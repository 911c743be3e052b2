"""What reading works on: files that are about to be read, and pieces of files of one shape."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.core.input_frames import scan_ipc
from incentivectl.ingest.files.files import DataFile
from incentivectl.ingest.files.layout import Layout
from incentivectl.ingest.files.text import Text

ROWS_IN_MEMORY = 100_000

Way = Literal["scan", "split", "parquet", "sheet"]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that is about to be read.

    Its rows have numbers from `first_row` on, fewer than `most_rows`. `constants` are the values of
    its `from_path` columns. `records` are those of a sheet, which is read when it is opened.
    """

    file: DataFile
    text: Text
    layout: Layout
    way: Way
    first_row: int
    most_rows: int
    constants: tuple[tuple[str, str], ...]
    records: pl.LazyFrame | None = field(default=None, compare=False)

    @property
    def shape(self) -> tuple[object, ...]:
        """Files that lie side by side and agree in this are read together."""
        return (self.file.source.name, self.layout, self.way, self.constants, self.text.delimiter)

    @property
    def first_line(self) -> int:
        """The physical line of the row `first_row` (in Parquet its number, from 1)."""
        return self.layout.lines_before + 1

    @property
    def has_lines(self) -> bool:
        """Whether the records carry their line (and the text of wrong ones): they are no lines each."""
        return self.way in ("split", "sheet")

    @property
    def data_lines(self) -> int:
        """The lines that may hold records."""
        return max(self.text.traits.lines - self.layout.lines_before, 0)


@dataclass(frozen=True)
class Piece:
    """Files of one shape and their records.

    `cells` has `row` (`ROW`, rising in reading order), `wrong` (Boolean: not as many cells as
    columns) and the cells `c0`, `c1`, … (String, null where empty). `iso` are the positions whose cells
    came typed, and are therefore written in the ISO dialect. `records` counts the records of each file;
    `footers` are the rows that `footer_rows` names. `replacements` tells that some cell may hold U+FFFD,
    `errors` an error value such as `#N/A`, `padded` that some may begin or end with white space,
    `exponents` that some may be numbers such as `2E+11`.
    """

    source_name: str
    layout: Layout
    files: tuple[ReadFile, ...]
    cells: pl.LazyFrame
    records: tuple[int, ...]
    iso: frozenset[int] = frozenset()
    replacements: bool = False
    padded: bool = True
    exponents: bool = True
    errors: bool = True
    footers: pl.Series = field(default_factory=lambda: pl.Series(dtype=ROW))

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
            schema={"row": ROW, "file": pl.String, "first_row": ROW, "first_line": pl.Int64},
        )
        placed = rows.sort("row").join_asof(starts, on="row")
        if self.first.has_lines:
            lines = self.cells.select("row", pl.col("line").cast(pl.Int64))
            joined = placed.lazy().join(lines, on="row", how="left").collect(engine="streaming")
        else:
            in_file = (pl.col("row") - pl.col("first_row")).cast(pl.Int64)
            joined = placed.with_columns(line=in_file + pl.col("first_line"))
        return joined.drop("first_row", "first_line").sort("row")


def cell(place: int) -> pl.Expr:
    """The cells at a position."""
    return pl.col(f"c{place}")


def has_quotes(files: tuple[ReadFile, ...]) -> bool:
    """Whether any of the files has a quote."""
    return any(file.text.traits.quotes for file in files)


def has_replacements(files: tuple[ReadFile, ...]) -> bool:
    """Whether any of the files has bytes that could not be decoded (U+FFFD)."""
    return any(file.text.traits.replacements for file in files)


def is_padded(files: tuple[ReadFile, ...]) -> bool:
    """Whether any of the files has cells that may begin or end with white space."""
    return any(file.text.traits.padded for file in files)


def has_exponents(files: tuple[ReadFile, ...]) -> bool:
    """Whether any of the files has a number such as `2E+11`."""
    return any(file.text.traits.exponents for file in files)


def has_errors(files: tuple[ReadFile, ...]) -> bool:
    """Whether any of the files has an error value such as `#N/A`."""
    return any(file.text.traits.errors for file in files)


def footers(
    files: tuple[ReadFile, ...], records: Sequence[int], empty: pl.Series | None = None
) -> pl.Series:
    """The last rows of each file, as many as its source's `footer_rows`.

    Rows follow on each other, `records` of them, but for the `empty` lines between them.
    """
    wanted = files[0].file.source.footer_rows
    gaps = set() if empty is None or not wanted else set(empty)
    found: list[int] = []
    for file, count in zip(files, records, strict=True):
        end = file.first_row + (count if empty is None else file.data_lines)
        last = (row for row in range(end - 1, file.first_row - 1, -1) if row not in gaps)
        found += islice(last, wanted)
    return pl.Series(found, dtype=ROW)


def kept_together(frames: Iterable[pl.DataFrame], scratch: Path) -> Iterator[pl.LazyFrame]:
    """The frames in their order, so many at once that they need not stay in memory."""
    some: list[pl.DataFrame] = []
    for frame in frames:
        some.append(frame)
        if sum(one.height for one in some) >= ROWS_IN_MEMORY:
            yield kept(pl.concat(some), scratch)
            some = []
    if some:
        yield kept(pl.concat(some), scratch)


def kept(frame: pl.DataFrame, scratch: Path) -> pl.LazyFrame:
    """The frame itself where it is small, else a scan of what is kept of it on disk."""
    if frame.height < ROWS_IN_MEMORY:
        return frame.lazy()
    scratch.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="cells-", suffix=".arrow", dir=scratch)
    os.close(handle)
    frame.write_ipc(name)
    return scan_ipc(Path(name))
